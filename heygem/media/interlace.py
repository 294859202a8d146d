"""Interlaced video: every second line is 1/50 s younger, and what moves has combs.

Cameras and recorders flag whole progressive videos as interlaced. Those are left as they are: a picture has to show
combs before lines of it are made anew.
"""

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
from av.filter import Graph
from av.video.frame import VideoFrame

from heygem.media.graph import NeedsMoreError, chain, source_for

# A comb is a line that differs from the lines beside it by more than this, and more than from those next to them.
_COMB = 40
_BLOCK = 16  # pixels
_COMBED_SHARE = 0.2  # of the pixels of a block


def deinterlaced(pictures: Iterable[VideoFrame]) -> Iterator[VideoFrame]:
    """The pictures, in number and time as they come, without combs once any were seen."""
    weaver: _Weaver | None = None
    for picture in pictures:
        if weaver and not weaver.takes(picture):
            yield from weaver.finish()
            weaver = None
        if weaver or (picture.interlaced_frame and has_combs(picture)):
            weaver = weaver or _Weaver(picture)
            yield from weaver.feed(picture)
        else:
            yield picture
    if weaver:
        yield from weaver.finish()


class _Weaver:
    """The filter, which wants to see the next picture before it gives this one."""

    def __init__(self, first: VideoFrame) -> None:
        self._kind = _kind(first)
        self._waiting: deque[VideoFrame] = deque()
        self._graph = Graph()
        chain(
            self._graph,
            source_for(self._graph, first),
            "bwdif=mode=send_frame:parity=auto:deint=interlaced",
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
    # Every second column tells as much. Three lines of one field against the two of the other between them.
    lines = picture.reformat(format="gray").to_ndarray()[:, ::2].astype(np.int16)
    if len(lines) < _BLOCK + 4:
        return False
    middle = 2 * lines[2:-2]
    across = np.abs(middle - lines[1:-3] - lines[3:-1])
    within = np.abs(middle - lines[:-4] - lines[4:])
    return bool(_blocks(across > 2 * within + _COMB).max(initial=0) > _COMBED_SHARE)


def _blocks(combs: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """The share of combs in each block of a picture whose every second column is here."""
    down, right = len(combs) // _BLOCK, combs.shape[1] // (_BLOCK // 2)
    whole = combs[: down * _BLOCK, : right * (_BLOCK // 2)]
    return np.asarray(whole.reshape(down, _BLOCK, right, _BLOCK // 2).mean(axis=(1, 3)), np.float64)
