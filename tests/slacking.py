"""The bot in this process, at work in the fake Slack."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from bot.chat import fetch, follower
from bot.chat.inbox import Inbox
from bot.chat.retry import Policy
from bot.dialogue import files
from bot.previews import looks, thumbnails
from bot.slack import PLATFORM, screen
from bot.slack.app import serve
from heygem.base.limits import Limits
from heygem.base.settings import Settings, Slack
from heygem.batches.model import Batch, Person, Place
from heygem.media.info import MediaInfo
from heygem.redis import keys
from heygem.redis.connection import reply
from tests.chatting import Room, asked_words, probe_words
from tests.fakes.slack.blocks import texts
from tests.fakes.slack.people import Human
from tests.fakes.slack.server import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, SlackFake
from tests.fakes.slack.workspace import Channel, Message
from tests.patience import PATIENCE_SECONDS, gone
from tests.uploading import until


def settings_for(slack: SlackFake, settings: Settings, **more: object) -> Settings:
    own = {"api_url": slack.api_url, "send_videos": False, **more}
    return settings.model_copy(
        update={
            "slack_bot_token": SecretStr(BOT_TOKEN),
            "slack_app_token": SecretStr(APP_TOKEN),
            "slack_signing_secret": SecretStr(SIGNING_SECRET),
            "slack": Slack.model_validate(own),
        }
    )


def environment_for(settings: Settings) -> dict[str, str]:
    """The same settings for a bot that is a process of its own."""
    secrets = {
        "HEYGEM_REDIS_URL": settings.redis_url,
        "HEYGEM_SLACK_BOT_TOKEN": settings.slack_bot_token,
        "HEYGEM_SLACK_APP_TOKEN": settings.slack_app_token,
        "HEYGEM_SLACK_SIGNING_SECRET": settings.slack_signing_secret,
    }
    return {
        "HEYGEM_DATA_DIR": str(settings.data_dir),
        "HEYGEM_SLACK__API_URL": settings.slack.api_url,
        "HEYGEM_SLACK__SEND_VIDEOS": str(settings.slack.send_videos).lower(),
        "HEYGEM_LOG_LEVEL": "DEBUG",
        **{name: secret.get_secret_value() for name, secret in secrets.items() if secret},
    }


def probe_parts(path: Path, name: str, limits: Limits) -> MediaInfo:
    """`probe_words` for what is no text at all, too."""
    try:
        return probe_words(path, name, limits)
    except UnicodeDecodeError:
        path.write_text("noise")
        return probe_words(path, name, limits)


@dataclass
class Team:
    """Anna, an allowed person, and Boris, in one channel with the bot."""

    slack: SlackFake
    room: Room
    anna: Human
    boris: Human
    channel: Channel

    @classmethod
    async def of(cls, slack: SlackFake, redis: Redis, settings: Settings) -> "Team":
        room = Room(redis, settings)
        anna, boris = (Human(slack, slack.workspace.person(name)) for name in ("anna", "boris"))
        channel = slack.workspace.channel("studio", anna.user, boris.user)
        await room.access.allow(Place(platform="slack", chat=channel.id))
        await room.access.allow(Person(platform="slack", id=anna.user.id))
        return cls(slack, room, anna, boris, channel)

    async def opened(self, who: Human | None = None) -> Message:
        """The message that /batch posts in the channel, as soon as it is a batch's status."""
        before = {message.ts for message in self.heads()}
        (who or self.anna).command(self.channel, "/batch")
        return await self.slack.until(
            lambda: next((each for each in self.heads() if each.ts not in before and "New batch" in read(each)), None)
        )

    async def ready(self, templates: int = 1) -> Message:
        """An open batch with a voice and templates."""
        head = await self.opened()
        files = [self.anna.file(f"face {number}.mp4", f"video 4 {number}".encode()) for number in range(templates)]
        self.anna.drop(self.channel, self.anna.file("hello.m4a", b"voice 2"), *files, thread=head.ts)
        await self.slack.until(lambda: "Ready to generate" in read(head) and f"{templates}. face" in read(head))
        return head

    async def batch(self, head: Message) -> Batch:
        batch = await self.room.store.latest(self.place(head.ts))
        assert batch is not None
        return batch

    def person(self, who: Human) -> Person:
        return Person(platform="slack", id=who.user.id)

    def place(self, thread: str = "") -> Place:
        return Place(platform="slack", chat=self.channel.id, thread=thread)

    def heads(self) -> list[Message]:
        return [each for each in self.slack.workspace.ours(self.channel.id) if not each.thread and not each.only_for]

    def thread(self, head: str, channel: Channel | None = None) -> list[str]:
        """What the bot said in a thread, to everybody."""
        said = self.slack.workspace.ours((channel or self.channel).id)
        return [read(each) for each in said if each.thread == head and not each.only_for]

    async def hears(self, words: str, channel: Channel | None = None, who: Human | None = None) -> Message:
        """The bot's message with these words; `who`: one that only this person sees."""
        only = who.user.id if who else ""
        place = (channel or self.channel).id

        def look() -> Message | None:
            said = (each for each in self.slack.workspace.ours(place) if each.only_for == only)
            return next((each for each in said if words in read(each)), None)

        return await self.slack.until(look)

    def videos(self, head: str) -> list[list[str]]:
        """The titles of the files that the bot sent into a thread, message by message."""
        files = self.slack.workspace.files
        sent = [each.files for each in self.slack.workspace.ours(self.channel.id) if each.files and each.thread == head]
        return [[files[each].title for each in message] for message in sent]

    async def handled(self) -> None:
        """Wait until all that Slack has delivered is answered: nothing more will be said to it."""
        inbox = Inbox(self.room.redis, PLATFORM)

        async def look() -> bool:
            return all(each.over.is_set() for each in self.slack.deliverer.log) and not await inbox.left()

        await until(look)

    async def shown(self) -> None:
        """Wait until every change of a batch is shown: no status and no final message is still to come."""

        async def look() -> bool:
            return not await reply(self.room.redis.hgetall(keys.dirty(PLATFORM)))

        await until(look)


