import pytest
from redis.asyncio import Redis

from bot.dialogue import files, trial
from heygem.base.settings import Settings
from tests.chatting import Chat, Room, excerpt_of_words, probe_words


@pytest.fixture
def words_are_media(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "probe", probe_words)
    monkeypatch.setattr(trial, "asked", excerpt_of_words)


@pytest.fixture
def chat(redis: Redis, settings: Settings) -> Chat:
    return Chat(Room(redis, settings))
