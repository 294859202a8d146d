"""`heygem up`: what dies is started again, and nothing outlives it."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx
import psutil
import pytest
from redis.asyncio import Redis

from heygem.base.errors import HeygemError
from heygem.base.settings import Settings
from heygem.batches import workers
from heygem.batches.store import Store
from heygem.redis import keys
from heygem.redis.connection import connect, reaching_queue
from tests.factories import ANNA, place
from tests.patience import PATIENCE_SECONDS
from tests.uploading import until

Found = TypeVar("Found")

ROOMS = {"worker": ("-m", "worker"), "web": ("-m", "bot", "web"), "redis": ("redis-server",)}


@dataclass
class Up:
    """A running `heygem up` with everything on its defaults, in a folder of its own."""

    folder: Path
    process: "subprocess.Popen[bytes]" = field(init=False)
    seen: dict[int, psutil.Process] = field(default_factory=dict)

    def start(self) -> None:
        ours = {"HEYGEM_DATA_DIR": str(self.folder / "data"), "HEYGEM_WEB__PORT": "0", "HEYGEM_LOG_LEVEL": "INFO"}
        others = {name: value for name, value in os.environ.items() if not name.startswith("HEYGEM_")}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", "from heygem.cli import main; main()", "up"],
                cwd=self.folder,
                env=others | ours,
                stdout=output,
                stderr=output,
            )

    @property
    def output(self) -> Path:
        return self.folder / "up.log"

    @property
    def settings(self) -> Settings:
        return Settings(data_dir=self.folder / "data", redis_url=None)

    def descendants(self) -> list[psutil.Process]:
        """All that were ever seen, also those that have lost their parent."""
        if self.process.poll() is None:
            for child in psutil.Process(self.process.pid).children(recursive=True):
                self.seen.setdefault(child.pid, child)
        return [child for child in self.seen.values() if _lives(child)]

    async def room(self, name: str, other_than: int = 0) -> psutil.Process:
        """A room's process, once it is there."""

        def look() -> psutil.Process | None:
            for child in self.descendants():
                if child.pid != other_than and _is(child, ROOMS[name]):
                    return child
            return None

        return await self.until(look)

    async def works(self) -> None:
        """A worker's heart beats from now on, and the web page answers."""
        await self.until(self._web_answers)
        redis = connect(self.settings)
        try:
            now = time.time()
            await until(lambda: _heard(redis, now))
        finally:
            await redis.aclose()

    async def gone(self) -> None:
        await self.until(lambda: not self.descendants())

    async def until(self, look: Callable[[], Found | None]) -> Found:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while True:
                    if found := look():
                        return found
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"waited in vain; it said:\n{self.output.read_text()}\n{self.redis_log()}") from None

    def redis_log(self) -> str:
        path = self.folder / "data" / "redis" / "redis.log"
        return path.read_text() if path.exists() else ""

    def _web_answers(self) -> bool:
        lines = [line for line in self.output.read_text().splitlines() if line.startswith("Web: ")]
        try:
            return (
                bool(lines) and httpx.get(f"{lines[-1].removeprefix('Web: ')}/healthz", timeout=20).status_code == 200
            )
        except httpx.HTTPError:
            return False


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    running = Up(tmp_path)
    running.start()
    try:
        yield running
    finally:
        left = running.descendants()
        running.process.kill()
        running.process.wait()
        for child in left:
            if _lives(child):
                child.kill()


async def test_what_dies_is_started_again_and_nothing_is_lost(up: Up) -> None:
    await up.works()
    redis = connect(up.settings)
    store = Store(redis, up.settings)
    batch = await store.open(ANNA, place(), "en")
    for name in ROOMS:
        before = await up.room(name)
        before.kill()
        assert (await up.room(name, other_than=before.pid)).is_running()
    await up.works()

    assert up.process.poll() is None
    assert await store.get(batch.id) == batch
    await redis.aclose()


async def test_a_redis_that_cannot_start_for_a_while_does_not_end_the_house(up: Up) -> None:
    await up.works()
    (file,) = (up.folder / "data" / "redis").rglob("appendonly.aof*")
    up.process.send_signal(signal.SIGSTOP)
    server = await up.room("redis")
    server.kill()
    content = file.read_bytes()
    file.write_bytes(b"no append-only file")
    up.process.send_signal(signal.SIGCONT)
    await up.until(lambda: up.redis_log().count("Bad file format") >= 2)

    file.write_bytes(content)
    await up.works()
    assert up.process.poll() is None


async def test_a_signal_ends_it_cleanly_with_all_its_children(up: Up) -> None:
    await up.works()
    await up.until(lambda: len(up.descendants()) >= 4)  # worker, its render process, web, Redis

    up.process.send_signal(signal.SIGINT)

    assert await asyncio.to_thread(up.process.wait, PATIENCE_SECONDS) == 0
    assert up.descendants() == []
    assert "Traceback" not in up.output.read_text()


async def test_a_signal_while_it_starts_leaves_nothing_behind(up: Up) -> None:
    await up.room("redis")
    up.process.send_signal(signal.SIGTERM)

    await asyncio.to_thread(up.process.wait, PATIENCE_SECONDS)
    await up.gone()


async def test_its_sudden_death_ends_its_children_and_it_can_be_started_again(up: Up) -> None:
    await up.works()
    up.descendants()

    up.process.kill()
    up.process.wait()
    await up.gone()

    up.start()
    await up.works()


async def test_a_second_one_on_the_same_folder_says_so_and_leaves_the_first_alone(up: Up, tmp_path: Path) -> None:
    await up.works()
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "data").symlink_to(tmp_path / "data")
    second = Up(tmp_path / "again")
    second.start()
    try:
        assert await asyncio.to_thread(second.process.wait, PATIENCE_SECONDS) == 1
    finally:
        second.process.kill()
    (said,) = second.output.read_text().splitlines()
    assert said.endswith("[already_up]")
    await up.works()

    up.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(up.process.wait, PATIENCE_SECONDS) == 0
    assert up.descendants() == []


async def _heard(redis: Redis, since: float) -> bool:
    """Whether a worker said after `since` that it lives."""
    try:
        with reaching_queue():
            return bool(await redis.zcount(keys.WORKERS, since + workers.ALIVE_S, "+inf"))
    except HeygemError:
        return False


def _is(process: psutil.Process, words: tuple[str, ...]) -> bool:
    try:
        line = process.cmdline()
    except psutil.Error:
        return False
    if len(words) == 1:
        return bool(line) and line[0].split()[0].endswith(words[0])
    return tuple(line[-len(words) :]) == words and "-I" not in line  # no longer the launcher


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
