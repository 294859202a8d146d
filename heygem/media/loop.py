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

# A file may announce so many frames more than it holds: within that, nothing is put by for the way back.
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
        put_by = frames > reader.info.frames_25 - _MORE
        for frame in reader:
            if put_by:
                kept.write(frame)
            yield frame
        if not put_by:  # the file announced more than it holds
            _put_all_by(source, kept, cancelled)
        kept.finish()
        while len(kept) > 1:
            yield from kept.read(len(kept) - 2, -1)
            yield from kept.read(1, len(kept))
        while True:
            yield from kept.read(0, 1)


def _put_all_by(source: _Open, kept: Mezzanine, cancelled: Callable[[], bool]) -> None:
    with source() as reader:
        for frame in reader:
            if cancelled():
                raise HeygemError(ErrorCode.CANCELLED)
            kept.write(frame)
