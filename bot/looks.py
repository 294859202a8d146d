"""A first look at the templates of a batch that is collected: whether anybody is in them, while that can be mended.

It runs beside the conversation and is told by the record. Nothing waits for it: where it fails, nothing is said.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from bot.child import asked
from heygem.base.files import whole
from heygem.batches.model import Batch, BatchState, Item, MediaFile
from heygem.batches.store import Store
from heygem.errors import HeygemError
from heygem.storage import Storage

_log = logging.getLogger(__name__)

_AT_ONCE = 2
_NEEDS = ("mediapipe", "cv2")
_FACELESS = "mannequin"  # the engine that speaks for any picture


class Looks:
    def __init__(self, store: Store, storage: Storage) -> None:
        self._store = store
        self._storage = storage
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._looking: dict[str, asyncio.Task[None]] = {}
        self._able = all(find_spec(name) for name in _NEEDS)

    def at(self, batch_id: str) -> None:
        """Look at what of a batch was not looked at yet; something was added to it, or it is shown."""
        if not self._able:
            return
        before = self._looking.get(batch_id)
        task = self._looking[batch_id] = asyncio.create_task(self._look(batch_id, before))
        task.add_done_callback(lambda done: self._looking.get(batch_id) is done and self._looking.pop(batch_id))

    async def _look(self, batch_id: str, before: "asyncio.Task[None] | None") -> None:
        if before is not None:
            await asyncio.wait({before})
        try:
            batch = await self._store.find(batch_id)
            for item in _unknown(batch) if batch else ():
                if (faces := await self._faces(item.template)) is not None:
                    await self._store.record_faces(batch_id, item.id, faces)
        except (HeygemError, OSError) as error:
            _log.info("the templates of batch %s are not looked at now: %s", batch_id, type(error).__name__)

    async def _faces(self, file: MediaFile) -> int | None:
        """How many faces `heygem.face.look` sees; None where it can't tell."""
        kept = self._storage.first_look(file.owner, file.sha256)
        with suppress(FileNotFoundError):
            return int(kept.read_text())
        async with self._slots:
            said = await asked("heygem.face.look", str(self._storage.file(file.owner, file.sha256)))
        if said is None or said.strip() not in (b"0", b"1", b"2"):
            return None
        await asyncio.to_thread(_keep, kept, said.decode())
        return int(said)


def _unknown(batch: Batch) -> Iterator[Item]:
    """One by one: what was taken out meanwhile is not worth a look, but costs no more than one."""
    if batch.state is BatchState.COLLECTING and batch.engine != _FACELESS:
        yield from (item for item in batch.items if item.faces is None)


def _keep(path: Path, said: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as partial:
        partial.write_text(said)
