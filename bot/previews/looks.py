"""A first look at the templates of a batch that is collected: whether anybody is in them, while that can be mended.
And the pictures of many, so that nobody has to wait for them.

It runs beside the conversation and is told by the record. Nothing waits for it: where it fails, nothing is said.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from bot.previews.child import asked
from bot.previews.sheets import Sheets
from heygem.base.errors import HeygemError
from heygem.base.files import whole
from heygem.base.tasks import end
from heygem.batches.model import Batch, BatchState, Item, MediaFile
from heygem.batches.store import Store
from heygem.storage.layout import Storage

_log = logging.getLogger(__name__)

_AT_ONCE = 2
_QUICKLY = 12  # pictures are made when they are asked for; more are made before
_FAILURES_REMEMBERED = 1000
_NEEDS = ("ai_edge_litert", "cv2")
_FACELESS = "mannequin"  # the engine that speaks for any picture


class Looks:
    def __init__(self, store: Store, storage: Storage, sheets: Sheets) -> None:
        self._store = store
        self._storage = storage
        self._sheets = sheets
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._wanted: set[str] = set()  # batches
        self._looking: dict[str, asyncio.Task[None]] = {}
        self._failed: deque[Path] = deque(maxlen=_FAILURES_REMEMBERED)
        self._able = all(find_spec(name) for name in _NEEDS)

    def at(self, batch_id: str) -> None:
        """Look at what of a batch was not looked at yet; something was added to it, or it is shown."""
        self._wanted.add(batch_id)
        if batch_id not in self._looking:
            self._looking[batch_id] = asyncio.create_task(self._look_on(batch_id))

    async def stop(self) -> None:
        """And end what makes pictures."""
        await end(self._looking.values())
        await self._sheets.stop()

    async def _look_on(self, batch_id: str) -> None:
        try:
            while batch_id in self._wanted:
                self._wanted.remove(batch_id)
                await self._look(batch_id)
        finally:
            del self._looking[batch_id]

    async def _look(self, batch_id: str) -> None:
        try:
            batch = await self._store.find(batch_id)
            if batch is None or batch.state is not BatchState.COLLECTING:
                return
            if len(batch.items) > _QUICKLY:
                await asyncio.gather(*(self._sheets.thumbnail(item.template) for item in batch.items))
            for item in _unknown(batch) if self._able else ():
                if (faces := await self._faces(item.template)) is not None:
                    await self._store.record_faces(batch_id, item.id, faces)
        except (HeygemError, OSError) as error:
            _log.info("the templates of batch %s are not looked at now: %s", batch_id, type(error).__name__)

    async def _faces(self, file: MediaFile) -> int | None:
        """How many faces `heygem.face.look` sees; None where it can't tell."""
        kept = self._storage.first_look(file.owner, file.sha256)
        with suppress(FileNotFoundError):
            return int(kept.read_text())
        if kept in self._failed:
            return None
        async with self._slots:
            said = await asked("heygem.face.look", str(self._storage.file(file.owner, file.sha256)))
        if said is None or said.strip() not in (b"0", b"1", b"2"):
            self._failed.append(kept)
            return None
        await asyncio.to_thread(_keep, kept, said.decode())
        return int(said)


def _unknown(batch: Batch) -> Iterator[Item]:
    """One by one: what was taken out meanwhile is not worth a look, but costs no more than one."""
    if batch.engine != _FACELESS:
        yield from (item for item in batch.items if item.faces is None)


def _keep(path: Path, said: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as partial:
        partial.write_text(said)