def read(message: Message) -> str:
    return texts(message.blocks) if message.blocks else message.text


@asynccontextmanager
async def at_work(settings: Settings, slack: SlackFake) -> AsyncIterator["asyncio.Task[None]"]:
    """The bot, connected; the task ends with the block."""
    task = asyncio.create_task(serve(settings))
    connected = asyncio.create_task(slack.socket.connected())
    try:
        if not settings.slack.events_url:
            await asyncio.wait({task, connected}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        yield task
    finally:
        connected.cancel()
        await gone(task)


@pytest.fixture
def words_are_media(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "probe", probe_parts)
    monkeypatch.setattr(looks, "asked", asked_words)
    monkeypatch.setattr(thumbnails, "asked", asked_words)
    monkeypatch.setattr(follower, "_FOLD_S", 0.05)
    monkeypatch.setattr(follower, "_PAUSE_S", 0.1)
    monkeypatch.setattr(follower, "_RETRY_S", 0.05)
    monkeypatch.setattr(fetch, "PATIENT", Policy(pauses=(0.05,), longest=5.0, waits=3))
    monkeypatch.setattr(screen, "_PACE_S", 0.1)
    monkeypatch.setattr(screen, "_RETRY_S", 0.1)


class BotProcess:
    """`python -m bot slack` as a process of its own, which may be killed and started again."""

    def __init__(self, settings: Settings, slack: SlackFake, log: Path, **more: str) -> None:
        self._environment = os.environ | environment_for(settings) | more
        self._slack = slack
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "bot", "slack"]
            self.process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    async def ended(self) -> int:
        """Its exit code once it has ended by itself."""
        assert self.process is not None
        process = self.process
        return await asyncio.to_thread(process.wait, PATIENCE_SECONDS)

    async def terminated(self) -> int:
        assert self.process is not None
        self.process.terminate()
        return await self.ended()


@contextmanager
def bot_process(settings: Settings, slack: SlackFake, log: Path, **more: str) -> Iterator[BotProcess]:
    bot = BotProcess(settings, slack, log, **more)
    bot.start()
    try:
        yield bot
    finally:
        bot.kill()
