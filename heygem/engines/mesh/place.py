"""Where in a picture things of the face are: boxes of whole chroma samples, and the face's own coordinates in them."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from heygem.face.pose import inverse

Floats = npt.NDArray[np.float32]
Box = tuple[int, int, int, int]


def around(pixels: npt.NDArray[np.floating[Any]], within: Box) -> Box | None:
    """The part of `within` that holds the points (N, 2); None where next to nothing is left of it."""
    (x0, y0), (x1, y1) = np.floor(pixels.min(axis=0) / 2) * 2 - 4, np.ceil(pixels.max(axis=0) / 2) * 2 + 4
    box = max(within[0], int(x0)), max(within[1], int(y0)), min(within[2], int(x1)), min(within[3], int(y1))
    return box if box[2] - box[0] >= 4 and box[3] - box[1] >= 4 else None


def face_coordinates(
    box: Box, pose: npt.NDArray[np.floating[Any]]
) -> tuple[npt.NDArray[np.floating[Any]], npt.NDArray[np.floating[Any]]]:
    """x and y (h, w) of a box's pixels in face units."""
    a, b, tx, ty = inverse(pose)
    x, y = np.arange(box[0], box[2]), np.arange(box[1], box[3])[:, None]
    across, down = a * x - b * y + tx, b * x + a * y + ty
    return across.astype(np.float32), down.astype(np.float32)  # half as much to work through, and enough


def halved(values: npt.NDArray[np.floating[Any]]) -> Floats:
    """The same at chroma's size."""
    return np.asarray(
        cv2.resize(values.astype(np.float32, copy=False), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
        np.float32,
    )
