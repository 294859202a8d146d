"""From a decoded picture to an upright, square-pixel, even-sized 8-bit YUV 4:2:0 one."""

import struct
from collections.abc import Callable, Iterable
from fractions import Fraction
from math import atan2, degrees, hypot, sqrt
from typing import NamedTuple

import numpy as np
from av.buffer import Buffer
from av.filter import Graph
from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane

from heygem.media.alpha import alpha_range, has_alpha, has_rgb, on_white
from heygem.media.frame import Colour, Frame, Plane
from heygem.media.graph import Filters, chain, described, shared_filters, source_for
from heygem.media.tone import is_hdr, is_wide, to_bt709

_PLAIN = frozenset({"yuv420p", "yuvj420p"})
_SQUARE = Fraction(1)
# Matrices that libav's filters can't calculate with, and what to call them there: rounding and scaling need none.
_UNKNOWN_MATRICES = {8: 2, 10: 9, 11: 2, 12: 2, 13: 2}
_OPAQUE = 255
_DISPLAY_MATRIX = 6  # libav's number for this kind of side data
_KINDS = 48  # more than it has: 32
STILL_PIXELS = 3840 * 2160  # what a still shows at most: cameras make larger ones than any screen is
_STRANGEST_PIXEL = 4  # a pixel aspect beyond 4:1 is a broken header, not an anamorphic recording


class Turn(NamedTuple):
    """What the display matrix asks for: libav filters, and the clockwise quarter turns among them."""

    filters: tuple[str, ...]
    rotation: int  # 0, 90, 180, 270


def turn_of(picture: VideoFrame) -> Turn:
    """How to make a decoded picture upright, mirrored ones (front cameras, EXIF) included."""
    if (matrix := _display_matrix(picture)) is None:
        return Turn((), 0)
    a, b, _, c, d, *_ = struct.unpack("=9i", matrix[:36])
    if not (across := hypot(a, c)) or not (down := hypot(b, d)):
        return Turn((), 0)
    rotation = round(degrees(atan2(b / down, a / across)) / 90) * 90 % 360
    return Turn(_turn_filters(rotation, c, d), rotation)


def _display_matrix(picture: VideoFrame) -> bytes | None:
    """PyAV lists side data of its own kinds only, and frees twice what belongs to some (profiles): away with the rest.

    The one kind is left in a second picture, which goes at once.
    """
    graph = Graph()
    deletes = [f"sidedata=delete:{kind}" for kind in range(_KINDS) if kind != _DISPLAY_MATRIX]
    chain(graph, source_for(graph, picture), *deletes, "buffersink")
    try:
        matrix: Buffer = Filters(graph)(picture).side_data[Type.DISPLAYMATRIX]  # type: ignore[typeddict-item]  # av's stub lags
    except KeyError:
        return None
    return bytes(matrix)


def _turn_filters(rotation: int, c: int, d: int) -> tuple[str, ...]:
    if rotation == 90:
        return ("transpose=cclock_flip",) if c > 0 else ("transpose=clock",)
    if rotation == 270:
        return ("transpose=clock_flip",) if c < 0 else ("transpose=cclock",)
    # vflip only turns the line order in memory around; an hflip behind it makes a true copy.
    if rotation == 180:
        return ("vflip", "hflip") if d < 0 else ("hflip",)
    return ("vflip", "hflip", "hflip") if d < 0 else ()


def upright_size(
    picture: VideoFrame, aspect: Fraction | None, max_short_side: int | None = None, most_pixels: int | None = None
) -> tuple[int, int]:
    """Width and height after turning, squaring the pixels and shrinking; not yet even."""
    width, height = Fraction(picture.width), Fraction(picture.height)
    if aspect and 1 / _STRANGEST_PIXEL <= aspect <= _STRANGEST_PIXEL and aspect != _SQUARE:
        width, height = (width * aspect, height) if aspect > 1 else (width, height / aspect)
    if turn_of(picture).rotation % 180:
        width, height = height, width
    shrink = min(_SQUARE, Fraction(max_short_side) / min(width, height)) if max_short_side else _SQUARE
    size = round(width * shrink), round(height * shrink)
    return shrunk(*size, most_pixels) if most_pixels else size


def shrunk(width: int, height: int, most_pixels: int) -> tuple[int, int]:
    """The same shape with at most so many pixels."""
    shrink = min(1.0, sqrt(most_pixels / (width * height)))
    return max(1, int(width * shrink)), max(1, int(height * shrink))


