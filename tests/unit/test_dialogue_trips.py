"""How often the dialogue asks Redis: each question costs a person's patience where Redis is a network away."""

from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection

from bot.dialogue import files
from heygem.base.settings import Settings
from heygem.batches.model import Person, Place
from tests.chatting import Chat, Room, probe_words


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is sent to Redis, a pipeline as one."""
    sent: list[Any] = []
    send = AbstractConnection.send_packed_command

    async def counted(self: AbstractConnection, command: Any, *rest: Any, **more: Any) -> None:
        sent.append(command)
        await send(self, command, *rest, **more)

    monkeypatch.setattr(AbstractConnection, "send_packed_command", counted)
    monkeypatch.setattr(files, "probe", probe_words)
    return sent


async def test_a_first_voice_asks_twelve_times_at_most_and_a_further_template_six(
    redis: Redis, settings: Settings, trips: list[Any]
) -> None:
    room = Room(redis, settings)
    await Chat(room).ready()  # whatever is loaded once
    anna = Chat(room, Person(platform="telegram", id="5"), Place(platform="telegram", chat="5"))
    await room.access.allow(anna.person)
    trips.clear()
    await anna.send("voice 2 hello", "hello.ogg")
    assert len(trips) <= 12
    await anna.send("video 4 one", "one.mp4")
    trips.clear()
    await anna.send("video 4 two", "two.mp4")
    assert len(trips) <= 6
