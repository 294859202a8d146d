"""The answer to a download: whole or one range, with the headers that let it resume."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from bot.slots import Slot, Slots
from bot.web.ranges import Unsatisfiable, requested
from heygem.archive.plan import read_file

_STALLED_S = 60.0  # for one block of 1 MiB: who reads slower than 17 KB/s comes back with a range
_PIECE_BYTES = 65_536  # a block is counted in pieces, as they go


class Source(Protocol):
    """Bytes of a known length, any range of which can be read."""

    @property
    def size(self) -> int: ...

    @property
    def etag(self) -> str: ...

    def read(self, start: int, stop: int) -> Iterator[bytes]: ...


@dataclass(frozen=True)
class FileSource:
    """A file that never changes its content."""

    path: Path
    size: int
    etag: str

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        return read_file(self.path, self.size, start, stop)


def answer(request: Request, source: Source, headers: dict[str, str], slots: Slots, key: str) -> Response:
    """200, 206 or 416 for a GET, 200 without a body for a HEAD. `key` is whose slot it takes.

    Raises:
        HeygemError: DOWNLOADS_BUSY.
    """
    headers = {**headers, "accept-ranges": "bytes", "etag": source.etag}
    if request.method == "HEAD":
        return Response(headers={**headers, "content-length": str(source.size)})
    try:
        span = requested(request.headers, source.size, source.etag)
    except Unsatisfiable:
        return Response(status_code=416, headers={"content-range": f"bytes */{source.size}", "accept-ranges": "bytes"})
    start, stop = span or (0, source.size)
    headers["content-length"] = str(stop - start)
    if span:
        headers["content-range"] = f"bytes {start}-{stop - 1}/{source.size}"
    return _Stream(source.read(start, stop), 206 if span else 200, headers, slots.take(key))


def disposition(name: str, *, attachment: bool) -> str:
    """Content-Disposition with an ASCII name for old tools and the real one (RFC 6266)."""
    plain = "".join(char if char.isascii() and char.isprintable() and char not in '"\\%' else "_" for char in name)
    kind = "attachment" if attachment else "inline"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


class _Stream(StreamingResponse):
    """Reads in threads, and gives its slot back however it ends."""

    def __init__(self, blocks: Iterator[bytes], status: int, headers: dict[str, str], slot: Slot) -> None:
        super().__init__(blocks, status, headers)
        self._slot = slot

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def patient(message: Message) -> None:
            async with asyncio.timeout(_STALLED_S):
                for piece in _pieces(message):
                    await send(piece)
                    self._slot.moved(len(piece.get("body", b"")))

        try:
            await super().__call__(scope, receive, patient)
        except TimeoutError:
            return  # the server closes a connection whose answer is incomplete
        except asyncio.CancelledError:
            if not self._slot.evicted:
                raise
            if task := asyncio.current_task():
                task.uncancel()
        finally:
            self._slot.release()


def _pieces(message: Message) -> Iterator[Message]:
    """The same message in small ones."""
    if "body" not in message:
        yield message
        return
    body = message["body"]
    *most, last = [body[start : start + _PIECE_BYTES] for start in range(0, len(body), _PIECE_BYTES)] or [b""]
    for piece in most:
        yield {**message, "body": piece, "more_body": True}
    yield {**message, "body": last}
