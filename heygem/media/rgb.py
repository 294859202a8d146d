"""A frame as RGB, for nets that look at it."""

import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame

from heygem.media.frame import Frame, Plane
from heygem.media.upright import fill_picture

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels, right and bottom outside


def to_rgb(frame: Frame, box: Box | None = None) -> npt.NDArray[np.uint8]:
    """The frame, or a box of it, as RGB of shape (h, w, 3). The box is clipped to the frame."""
    left, top, right, bottom = _clipped(box, frame) if box else (0, 0, frame.width, frame.height)
    # Chroma comes in blocks of two pixels: convert whole blocks, then cut.
    x, y = left & ~1, top & ~1
    wide, high = (right - x + 1) & ~1, (bottom - y + 1) & ~1
    part = Frame(
        frame.y[y : y + high, x : x + wide],
        _chroma(frame.u, x, y, wide, high),
        _chroma(frame.v, x, y, wide, high),
        frame.index,
    )
    picture = VideoFrame(wide, high, "yuv420p")
    fill_picture(picture, part)
    rgb = picture.reformat(
        format="rgb24",
        src_colorspace=_matrix(frame),
        src_color_range=2 if frame.colour.range == 2 else 1,
        dst_color_range=2,
    ).to_ndarray()
    return np.ascontiguousarray(rgb[top - y : bottom - y, left - x : right - x], np.uint8)


def _clipped(box: Box, frame: Frame) -> Box:
    left, top = min(max(box[0], 0), frame.width - 1), min(max(box[1], 0), frame.height - 1)
    return left, top, min(max(box[2], left + 1), frame.width), min(max(box[3], top + 1), frame.height)


def _chroma(plane: Plane, x: int, y: int, wide: int, high: int) -> Plane:
    return plane[y // 2 : (y + high) // 2, x // 2 : (x + wide) // 2]


def _matrix(frame: Frame) -> int:
    """The matrix that the colour names; where it names none, players go by the size, and so do we."""
    if frame.colour.space in (1, 4, 5, 6, 7, 9):
        return {6: 5, 10: 9}.get(frame.colour.space, frame.colour.space)
    return 1 if min(frame.width, frame.height) >= 720 else 5
