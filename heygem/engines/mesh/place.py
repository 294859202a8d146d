"""Where in a picture things of the face are: boxes of whole chroma samples, and the face's own coordinates in them."""

from math import ceil, floor
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from heygem.media.frame import Plane
from heygem.media.rgb import Box

Floats = npt.NDArray[np.float32]


def around(pixels: npt.NDArray[np.floating[Any]], within: Box, margin: int = 4) -> Box | None:
    """The part of `within` that holds the points (N, 2), and an even margin; None where next to nothing is left."""
    (x0, y0), (x1, y1) = pixels.min(axis=0).tolist(), pixels.max(axis=0).tolist()
    left, top = max(within[0], floor(x0 / 2) * 2 - margin), max(within[1], floor(y0 / 2) * 2 - margin)
    right, bottom = min(within[2], ceil(x1 / 2) * 2 + margin), min(within[3], ceil(y1 / 2) * 2 + margin)
    return (left, top, right, bottom) if right - left >= 4 and bottom - top >= 4 else None


def seen_from(outer: Box, box: Box) -> Box:
    """A box in pixels of another one."""
    return box[0] - outer[0], box[1] - outer[1], box[2] - outer[0], box[3] - outer[1]


def half(box: Box) -> Box:
    """The same box counted in chroma samples."""
    return box[0] // 2, box[1] // 2, box[2] // 2, box[3] // 2


def cut(plane: npt.NDArray[Any], box: Box) -> npt.NDArray[Any]:
    return plane[box[1] : box[3], box[0] : box[2]]


def face_coordinates(
    columns: Floats, rows: Floats, pose: npt.NDArray[np.floating[Any]]
) -> tuple[npt.NDArray[np.floating[Any]], npt.NDArray[np.floating[Any]]]:
    """x and y (h, w) in face units of where columns (w,) and rows (h,) of pixels cross."""
    a, b, tx, ty = pose.tolist()
    square = a * a + b * b
    across, down = (columns - tx) / square, ((rows - ty) / square)[:, None]
    return a * across + b * down, a * down - b * across


def coordinates_in(
    box: Box, pose: npt.NDArray[np.floating[Any]]
) -> tuple[npt.NDArray[np.floating[Any]], npt.NDArray[np.floating[Any]]]:
    """x and y (h, w) of a box's pixels in face units."""
    x0, y0, x1, y1 = box
    return face_coordinates(np.arange(x0, x1, dtype=np.float32), np.arange(y0, y1, dtype=np.float32), pose)


def height_at(x: npt.NDArray[np.floating[Any]], line: npt.NDArray[np.floating[Any]]) -> Floats:
    """y of a line (N, 2), whose x grows, at each x."""
    return np.asarray(np.interp(x, line[:, 0], line[:, 1]), np.float32)


def halved(values: Floats) -> Floats:
    """The same at chroma's size."""
    return np.asarray(cv2.resize(values, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.float32)


def blend(plane: Plane, new: Plane, share: Floats) -> None:
    """Lay `new` over `plane` (h, w) or (h, w, channels), in place, where `share` (h, w) is above 0."""
    cv2.blendLinear(new, plane, share, 1 - share, plane)
