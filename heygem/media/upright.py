"""From a decoded picture to an upright, square-pixel, even-sized 8-bit YUV 4:2:0 one."""

import struct
from collections.abc import Iterable
from fractions import Fraction
from math import atan2, degrees, hypot
from typing import NamedTuple

import numpy as np
from av.buffer import Buffer
from av.filter import Graph
from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane

from heygem.media.frame import Colour, Frame, Plane

_PLAIN = frozenset({"yuv420p", "yuvj420p"})
_SQUARE = Fraction(1)
_NEW_KINDS = 16  # libav 8 knows four kinds of side data that PyAV 18 does not
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
    try:
        try:
            data = picture.side_data
        except ValueError:
            # PyAV shows no side data at all where one kind is too new for it: EXIF, stereo views.
            data = _without_new_kinds(picture).side_data
        matrix: Buffer = data[Type.DISPLAYMATRIX]  # type: ignore[typeddict-item]  # av's stub lags
    except (KeyError, ValueError):
        return None
    return bytes(matrix)


def _without_new_kinds(picture: VideoFrame) -> VideoFrame:
    unknown = 1 + max(int(kind.value) for kind in Type)  # type: ignore[call-overload]  # av's stub: no enum
    graph = Graph()
    size = f"video_size={picture.width}x{picture.height}:pix_fmt={picture.format.name}:time_base=1/25"
    source = graph.add("buffer", f"{size}:colorspace={picture.colorspace}:range={picture.color_range}")
    deletes = [graph.add("sidedata", f"delete:{kind}") for kind in range(unknown, unknown + _NEW_KINDS)]
    graph.link_nodes(source, *deletes, graph.add("buffersink")).configure()
    graph.vpush(picture)
    return graph.vpull()


def _turn_filters(rotation: int, c: int, d: int) -> tuple[str, ...]:
    if rotation == 90:
        return ("transpose=cclock_flip",) if c > 0 else ("transpose=clock",)
    if rotation == 270:
        return ("transpose=clock_flip",) if c < 0 else ("transpose=cclock",)
    # vflip only turns the line order in memory around; an hflip behind it makes a true copy.
    if rotation == 180:
        return ("vflip", "hflip") if d < 0 else ("hflip",)
    return ("vflip", "hflip", "hflip") if d < 0 else ()


def upright_size(picture: VideoFrame, aspect: Fraction | None, max_short_side: int | None = None) -> tuple[int, int]:
    """Width and height after turning, squaring the pixels and shrinking; not yet even."""
    width, height = Fraction(picture.width), Fraction(picture.height)
    if aspect and 1 / _STRANGEST_PIXEL <= aspect <= _STRANGEST_PIXEL and aspect != _SQUARE:
        width, height = (width * aspect, height) if aspect > 1 else (width, height / aspect)
    if turn_of(picture).rotation % 180:
        width, height = height, width
    shrink = min(_SQUARE, Fraction(max_short_side) / min(width, height)) if max_short_side else _SQUARE
    return round(width * shrink), round(height * shrink)


class Straightener:
    """Turns decoded pictures of one stream into frames of one size."""

    def __init__(self, first: VideoFrame, aspect: Fraction | None, max_short_side: int | None) -> None:
        # Asked once: a picture whose side data was looked at refers to itself and lives until the collector comes.
        self._turn = turn_of(first).filters
        width, height = upright_size(first, aspect, max_short_side)
        self.width, self.height = max(2, width & ~1), max(2, height & ~1)
        self._graph: Graph | None = None
        self._graph_for: object = None
        straight = self(first)
        self.colour = Colour(straight.color_range, straight.colorspace, straight.color_primaries, straight.color_trc)

    def __call__(self, picture: VideoFrame) -> VideoFrame:
        """The picture upright in 4:2:0; the very same object where nothing is to do but to drop an odd last line."""
        # A stream may change its size or format on the way; the output does not.
        if not self._turn and _plain(picture) and self._fits(picture.width, picture.height):
            return picture
        wanted = (picture.width, picture.height, picture.format.name)
        if self._graph is None or wanted != self._graph_for:
            self._graph, self._graph_for = self._build(picture), wanted
        self._graph.vpush(picture)
        return self._graph.vpull()

    def _fits(self, width: int, height: int) -> bool:
        return (width & ~1, height & ~1) == (self.width, self.height)

    def _build(self, picture: VideoFrame) -> Graph:
        graph = Graph()
        source = (
            f"video_size={picture.width}x{picture.height}:pix_fmt={picture.format.name}:time_base=1/25"
            f":colorspace={picture.colorspace}:range={picture.color_range}"
        )
        nodes = [graph.add("buffer", source)]
        nodes += [graph.add(*step.split("=", 1)) for step in self._turn]
        turned = (picture.height, picture.width) if any("transpose" in step for step in self._turn) else None
        if picture.format.is_rgb:
            nodes.append(graph.add("scale", f"{self.width}:{self.height}:out_color_matrix=bt709:out_range=limited"))
        elif not self._fits(*(turned or (picture.width, picture.height))):
            nodes.append(graph.add("scale", f"{self.width}:{self.height}:flags=bicubic"))
        nodes += [graph.add("format", "yuv420p"), graph.add("buffersink")]
        graph.link_nodes(*nodes).configure()
        return graph


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