class Straightener:
    """Turns decoded pictures of one stream into frames of one size. `convert` has the last word on their colours."""

    def __init__(
        self,
        first: VideoFrame,
        aspect: Fraction | None,
        max_short_side: int | None,
        most_pixels: int | None = None,
        convert: Callable[[VideoFrame], VideoFrame] | None = None,
    ) -> None:
        space = first.colorspace
        # Asked once: a picture whose side data was looked at refers to itself and lives until the collector comes.
        self._turn = turn_of(first).filters
        width, height = upright_size(first, aspect, max_short_side, most_pixels)
        self.width, self.height = max(2, width & ~1), max(2, height & ~1)
        self._convert = convert
        self._filters: Filters | None = None
        self._filters_for: object = None
        least, most = alpha_range(first)
        self.transparent = least < most or 0 < most < _OPAQUE
        self._solid = most == 0  # of which nothing would be seen: nobody filled the fourth channel in
        straight = self(first)
        if self._converted(first) or space not in _UNKNOWN_MATRICES:
            space = straight.colorspace
        self.colour = Colour(straight.color_range, space, straight.color_primaries, straight.color_trc)

    def __call__(self, picture: VideoFrame) -> VideoFrame:
        """The picture upright in 4:2:0; the very same object where nothing is to do but to drop an odd last line."""
        straight = self._straight(picture)
        return self._convert(straight) if self._convert else straight

    def _converted(self, picture: VideoFrame) -> bool:
        return bool(self._convert) or is_wide(picture) or has_rgb(picture)

    def _straight(self, picture: VideoFrame) -> VideoFrame:
        # A stream may change its size or format on the way; the output does not.
        if not self._turn and _plain(picture) and self._fits(picture.width, picture.height) and not is_wide(picture):
            return picture
        picture.colorspace = _UNKNOWN_MATRICES.get(picture.colorspace, picture.colorspace)
        light = (picture.colorspace, picture.color_range, picture.color_primaries, picture.color_trc)
        wanted = (picture.width, picture.height, picture.format.name, light)
        if self._filters is None or wanted != self._filters_for:
            self._filters, self._filters_for = self._build(picture), wanted
        return self._filters(picture)

    def _fits(self, width: int, height: int) -> bool:
        return (width & ~1, height & ~1) == (self.width, self.height)

    def _build(self, picture: VideoFrame) -> Filters:
        steps = (*self._turn, *self._scale(picture), "format=yuv420p")
        graph = Graph()
        last = source_for(graph, picture)
        if has_alpha(picture) and not self._solid:
            if not self._fits(*self._turned(picture)):  # it is in memory four times there, and made smaller anyway
                size = shrunk(picture.width, picture.height, STILL_PIXELS)
                last = chain(graph, last, f"scale={size[0]}:{size[1]}")
            last = on_white(graph, last, picture)
        elif is_hdr(picture):
            return shared_filters(described(picture), *steps)
        chain(graph, last, *steps, "buffersink")
        return Filters(graph)

    def _turned(self, picture: VideoFrame) -> tuple[int, int]:
        turned = any("transpose" in step for step in self._turn)
        return (picture.height, picture.width) if turned else (picture.width, picture.height)

    def _scale(self, picture: VideoFrame) -> list[str]:
        stands = self._turned(picture)
        fits = self._fits(*stands)
        size = "" if fits else f"w={self.width}:h={self.height}:flags=bicubic"
        cut = [f"crop={self.width}:{self.height}:0:0"] if fits and stands != (self.width, self.height) else []
        if is_wide(picture):
            return [*cut, *to_bt709(picture, size)]
        if has_rgb(picture):
            return [*cut, f"scale={size}{':' if size else ''}out_color_matrix=bt709:out_range=limited"]
        return [f"scale={size}"] if size else cut


def _plain(picture: VideoFrame) -> bool:
    top_down = all(plane.line_size > 0 for plane in picture.planes)
    return picture.format.name in _PLAIN and top_down


def to_frame(picture: VideoFrame, width: int, height: int, index: int, colour: Colour) -> Frame:
    """Copy the planes of a 4:2:0 picture out of libav's padded lines."""
    y, u, v = (_lines(plane) for plane in picture.planes)
    half = (slice(height // 2), slice(width // 2))
    return Frame.of(y[:height, :width], u[half], v[half], index, colour)


def fill_picture(picture: VideoFrame, planes: Iterable[Plane]) -> None:
    """Copy a frame's planes, or the same part of each, into libav's padded lines."""
    for plane, values in zip(picture.planes, planes, strict=True):
        height, width = values.shape
        _lines(plane)[:height, :width] = values


def _lines(plane: VideoPlane) -> Plane:
    return np.frombuffer(memoryview(plane), np.uint8)[: plane.height * plane.line_size].reshape(-1, plane.line_size)
