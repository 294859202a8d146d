"""A template made as long as the voice."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from itertools import islice
from pathlib import Path
from typing import Literal

from heygem.base.errors import ErrorCode, HeygemError
from heygem.media.frame import Frame
from heygem.media.mezzanine import Mezzanine
from heygem.media.reader import HALF_THE_CORES, VideoReader

Mismatch = Literal["pingpong", "loop", "cut", "hold"]
_Open = Callable[[], AbstractContextManager[VideoReader]]

# A file may announce so many frames more than it holds: within that, only what the way back will show is put by.
_MORE = 2


def looped(
    path: Path,
    frames: int,
    mismatch: Mismatch,
    max_short_side: int | None = None,
    *,
    name: str | None = None,
    folder: Path | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    opened: VideoReader | None = None,
) -> Iterator[Frame]:
    """Yield exactly `frames` frames of a template, whatever its length; fewer only with "cut".

    "pingpong" runs back and forth without showing an end twice, "loop" starts over, "hold" stays on the last frame.
    A still is held in every mode. `Frame.index` is the frame's number in the template. Memory does not grow with the
    length; ping-pong puts frames by in an unnamed file in `folder`. `opened` is a reader of the same template that was
    entered and not yet iterated: it goes first, and is left.

    Raises:
        HeygemError: what `VideoReader` raises, DISK_FULL, CANCELLED.
    """
    waiting = [opened] if opened else []

    def source() -> AbstractContextManager[VideoReader]:
        return (
            closing(waiting.pop()) if waiting else VideoReader(path, max_short_side, name=name, decoders=HALF_THE_CORES)
        )

    if mismatch == "pingpong":
        wanted = _back_and_forth(source, frames, folder or Path(tempfile.gettempdir()), cancelled)
    else:
        wanted = {"loop": _over_and_over, "cut": _once, "hold": _held}[mismatch](source)
    yield from islice(wanted, frames)


def _once(source: _Open) -> Iterator[Frame]:
    with source() as reader:
        still = reader.info.still
        if not still:
            yield from reader
    if still:
        yield from _held(source)


def _over_and_over(source: _Open) -> Iterator[Frame]:
    while True:
        yield from _once(source)


def _held(source: _Open) -> Iterator[Frame]:
    with source() as reader:
        for frame in reader:
            last = frame.copy()
            yield frame
    while True:
        yield last.copy()


def _back_and_forth(source: _Open, frames: int, folder: Path, cancelled: Callable[[], bool]) -> Iterator[Frame]:
    with source() as reader, Mezzanine(reader.info.width, reader.info.height, reader.info.colour, folder) as kept:
        first, last = _first_again(reader.info.frames_25 - _MORE, frames), 0
        for frame in reader:
            if frame.index >= first:
                kept.write(frame)
            last = frame.index
            yield frame
        if (missing := _first_again(last + 1, frames)) < first:  # the file announced more than it holds
            _put_by(source, range(missing, first), kept, cancelled)
        kept.finish()
        while last:
            yield from kept.read(last - 1, -1)
            yield from kept.read(1, last + 1)
        while True:
            yield from kept.read(0, 1)


def _first_again(length: int, frames: int) -> int:
    """From which frame on a template of this length is shown a second time."""
    return max(0, 2 * length - 1 - frames)


def _put_by(source: _Open, missing: range, kept: Mezzanine, cancelled: Callable[[], bool]) -> None:
    with source() as reader:
        for frame in islice(reader, missing.stop):
            if cancelled():
                raise HeygemError(ErrorCode.CANCELLED)
            if frame.index in missing:
                kept.write(frame)
