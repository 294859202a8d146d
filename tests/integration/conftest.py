from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from heygem.base.settings import Settings
from tests.chatting import Room
from tests.chromium import browser, find
from tests.fakes.slack.server import SlackFake, slack_fake
from tests.fakes.telegram import FakeTelegram
from tests.telegramming import Desk, hurry, pointed_at, running_bot


@pytest.fixture(scope="module")
def devtools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A browser, for the tests of one file; they are skipped where none is installed."""
    find()
    with browser(tmp_path_factory.mktemp("chromium") / "profile") as address:
        yield address


@pytest.fixture
async def slack() -> AsyncIterator[SlackFake]:
    async with slack_fake() as fake:
        yield fake


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    with FakeTelegram() as telegram:
        yield telegram


@pytest.fixture
def quiet_desk(
    telegram: FakeTelegram, redis: Redis, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Desk:
    """Telegram and its people; no bot is running yet."""
    hurry(monkeypatch)
    return Desk(telegram, Room(redis, pointed_at(telegram, settings)), tmp_path)


@pytest.fixture
async def desk(quiet_desk: Desk) -> AsyncIterator[Desk]:
    async with running_bot(quiet_desk.telegram, quiet_desk.room.settings):
        yield quiet_desk
