"""The real bot, through the real PTB, talking to the fake Telegram; in this process or as one of its own."""

import asyncio
import itertools
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.chat import fetch, follower
from bot.chat.retry import Policy
from bot.dialogue import files as dialogue_files
from bot.previews import looks, thumbnails
from bot.telegram import calls, screen
from bot.telegram.app import serve
from heygem.base.settings import Settings, Telegram
from heygem.batches.model import Batch, Person, Place
from heygem.batches.store import Store
from heygem.redis import keys
from heygem.redis.connection import reply
from tests.chatting import Room, asked_words, probe_words
from tests.fakes.telegram import Chat, FakeTelegram, Sent
from tests.patience import PATIENCE_SECONDS
from tests.uploading import until

_numbers = itertools.count(1)


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bot with short waits, and files that say in words what probing shall find (`tests.chatting`)."""
    monkeypatch.setattr(dialogue_files, "probe", probe_words)
    monkeypatch.setattr(looks, "asked", asked_words)
    monkeypatch.setattr(thumbnails, "asked", asked_words)
    monkeypatch.setattr(follower, "_FOLD_S", 0.05)
    monkeypatch.setattr(follower, "_PAUSE_S", 0.1)
    monkeypatch.setattr(follower, "_UNASKED_S", 0.3)
    monkeypatch.setattr(follower, "_RETRY_S", 0.05)
    monkeypatch.setattr(screen, "_PRIVATE_S", 0.1)
    monkeypatch.setattr(screen, "_GROUP_S", 0.1)
    monkeypatch.setattr(screen, "_AGAIN_S", 0.1)
    monkeypatch.setattr(calls, "_TROUBLE_S", 0.1)
    monkeypatch.setattr(fetch, "PATIENT", Policy(pauses=(0.05,), longest=5.0, waits=3))


def pointed_at(telegram: FakeTelegram, settings: Settings, **more: object) -> Settings:
    values = {"base_url": telegram.base_url, "send_videos": False, **more}
    telegram_settings = Telegram.model_validate(values)
    return settings.model_copy(update={"telegram_token": SecretStr(telegram.token), "telegram": telegram_settings})


@asynccontextmanager
async def running_bot(telegram: FakeTelegram, settings: Settings) -> AsyncIterator["asyncio.Task[None]"]:
    """The bot in this process, listening."""
    stop = asyncio.Event()
    before = len(telegram.calls("getUpdates"))
    task = asyncio.create_task(serve(settings, telegram.token, stop))
    try:
        await telegram.until(
            lambda: task.done() or len(telegram.calls("getUpdates")) > before or telegram.state.webhook
        )
        if task.done():
            task.result()
        yield task
    finally:
        stop.set()
        if not task.done():
            await asyncio.wait_for(task, PATIENCE_SECONDS)


@dataclass
class Desk:
    """What a test needs to play people, and to look behind the scenes."""

    telegram: FakeTelegram
    room: Room
    folder: Path

    @property
    def store(self) -> Store:
        return self.room.store

    async def welcome(self, chat: Chat) -> Chat:
        """The person, or everybody in a group, may use the bot."""
        who = Person(platform="telegram", id=str(chat.id)) if chat.id > 0 else self.place(chat)
        await self.room.access.allow(who)
        return chat

    async def anna(self, language: str | None = "en") -> Chat:
        return await self.welcome(self.telegram.private(language=language))

    def place(self, chat: Chat) -> Place:
        return Place(platform="telegram", chat=str(chat.id), thread=str(chat.thread or ""))

    def file(self, kind: str, name: str = "", seconds: float = 2) -> Path:
        """A file whose content says what it is; each is different."""
        number = next(_numbers)
        path = self.folder / (name or f"{kind} {number}.mp4")
        path.write_text(f"{kind} {seconds} {number}")
        return path

    def voice(self) -> Path:
        return self.file("voice", f"voice {next(_numbers)}.ogg")

    async def toasts(self, text: str) -> None:
        """Wait until this is shown at a pressed button."""
        await self.telegram.until(lambda: any(text in toast for toast in self.telegram.state.toasts))

    async def says(self, chat: Chat, text: str, times: int = 1) -> Sent:
        """Wait for a message of the bot's that contains this."""

        def look() -> list[Sent]:
            found = [sent for sent in self.telegram.sent(chat) if text in sent.text]
            return found if len(found) >= times else []

        found: list[Sent] = await self.telegram.until(look)
        return found[-1]

    async def offers(self, chat: Chat, label: str) -> Sent:
        """Wait for a message with this button."""

        def look() -> list[Sent]:
            return [sent for sent in self.telegram.sent(chat) if label in sent.labels]

        found: list[Sent] = await self.telegram.until(look)
        return found[-1]

    async def batch(self, chat: Chat, items: int, *, voice: bool = True) -> Batch:
        """Wait until the batch collected there has so many items, and the voice."""
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            batch = await self.store.collecting(self.place(chat))
            if batch and len(batch.items) == items and bool(batch.voice) == voice:
                return batch
            await asyncio.sleep(0.01)
        said = [sent.text for sent in self.telegram.sent(chat)]
        raise AssertionError(f"no batch with {items} items: {batch and [i.template.name for i in batch.items]}, {said}")

    async def ready(self, chat: Chat, templates: int = 1) -> Batch:
        """A voice and templates, sent and added; in a group the batch is opened first."""
        if chat.id < 0:
            chat.say("/batch@heygem_test_bot")
            await self.batch(chat, 0, voice=False)
        chat.voice(self.voice())
        for number in range(1, templates + 1):
            chat.video(self.file("video", f"face {number} {next(_numbers)}.mp4"))
        return await self.batch(chat, templates)

    async def settled(self, chat: Chat, seconds: float = 0.3) -> list[Sent]:
        """What the bot has said once all is answered and shown, and it says nothing new for a while."""

        async def look() -> bool:
            before = self._calls()
            await asyncio.sleep(seconds)
            return self._calls() == before and not await self._owes()

        await until(look)
        return self.telegram.sent(chat)

    def _calls(self) -> int:
        return len([call for call in self.telegram.state.calls if call.method != "getUpdates"])

    async def _owes(self) -> bool:
        """Whether an update is not answered yet, or a batch's change not shown."""
        redis = self.room.redis
        unshown = await reply(redis.hgetall(keys.dirty("telegram")))
        unanswered = [key async for key in redis.scan_iter(match=keys.inbox("telegram:*"))]
        return bool(self.telegram.state.updates or unshown or unanswered)


