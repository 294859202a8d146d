"""Many Telegram chats collecting at once, on one bot process: how long people wait, and whether anything is lost.

    python -m benchmarks.telegram [--chats 500] [--window 60]

Within the window every chat sends a voice, an album of three videos and a question, as fast as a person's app does. The
bot is one process with the real python-telegram-bot, the real Redis and the real conversation; Telegram is the fake of
the tests, on loopback and without its limits. Only the looks into each file are replaced, since on one machine they
would measure the decoder and the search for faces: a real file costs about 0.3 s of one core, in processes of its own.
"""

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

import psutil
from pydantic import SecretStr
from redis.asyncio import Redis
from rich.console import Console
from rich.table import Table

from bot.dialogue import files
from bot.dialogue.access import Access
from bot.previews import looks, thumbnails
from heygem.base.settings import Settings
from heygem.batches.model import Person, Place
from heygem.batches.store import Store
from heygem.redis.connection import connect
from heygem.redis.server import EmbeddedRedis
from tests.chatting import asked_words, probe_words
from tests.fakes.telegram import Chat, FakeTelegram

LIMIT_SECONDS = 115.0
VIDEOS = 3
_BOT = "--bot"
_READ_SECONDS = 1.0  # after so long the fake has read what came with a call

console = Console()


@dataclass
class Talk:
    chat: Chat
    names: list[str] = field(default_factory=list)
    asked: float = 0.0
    answered: float = 0.0
    sent: float = 0.0
    shown: float = 0.0


async def measure(chats: int, window: float) -> bool:
    with (
        tempfile.TemporaryDirectory() as name,
        EmbeddedRedis(Path(name) / "data") as server,
        FakeTelegram() as telegram,
    ):
        folder = Path(name)
        settings = Settings(data_dir=folder / "data", redis_url=SecretStr(f"unix://{server.socket}"))
        redis = connect(settings)
        talks = [Talk(telegram.private(telegram.person(f"Person {number}"))) for number in range(chats)]
        for talk in talks:
            await Access(redis).allow(Person(platform="telegram", id=str(talk.chat.id)))
        bot = start_bot(settings, telegram, folder)
        try:
            await telegram.until(lambda: telegram.calls("getUpdates"), 60)
            began, used = time.monotonic(), cpu(bot)
            await asyncio.gather(*(speak(talk, folder, window) for talk in talks))
            done = await answered(telegram, talks, began)
            spent = cpu(bot) - used
            lost, disordered = await check(redis, settings, talks)
        finally:
            bot.terminate()
            bot.wait()
            await redis.aclose()
    show(talks, spent, time.monotonic() - began, lost, disordered)
    return done and not lost and not disordered


def start_bot(settings: Settings, telegram: FakeTelegram, folder: Path) -> "subprocess.Popen[bytes]":
    assert settings.redis_url is not None
    environment = {
        "HEYGEM_DATA_DIR": str(settings.data_dir),
        "HEYGEM_REDIS_URL": settings.redis_url.get_secret_value(),
        "HEYGEM_TELEGRAM_TOKEN": telegram.token,
        "HEYGEM_TELEGRAM__BASE_URL": telegram.base_url,
        "HEYGEM_LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", "benchmarks.telegram", _BOT]
    with (folder / "bot.log").open("wb") as log:
        return subprocess.Popen(command, env=os.environ | environment, stdout=log)


async def speak(talk: Talk, folder: Path, window: float) -> None:
    await asyncio.sleep(random.random() * window)
    number = talk.chat.id
    voice = folder / f"{number}.ogg"
    voice.write_text(f"voice 2 {number}")
    videos = [folder / f"{number} face {each}.mp4" for each in range(1, VIDEOS + 1)]
    for each in videos:
        each.write_text(f"video 2 {each.name}")
    talk.names = [each.name for each in videos]
    talk.chat.voice(voice)
    talk.chat.album(*videos)
    talk.sent = time.monotonic()
    talk.chat.say("/history delete")
    talk.asked = time.monotonic()


async def answered(telegram: FakeTelegram, talks: list[Talk], began: float) -> bool:
    """Wait until everybody has the answer and sees all templates. The times are those of the bot's calls."""
    left, seen = {str(talk.chat.id): talk for talk in talks}, 0
    while left and time.monotonic() - began < LIMIT_SECONDS:
        await asyncio.sleep(0.05)
        with telegram.state.lock:
            calls = [call for call in telegram.state.calls[seen:] if time.monotonic() - call.at > _READ_SECONDS]
            seen += len(calls)
        for call in calls:
            talk = left.get(str(call.parameters.get("chat_id")))
            if talk is None:
                continue
            text = str(call.parameters.get("text"))
            if text.startswith("Use /history"):
                talk.answered = call.at
            if talk.names[-1:] and talk.names[-1] in text and "Voice" in text:
                talk.shown = call.at
            if talk.answered and talk.shown:
                del left[str(talk.chat.id)]
    return not left


async def check(redis: Redis, settings: Settings, talks: list[Talk]) -> tuple[int, int]:
    """Files that are not in their batch, and batches whose templates are not in the order in which they were sent."""
    store, lost, disordered = Store(redis, settings), 0, 0
    for talk in talks:
        batch = await store.collecting(Place(platform="telegram", chat=str(talk.chat.id)))
        names = [item.template.name for item in batch.items] if batch else []
        lost += len(set(talk.names) - set(names)) + (batch is None or batch.voice is None)
        disordered += names != [name for name in talk.names if name in names]
    return lost, disordered


def show(talks: list[Talk], spent: float, wall: float, lost: int, disordered: int) -> None:
    answers = [talk.answered - talk.asked for talk in talks if talk.answered]
    statuses = [talk.shown - talk.sent for talk in talks if talk.shown]
    table = Table(title=f"{len(talks)} chats, {len(talks) * (VIDEOS + 2)} updates, one bot process")
    for heading in ("", "median", "p95", "worst"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name, times in (
        (f"a question behind {VIDEOS + 1} files of the same chat is answered", answers),
        ("all files fetched, kept and on the status message", statuses),
    ):
        if len(times) > 1:
            cuts = quantiles(times, n=100, method="inclusive")
            table.add_row(name, *(f"{value:.2f} s" for value in (cuts[49], cuts[94], max(times))))
    console.print(table)
    console.print(f"lost: {lost} · batches out of order: {disordered} · unanswered: {len(talks) - len(answers)}")
    console.print(
        f"{wall:.1f} s in all · {1000 * spent / (len(talks) * (VIDEOS + 2)):.1f} ms of processor time per update"
    )


def cpu(process: "subprocess.Popen[bytes]") -> float:
    times = psutil.Process(process.pid).cpu_times()
    return float(times.user + times.system)


def be_the_bot() -> None:
    from bot.telegram.app import run
    from heygem.base.settings import load_settings

    files.probe = probe_words  # type: ignore[attr-defined]
    looks.asked = thumbnails.asked = asked_words  # type: ignore[attr-defined]
    run(load_settings())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chats", type=int, default=500)
    parser.add_argument("--window", type=float, default=60.0, help="seconds within which all chats begin")
    parser.add_argument(_BOT, action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.bot:
        be_the_bot()
    elif not asyncio.run(measure(chosen.chats, chosen.window)):
        sys.exit(1)


if __name__ == "__main__":
    main()
