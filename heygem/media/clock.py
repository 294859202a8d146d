"""The times that pictures come with. Some containers know no others than those in whose order pictures are stored."""

from collections.abc import Iterable, Iterator

from av.video.frame import VideoFrame

# A longer hole between two pictures is a damaged clock, not a slow camera; it is closed up.
LONGEST_GAP_S = 10.0


def in_time(pictures: Iterable[VideoFrame]) -> Iterator[VideoFrame]:
    """Decoded pictures, each with the one of its two times that has gone back less often so far, as players choose."""
    shown, stored = _Clock(), _Clock()
    for picture in pictures:
        shown.see(picture.pts)
        stored.see(picture.dts)
        if picture.dts is not None and (shown.back > stored.back or shown.last is None):
            picture.pts = picture.dts
        yield picture


class _Clock:
    def __init__(self) -> None:
        self.last: int | None = None
        self.back = 0

    def see(self, now: int | None) -> None:
        if now is not None:
            self.back += self.last is not None and now <= self.last
            self.last = now