class BotProcess:
    """`python -m bot telegram` as a process."""

    def __init__(self, settings: Settings, telegram: FakeTelegram, log: Path, **more: str) -> None:
        assert settings.redis_url is not None
        self.environment = {
            **os.environ,
            "HEYGEM_DATA_DIR": str(settings.data_dir),
            "HEYGEM_REDIS_URL": settings.redis_url.get_secret_value(),
            "HEYGEM_TELEGRAM_TOKEN": telegram.token,
            "HEYGEM_TELEGRAM__BASE_URL": telegram.base_url,
            "HEYGEM_TELEGRAM__SEND_VIDEOS": "false",
            "HEYGEM_LOG_LEVEL": "DEBUG",
            **more,
        }
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot", "telegram"], env=self.environment, stdout=log, stderr=log
            )

    def kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def terminate(self) -> int:
        """SIGTERM; the exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(PATIENCE_SECONDS)

    def wait(self) -> int:
        assert self._process is not None
        return self._process.wait(PATIENCE_SECONDS)


@contextmanager
def bot_process(settings: Settings, telegram: FakeTelegram, log: Path, **more: str) -> Iterator[BotProcess]:
    """Started; whatever happens it is gone at the end."""
    process = BotProcess(settings, telegram, log, **more)
    process.start()
    try:
        yield process
    finally:
        process.kill()
