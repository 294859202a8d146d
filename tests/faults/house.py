"""A whole queue for fault tests: its own Redis server, real worker processes, and the stub engine."""

import asyncio
import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import psutil
from redis.asyncio import Redis

from heygem.base.errors import HeygemError
from heygem.base.settings import Settings
from heygem.batches.model import Batch, Item, ItemState, Person
from heygem.batches.store import Store
from heygem.redis import keys
from heygem.redis.connection import connect, reply
from heygem.redis.server import EmbeddedRedis
from heygem.storage.layout import Storage
from tests.engines.stub_engine import Script, content
from tests.factories import ANNA, media_file, place, voice_file
from tests.patience import PATIENCE_SECONDS

ENGINES = Path(__file__).parents[1] / "engines"

Found = TypeVar("Found")


class House:
    """`folder` is the test's own. Redis listens in it, as an installation without settings has it."""

    def __init__(self, folder: Path, server: EmbeddedRedis) -> None:
        self.settings = Settings(data_dir=folder / "data")
        self.storage = Storage(self.settings.data_dir)
        self.server = server
        self.redis: Redis = connect(self.settings)
        self.store = Store(self.redis, self.settings)
        self.log = folder / "stub.log"
        self.log.touch()
        self.stderr = folder / "worker.log"
        self.workers: list[subprocess.Popen[bytes]] = []
        self.scripts: dict[str, Script] = {}

    # workers

    def start_worker(self, **environment: str) -> subprocess.Popen[bytes]:
        path = os.pathsep.join(filter(None, (str(ENGINES), os.environ.get("PYTHONPATH", ""))))
        ours = {
            "HEYGEM_DATA_DIR": str(self.settings.data_dir),
            "HEYGEM_ENGINE": "stub",
            "HEYGEM_LOG_LEVEL": "DEBUG",
            "PYTHONPATH": path,
            "STUB_LOG": str(self.log),
        }
        with self.stderr.open("ab") as stderr:
            worker = subprocess.Popen(
                [sys.executable, "-m", "worker"], env=os.environ | ours | environment, stderr=stderr
            )
        self.workers.append(worker)
        return worker

    async def render_child(self, worker: "subprocess.Popen[bytes]") -> psutil.Process:
        async def found() -> psutil.Process | None:
            """Between fork and exec it is still a copy of the worker."""
            children = psutil.Process(worker.pid).children()
            return next((child for child in children if "worker.render_child" in child.cmdline()), None)

        return await self.until(found)

    def stop_workers(self) -> None:
        """SIGTERM to all that live; each must leave by itself, and take its render process with it."""
        alive = [worker for worker in self.workers if worker.poll() is None]
        children = [child for worker in alive for child in psutil.Process(worker.pid).children(recursive=True)]
        for worker in alive:
            worker.terminate()
        for worker in alive:
            assert worker.wait(PATIENCE_SECONDS) == 0, self.stderr.read_text()
        assert not [child for child in children if child.is_running()]

    def kill_workers(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGCONT)
                worker.kill()
                worker.wait()

    # batches

    async def collect(self, *scripts: Script, owner: Person = ANNA) -> Batch:
        """A batch whose templates are `scripts`; each gets a name if it has none."""
        batch = await self.store.open(owner, place(f"chat-{time.monotonic_ns()}"), "en")
        await self.store.set_options(batch.id, engine="stub")
        await self.store.set_voice(batch.id, voice_file(self.storage, owner), "voice")
        for number, script in enumerate(scripts):
            named = script if script.name else script.model_copy(update={"name": f"template {number}"})
            file = media_file(self.storage, owner, named.name, content=named.model_dump_json().encode())
            self.scripts[file.sha256] = named
            await self.store.add_template(batch.id, file, f"template-{number}")
        return await self.store.get(batch.id)

    async def generate(self, *scripts: Script, owner: Person = ANNA) -> Batch:
        batch = await self.collect(*scripts, owner=owner)
        return await self.store.generate(batch.id)

    async def ended(self, batch: Batch) -> Batch:
        """The batch in its terminal state."""

        async def look() -> Batch | None:
            now = await self.store.get(batch.id)
            return now if now.state.terminal else None

        return await self.until(look)

    async def item(self, batch: Batch, number: int = 1) -> Item:
        return (await self.store.get(batch.id)).items[number - 1]

    def noted(self, word: str) -> list[list[str]]:
        """Lines of the stub's log: time, process, word, rest."""
        lines = [line.split() for line in self.log.read_text().splitlines()]
        return [line for line in lines if line[2] == word]

    async def until(self, look: Callable[[], Awaitable[Found | None]]) -> Found:
        """What `look` finds, as soon as it finds something; Redis may be away meanwhile."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            with suppress(HeygemError):
                if found := await look():
                    return found
            await asyncio.sleep(0.02)
        raise AssertionError(f"waited in vain; the workers said:\n{self.stderr.read_text()}")

    async def until_noted(self, word: str, times: int = 1) -> None:
        """Wait until the stub noted `word` (render, listen, analyze, generate) so many times."""

        async def look() -> bool:
            return len(self.noted(word)) >= times

        await self.until(look)

    async def swept(self) -> None:
        """Wait until a worker has removed what the killed ones left."""

        async def look() -> bool:
            return self.runs_on_disk() == []

        await self.until(look)

    # what must hold whatever happened

    async def check(self, *batches: Batch) -> None:
        """Each item ended exactly once, each output is whole, nothing else is left on the disk or in Redis."""
        for given in batches:
            batch = await self.store.get(given.id)
            assert all(item.state.terminal for item in batch.items)
            await self._check_counts(batch)
            results = self.storage.results(batch.owner.owner, batch.id)
            found = {path.name for path in results.iterdir()} if results.exists() else set()
            assert found == {item.output.name for item in batch.finished if item.output}
            for item in batch.finished:
                self._check_output(results, item)
        assert self.runs_on_disk() == []
        await self._check_keys()

    def runs_on_disk(self) -> list[str]:
        """Runs' folders, and what lies in a spare one, which is to be empty."""
        found = (*self.storage.work.glob("*/*"), *self.storage.work.glob("*/spare/*"))
        return sorted(path.name for path in found if path.name not in ("lock", "spare"))

    def _check_output(self, results: Path, item: Item) -> None:
        assert item.output is not None
        assert item.failure is None
        data = (results / item.output.name).read_bytes()
        assert (len(data), zlib.crc32(data)) == (item.output.size, item.output.crc32)
        assert data == content(self.scripts[item.template.sha256])

    async def _check_counts(self, batch: Batch) -> None:
        """The record counts each end; an item that ended twice would be counted twice."""
        counted = await reply(self.redis.hmget(keys.batch(batch.id), [state.value for state in ItemState]))
        states = [item.state for item in batch.items]
        assert [int(count) for count in counted] == [states.count(state) for state in ItemState]

    async def _check_keys(self) -> None:
        left = {keys.LEASES, keys.RUNNING, keys.ENGINES}
        assert {key for key in left if await self.redis.exists(key)} == set()
        assert [key async for key in self.redis.scan_iter(match=keys.waiting("*", "*"))] == []


@contextmanager
def opened(folder: Path) -> Iterator[House]:
    """A house with a running server; whatever was started is gone at the end, also after a failure."""
    with EmbeddedRedis(folder / "data") as server:
        house = House(folder, server)
        try:
            yield house
        finally:
            house.kill_workers()
