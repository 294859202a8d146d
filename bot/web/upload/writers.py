"""Writing pieces to the disk: one writer per file, never more bytes than were announced."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import IO

from starlette.requests import ClientDisconnect

from bot.slots import Slot
from heygem.base.disk import disk_full, is_disk_full
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.files import lock
from heygem.base.tasks import end

_STALLED_S = 30.0  # without a byte; the browser notices too, and asks where to go on

Piece = Callable[[], Awaitable[None]]


class Writers:
    """Who comes later goes on, since a browser sends one piece at a time: the earlier connection is a lost one."""

    def __init__(self) -> None:
        self._running: dict[Path, asyncio.Task[None]] = {}

    async def write(self, path: Path, piece: Piece) -> None:
        """Run `piece` once no other of this process writes to `path`; a later call ends it early, without an error."""
        task = self._running[path] = asyncio.create_task(_after(self._running.get(path), piece))
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
            if self._running.get(path) is task:
                del self._running[path]
        if not task.cancelled():
            task.result()


async def _after(before: "asyncio.Task[None] | None", piece: Piece) -> None:
    if before is not None:
        await end([before])  # also where the next one cancels us meanwhile: it waits for us alone
    await piece()


async def append(path: Path, blocks: AsyncIterator[bytes], offset: int, limit: int, slot: Slot) -> None:
    """Append `blocks` to a file that has `offset` bytes and may have `limit`. What was written stays, however it ends.

    Raises:
        HeygemError: DISK_FULL; UPLOAD_OFFSET if the file has another size, another process writes to it, or more
            comes than was announced.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab", buffering=0) as file:
        _take(file, path, offset)
        while (block := await _next(blocks)) is not None:
            if offset + len(block) > limit:
                raise HeygemError(ErrorCode.UPLOAD_OFFSET, offset=offset)
            await _put(file, block)
            offset += len(block)
            slot.moved(len(block))


def _take(file: IO[bytes], path: Path, offset: int) -> None:
    if not lock(file):
        raise HeygemError(ErrorCode.UPLOAD_OFFSET, offset=size(path))
    if (there := size(path)) != offset:
        raise HeygemError(ErrorCode.UPLOAD_OFFSET, offset=there)


def size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


async def _next(blocks: AsyncIterator[bytes]) -> bytes | None:
    """None at the end, which a lost connection is too."""
    try:
        async with asyncio.timeout(_STALLED_S):
            return await anext(blocks, None)
    except (ClientDisconnect, TimeoutError):
        return None


async def _put(file: IO[bytes], block: bytes) -> None:
    """The whole block. A thread can't be cancelled, so its end is awaited before the file is closed under it."""
    writing = asyncio.create_task(asyncio.to_thread(_write_all, file, block))
    try:
        await asyncio.shield(writing)
    except asyncio.CancelledError:
        await asyncio.wait({writing})
        raise
    except OSError as error:
        if is_disk_full(error):
            raise disk_full(len(block), 0) from error
        raise


def _write_all(file: IO[bytes], block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[file.write(view) :]
