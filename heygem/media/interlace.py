"""Interlaced video: every second line is 1/50 s younger, and what moves has combs.

Cameras and recorders flag whole progressive videos as interlaced. Those are left as they are: a picture has to show
combs before lines of it are made anew. Editors and converters lose the flag: then combs alone do not tell, since
stripes look the same, but what comes next does.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress

import av
import numpy as np
import numpy.typing as npt
from av.filter import Graph
from av.video.frame import VideoFrame

from heygem.media.graph import NeedsMoreError, chain, source_for

# A comb is a line that differs from the lines beside it by more than this, and more than from those next to them.
_COMB = 40
_BLOCK = 16  # pixels
_COMBED_SHARE = 0.2  # of the pixels of a block
_COLUMNS, _FEW_COLUMNS = 2, 4  # every so-manieth tells as much as all
_FLAGGED, _TOP_FIRST, _BOTTOM_FIRST = "auto:deint=interlaced", "tff:deint=all", "bff:deint=all"
# By how much worse the field that is three moments away fits than the one that is one moment away, in pixels.
_WORSE, _LEAST = 2.5, 64
_SURE, _RARELY = 50, 7  # after so many without combs, so many pictures are not asked
_PATIENCE, _LONGEST_PAUSE = 10, 4  # after so many that only looked woven, up to so many
_LUMA_FIRST = ("yuv4", "yuvj4", "nv12", "gray")  # names of formats whose first plane it is

_Lines = npt.NDArray[np.int16]


def deinterlaced(pictures: Iterable[VideoFrame]) -> Iterator[VideoFrame]:
    """The pictures, in number and time as they come, without combs once any were seen."""
    weaver: _Weaver | None = None
    judge = _Judge()
    for picture, following in _with_next(pictures):
        if weaver and not weaver.takes(picture):
            yield from weaver.finish()
            weaver = None
        if weaver is None:
            with suppress(av.FFmpegError):  # formats that libav's filters can't take stay as they are
                if parity := judge.parity(picture, following):
                    weaver = _Weaver(picture, parity)
        if weaver:
            yield from weaver.feed(picture)
        else:
            yield picture
    if weaver:
        yield from weaver.finish()


def _with_next(pictures: Iterable[VideoFrame]) -> Iterator[tuple[VideoFrame, VideoFrame | None]]:
    held: VideoFrame | None = None
    for picture in pictures:
        if held:
            yield held, picture
        held = picture
    if held:
        yield held, None


class _Judge:
    """Finds out whether pictures are woven, without asking each at length."""

    def __init__(self) -> None:
        self._pause = self._clean = self._doubts = 0

    def parity(self, picture: VideoFrame, following: VideoFrame | None) -> str | None:
        """How to take a picture apart in which two moments are woven together; None for what is one moment."""
        if picture.interlaced_frame:
            return _FLAGGED if has_combs(picture) else None
        self._pause -= 1
        if self._pause >= 0 or following is None or _kind(following) != _kind(picture):
            return None
        if not _maybe_combed(picture):
            self._clean += 1
            self._pause = 1 if self._clean < _SURE else _RARELY
            return None
        self._doubts += 1
        self._pause = min(_LONGEST_PAUSE, self._doubts // _PATIENCE)
        return _unflagged(_lines(picture), _lines(following))


def _unflagged(now: _Lines, later: _Lines) -> str | None:
    """Which field is first, by how the fields of one picture fit into those of the next; None for one moment's stripes.

    Of two woven moments one fits the next picture as well as it fits the other, or better, one far worse. A picture of
    one moment fits itself alone: both its fields are equally far from what comes next.
    """
    where = _combed(now)
    if not where.any():
        return None
    even = np.arange(len(now))[:, None] % 2 == 0
    own, top, bottom = (
        int(np.count_nonzero(_in_blocks(_combs(lines), _COLUMNS)[where]))
        for lines in (now, np.where(even, later, now), np.where(even, now, later))
    )
    near, far = min(top, bottom) - own, max(top, bottom) - own
    woven = far >= _WORSE * abs(near) + _LEAST
    film = near <= -own / 2 - _LEAST and far >= -own / 4  # of which two moments were woven into pictures between others
    if not (woven or film):
        return None
    return _TOP_FIRST if top < bottom else _BOTTOM_FIRST


class _Weaver:
    """The filter, which wants to see the next picture before it gives this one."""

    def __init__(self, first: VideoFrame, parity: str) -> None:
        self._kind = _kind(first)
        self._waiting: deque[VideoFrame] = deque()
        self._graph = Graph()
        chain(
            self._graph,
            source_for(self._graph, first),
            f"bwdif=mode=send_frame:parity={parity}",
            f"format={first.format.name}",
            "buffersink",
        )
        self._graph.configure()

    def takes(self, picture: VideoFrame) -> bool:
        return _kind(picture) == self._kind

    def feed(self, picture: VideoFrame | None) -> Iterator[VideoFrame]:
        if picture:
            self._waiting.append(picture)
        self._graph.vpush(picture)
        while self._waiting:
            try:
                made = self._graph.vpull()
            except (NeedsMoreError, EOFError):
                return
            source = self._waiting.popleft()
            made.pts, made.duration, made.time_base = source.pts, source.duration, source.time_base
            yield made

    def finish(self) -> Iterator[VideoFrame]:
        yield from self.feed(None)


def _kind(picture: VideoFrame) -> tuple[int, int, str]:
    return picture.width, picture.height, picture.format.name


def has_combs(picture: VideoFrame) -> bool:
    """Whether two moments are woven into a picture, somewhere in it."""
    return bool(_combed(_lines(picture)).any())


def _maybe_combed(picture: VideoFrame) -> bool:
    """The same by fewer columns, to spend little on what has no combs."""
    return bool(_combed(_lines(picture, _FEW_COLUMNS), _FEW_COLUMNS).any())


def _lines(picture: VideoFrame, columns: int = _COLUMNS) -> _Lines:
    luma, form = picture.planes[0], picture.format
    deep = form.components[0].bits - 8
    if luma.line_size <= 0 or not form.name.startswith(_LUMA_FIRST) or (deep and not form.name.endswith("le")):
        grey = picture.reformat(format="gray", src_colorspace=1, dst_colorspace=1)  # any that libav can calculate with
        return grey.to_ndarray()[:, ::columns].astype(np.int16)
    stored = np.frombuffer(memoryview(luma), np.uint8)[: luma.height * luma.line_size].reshape(luma.height, -1)
    if not deep:
        return stored[:, : luma.width : columns].astype(np.int16)
    return np.right_shift(stored.view(np.uint16)[:, : luma.width : columns], deep).astype(np.int16)


def _combs(lines: _Lines) -> npt.NDArray[np.bool_]:
    """Where three lines of one field differ from the two between them; without the two lines at the top and bottom."""
    steps = np.diff(lines, axis=0)  # and not the sums themselves: half of the work
    across = np.abs(steps[1:-2] - steps[2:-1])
    pairs = lines[2:] - lines[:-2]
    within = np.abs(pairs[:-2] - pairs[2:])
    within *= 2
    within += _COMB
    return np.asarray(across > within)


def _combed(lines: _Lines, columns: int = _COLUMNS) -> npt.NDArray[np.bool_]:
    """The blocks that are full of combs."""
    if len(lines) < _BLOCK + 4:
        return np.zeros((0, 0), bool)
    blocks = _in_blocks(_combs(lines), columns).view(np.uint8)
    high, wide = blocks.shape[2:]
    # Lines first, and in bytes, which can count all of a block: a tenth of what their means would take.
    counts = np.add.reduce(np.add.reduce(blocks, axis=2, dtype=np.uint8), axis=2, dtype=np.uint8)
    return np.asarray(counts > _COMBED_SHARE * high * wide)


def _in_blocks(combs: npt.NDArray[np.bool_], columns: int) -> npt.NDArray[np.bool_]:
    """Shape (down, right, lines, columns); what makes no whole block is left out."""
    across = _BLOCK // columns
    down, right = len(combs) // _BLOCK, combs.shape[1] // across
    whole = combs[: down * _BLOCK, : right * across]
    return whole.reshape(down, _BLOCK, right, across).swapaxes(1, 2)
