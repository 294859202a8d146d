"""Subtitles as a part of the picture: white, with a black edge, below the middle."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from heygem.media.fonts import Font, fonts_for, runs
from heygem.media.frame import Frame, Plane
from heygem.media.info import FPS
from heygem.media.subtitles import Cue

_COLUMNS, _COLUMNS_UPRIGHT = 42, 28  # of a line; a Chinese sign takes two
_SHARE = 0.92  # of the picture's width, for a full line
_LARGEST = 1 / 14  # of its height
_BELOW = 0.05  # of its height, under the last line
_LINE, _ASCENT = 1.3, 1.05  # of the letters' size
_EDGE = 1 / 11  # of the letters' size
_NO_COLOUR = 128

Lines = list[list[tuple[str, Font]]]
_Share = npt.NDArray[np.float32]


def columns(width: int, height: int) -> int:
    """How long a line may be so that it can be read on a picture of this shape."""
    return _COLUMNS if width > height else _COLUMNS_UPRIGHT


@dataclass(frozen=True)
class _Stamp:
    """One subtitle as it is laid on a frame: `light` (h, w) 0 black … 1 white, as far as `cover` (h, w) says."""

    left: int
    top: int
    light: _Share
    cover: _Share

    def on(self, frame: Frame) -> None:
        height, width = self.cover.shape
        black, white = (0, 255) if frame.colour.range == 2 else (16, 235)
        rows, across = slice(self.top, self.top + height), slice(self.left, self.left + width)
        _mix(frame.y[rows, across], black + (white - black) * self.light, self.cover)
        small = self.cover.reshape(height // 2, 2, width // 2, 2).max(axis=(1, 3))  # a mean leaves coloured edges
        rows, across = (slice(part.start // 2, part.stop // 2) for part in (rows, across))
        for plane in (frame.u, frame.v):
            _mix(plane[rows, across], _NO_COLOUR, small)


class Burner:
    """Paints the subtitles of one video.

    Raises:
        HeygemError: FONT_MISSING if no font here has their letters.
    """

    def __init__(self, cues: Sequence[Cue]) -> None:
        fonts = fonts_for("".join(cue.text for cue in cues))
        told = [(cue, [line for text in cue.text.splitlines() if (line := runs(text, fonts))]) for cue in cues]
        self._cues = [(cue, lines) for cue, lines in told if lines]
        self._next = 0
        self._stamp: _Stamp | None = None

    def burned(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """The frames, in order from the first, painted in place."""
        for number, frame in enumerate(frames):
            if stamp := self._at(number / FPS, frame.width, frame.height):
                stamp.on(frame)
            yield frame

    def _at(self, seconds: float, width: int, height: int) -> _Stamp | None:
        """Times only go up: each subtitle is drawn once, when it comes."""
        if self._next and seconds >= self._cues[self._next - 1][0].end_s:
            self._stamp = None
        while self._next < len(self._cues) and self._cues[self._next][0].start_s <= seconds:
            self._stamp = _stamp(self._cues[self._next][1], width, height)
            self._next += 1
        return self._stamp


def _stamp(lines: Lines, width: int, height: int) -> _Stamp:
    size = min(_SHARE * width * 2 / columns(width, height), _LARGEST * height)
    size *= min(1.0, _SHARE * width / max(_length(line, size) for line in lines))
    edge = max(1, round(size * _EDGE))
    wide = min(width, _even(max(_length(line, size) for line in lines) + 4 * edge))
    high = min(height, _even(len(lines) * _LINE * size + 2 * edge))
    fill, whole = (Image.new("L", (wide, high)) for _ in range(2))
    for number, line in enumerate(lines):
        x, y = (wide - _length(line, size)) / 2, edge + (number * _LINE + _ASCENT) * size
        for text, font in line:
            face = _face(font, size)
            ImageDraw.Draw(fill).text((x, y), text, 255, face, anchor="ls")
            ImageDraw.Draw(whole).text((x, y), text, 255, face, anchor="ls", stroke_width=edge)
            x += face.getlength(text)
    top = max(0, int(height * (1 - _BELOW)) - high)
    return _Stamp((width - wide) // 2 & ~1, top & ~1, _share(fill), _share(whole))


def _length(line: Sequence[tuple[str, Font]], size: float) -> float:
    return sum(_face(font, size).getlength(text) for text, font in line)


@lru_cache(maxsize=16)
def _face(font: Font, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font.path, size, font.index)


def _share(image: Image.Image) -> _Share:
    return np.asarray(image, np.float32) / np.float32(255)


def _even(length: float) -> int:
    return int(length) // 2 * 2 + 2


def _mix(plane: Plane, new: _Share | int, share: _Share) -> None:
    plane[...] = np.rint(plane + (new - plane) * share)
