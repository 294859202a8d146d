"""A batch waiting for a large file, and the page that takes it; for tests of uploads."""

import asyncio
import io
import wave
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import Any, Self

import httpx
import numpy as np
from redis.asyncio import Redis

from heygem.base.sentences import Language
from heygem.base.settings import Settings
from heygem.batches.model import Batch, Person
from heygem.batches.store import Store
from heygem.links.upload import Invitation, UploadLinks
from tests.factories import ANNA, place
from tests.media import tone
from tests.patience import PATIENCE_SECONDS

_numbers = count(1)


def recording(seconds: float = 2.0, rate: int = 48_000) -> bytes:
    """A wav file of 96,000 bytes a second, as it is by default, that probing accepts as a voice."""
    content, second = io.BytesIO(), (tone(1, rate)[0] * 30_000).astype(np.int16)
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.resize(second, round(seconds * rate)).tobytes())
    return content.getvalue()


@dataclass(frozen=True)
class Inviting:
    """A collecting batch in a place of its own, and a link to its upload page."""

    batch_id: str
    path: str  # /u/<token>
    store: Store
    links: UploadLinks

    @classmethod
    async def of(cls, redis: Redis, settings: Settings, owner: Person = ANNA, language: Language = "en") -> Self:
        store, links = Store(redis, settings), UploadLinks(redis, settings)
        batch = await store.open(owner, place(f"uploads-{next(_numbers)}"), language)
        return cls(batch.id, await cls._invite(links, batch, owner, language), store, links)

    async def again(self, person: Person = ANNA, text: str = "", item: str = "") -> str:
        """The path of another link into the same batch."""
        return await self._invite(self.links, await self.batch(), person, "en", text=text, item=item)

    async def batch(self) -> Batch:
        return await self.store.get(self.batch_id)

    @property
    def token(self) -> str:
        return self.path.rpartition("/")[2]

    @staticmethod
    async def _invite(links: UploadLinks, batch: Batch, person: Person, language: Language, **meant: Any) -> str:
        invitation = Invitation(batch=batch.id, person=person, language=language, **meant)
        url = (await links.create(invitation)).url
        return url[url.index("/u/") :]


async def begin(http: httpx.AsyncClient, path: str, name: str, size: int, modified: int = 0) -> httpx.Response:
    return await http.post(f"{path}/files", json={"name": name, "size": size, "modified": modified})


async def offset_of(http: httpx.AsyncClient, address: str) -> int:
    return int((await http.head(address)).headers["upload-offset"])


async def until(look: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if await look():
                return
            await asyncio.sleep(0.02)


async def put(http: httpx.AsyncClient, address: str, offset: int, content: Any) -> httpx.Response:
    return await http.patch(address, headers={"Upload-Offset": str(offset)}, content=content)
