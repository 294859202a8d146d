"""A frame as RGB, for nets that look at it."""

import numpy as np
import numpy.typing as npt
from av.video.frame import VideoFrame

from heygem.media.frame import Frame
from heygem.media.upright import fill_picture

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels, right and bottom outside


def to_rgb(frame: Frame, box: Box | None = None) -> npt.NDArray[np.uint8]:
    """The frame, or a box of it, as RGB of shape (h, w, 3). The box is clipped to the frame."""
    left, top, right, bottom = _clipped(box, frame) if box else (0, 0, frame.width, frame.height)
    # Chroma comes in blocks of two pixels: convert whole blocks, then cut.
    x, y = left & ~1, top & ~1
    wide, high = (right - x + 1) & ~1, (bottom - y + 1) & ~1
    half = slice(y // 2, (y + high) // 2), slice(x // 2, (x + wide) // 2)
    picture = VideoFrame(wide, high, "yuv420p")
    fill_picture(picture, (frame.y[y : y + high, x : x + wide], frame.u[half], frame.v[half]))
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


def _matrix(frame: Frame) -> int:
    """The matrix that the colour names; where it names none, players go by the size, and so do we."""
    if frame.colour.space in (1, 4, 5, 6, 7, 9):
        return {6: 5, 10: 9}.get(frame.colour.space, frame.colour.space)
    return 1 if min(frame.width, frame.height) >= 720 else 5


_LIGHT = {1: (0.2126, 0.0722), 4: (0.30, 0.11), 5: (0.299, 0.114), 7: (0.212, 0.087), 9: (0.2627, 0.0593)}


def yuv_of_rgb(frame: Frame) -> npt.NDArray[np.float32]:
    """The matrix (3, 4) that makes this frame's Y, U and V, 0..255, of R, G, B, 0..255, and 1: the way back."""
    red, blue = _LIGHT[_matrix(frame)]
    luma = np.array([red, 1 - red - blue, blue])
    u = (np.array([0, 0, 1]) - luma) / (2 * (1 - blue))
    v = (np.array([1, 0, 0]) - luma) / (2 * (1 - red))
    limited = frame.colour.range != 2
    scale = np.array([219, 224, 224]) / 255 if limited else np.ones(3)
    offset = np.array([16 if limited else 0, 128, 128])
    return np.column_stack([np.stack([luma, u, v]) * scale[:, None], offset]).astype(np.float32)
