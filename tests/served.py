"""A batch that makes progress, and a web server as a process of its own, for tests of what people download."""

import os
import random
import subprocess
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from redis.asyncio import Redis

from heygem.base.errors import ErrorCode
from heygem.base.sentences import Language
from heygem.base.settings import Settings
from heygem.batches.claims import Claim, Claims
from heygem.batches.model import Batch, Failure, Output, output_name
from heygem.batches.store import Store
from heygem.links.download import Link, Links
from heygem.storage.layout import Storage
from tests import factories
from tests.factories import ANNA, media_file, place, render_result, voice_file


@dataclass(frozen=True)
class Progressing:
    """A queued batch in Redis. Its items end one after another, in their order."""

    batch_id: str
    store: Store
    claims: Claims
    links: Links
    storage: Storage

    @classmethod
    async def of(
        cls,
        redis: Redis,
        settings: Settings,
        names: Sequence[str],
        language: Language = "en",
        content: bytes = b"template",
        chat: str = "served",
    ) -> Self:
        """A batch of templates with these names; `content` is their files' common beginning."""
        store, storage = Store(redis, settings), Storage(settings.data_dir)
        batch = await store.open(ANNA, place(chat), language)
        await store.set_voice(batch.id, voice_file(storage, name="hello.ogg"), "voice")
        for number, name in enumerate(names):
            await store.add_template(
                batch.id, media_file(storage, ANNA, name, content=content + bytes([number])), f"template-{number}"
            )
        await store.generate(batch.id)
        return cls(batch.id, store, Claims(redis, settings), Links(redis, settings), storage)

    async def finish_next(self, content: bytes | int = 200_000) -> bytes:
        """The next item gets a video of `content`, or of so many random bytes; the content is returned."""
        claim = await self._claim()
        video = random.Random(claim.item.number).randbytes(content) if isinstance(content, int) else content
        path = self.storage.results(claim.owner, self.batch_id) / output_name(claim.item.id, claim.fence)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(video)
        output = Output(name=path.name, size=len(video), crc32=zlib.crc32(video), result=render_result())
        assert await self.claims.finish(claim, output)
        return video

    async def fail_next(self) -> None:
        claim = await self._claim()
        failure = Failure(code=ErrorCode.NO_FACE, params={"name": claim.item.template.name})
        assert await self.claims.fail(claim, failure)

    async def start_next(self) -> None:
        claim = await self._claim()
        await self.claims.progress(claim, "generate", 0.5)

    async def link(self) -> Link:
        return await self.links.create(await self.batch())

    async def batch(self) -> Batch:
        return await self.store.get(self.batch_id)

    async def _claim(self) -> Claim:
        claim = await factories.claim(self.claims, "test")
        assert claim is not None
        return claim


@dataclass(frozen=True)
class WebServer:
    url: str
    process: subprocess.Popen[str]
    log: Path

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])


@contextmanager
def web_server(settings: Settings, log: Path, **web: object) -> Iterator[WebServer]:
    """`python -m bot web` on a free port of 127.0.0.1, ended on exit whatever happened."""
    assert settings.redis_url is not None
    environment = {
        **os.environ,
        "HEYGEM_DATA_DIR": str(settings.data_dir),
        "HEYGEM_REDIS_URL": settings.redis_url.get_secret_value(),
        "HEYGEM_LOG_LEVEL": "DEBUG",
        "HEYGEM_WEB__PORT": "0",
        **{f"HEYGEM_WEB__{name.upper()}": str(value) for name, value in web.items()},
    }
    with log.open("a") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "web"], env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Web: "), log.read_text()
        yield WebServer(f"http://127.0.0.1:{line.rpartition(':')[2].strip()}", process, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()
