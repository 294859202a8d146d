"""The real PTB against the fake Telegram: from a voice note to a link."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from heygem.settings import Settings
from tests.chatting import Room
from tests.fakes.telegram import FakeTelegram
from tests.telegramming import Desk, hurry, pointed_at, running_bot


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    with FakeTelegram() as telegram:
        yield telegram


@pytest.fixture
async def desk(
    telegram: FakeTelegram, redis: Redis, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Desk]:
    hurry(monkeypatch)
    async with running_bot(telegram, pointed_at(telegram, settings)):
        yield Desk(telegram, Room(redis, settings), tmp_path)


async def test_a_voice_an_album_and_one_tap_become_a_link(desk: Desk) -> None:
    anna = await desk.anna()
    anna.voice(desk.voice())
    anna.album(*(desk.file("video", f"face {number}.mp4") for number in (1, 2, 3)))
    await desk.batch(anna, 3)
    await desk.offers(anna, "Generate")
    anna.press("Generate")
    await desk.says(anna, "Off we go: 3 videos")
    await desk.room.work()
    done = await desk.says(anna, "Done! Your 3 videos are ready.")
    assert done.urls[0].startswith("http://127.0.0.1:8080/b/")
    status = await desk.says(anna, "Your 3 videos are ready\n")
    assert status.urls
    assert "1. face 1.mp4" in status.text
