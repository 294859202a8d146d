"""What the lower face looks like: a few coarse cells, to notice when something stands before the mouth."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from heygem.face.pose import matrix
from heygem.face.view import Rgb

COLUMNS, ROWS = 12, 10
LEFT, RIGHT, TOP, BOTTOM = -0.72, 0.72, 0.76, 1.96  # face units
FINE = 4  # pixels per cell and side before averaging
FLOORS = np.array([13.0, 5.0, 5.0])  # luma and chroma differences that lights and shadows make
UNUSUAL = 3.5  # how many times its usual spread a cell must be off
COVERED = 0.42  # share of unusual cells that means: not this mouth

Cells = npt.NDArray[np.uint8]

_SPREAD = np.array([[(RIGHT - LEFT) / (COLUMNS * FINE), 0, LEFT], [0, (BOTTOM - TOP) / (ROWS * FINE), TOP]])


def cells(picture: Rgb, pose: npt.NDArray[np.floating[Any]]) -> Cells:
    """Mean Y, Cr, Cb per cell, (ROWS, COLUMNS, 3), of the lower face at `pose` in an RGB picture."""
    face_to_picture = matrix(pose)
    cell_to_picture = face_to_picture[:, :2] @ _SPREAD
    cell_to_picture[:, 2] += face_to_picture[:, 2]
    patch = cv2.warpAffine(
        picture, cell_to_picture, (COLUMNS * FINE, ROWS * FINE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    small = cv2.resize(patch, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2YCrCb), np.uint8)


def covered(looks: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Frames of one shot, cells (T, ROWS, COLUMNS, 3), whose mouth is not to be seen.

    A cell is unusual if it is far from its median in the shot, measured by how far it usually is. The light may change
    as a whole: each frame's median luma change is taken off first.
    """
    values = looks.reshape(len(looks), -1, 3).astype(np.float32)
    values[..., 0] -= np.median(values[..., 0], axis=1, keepdims=True)
    usual = np.median(values, axis=0)
    off = np.abs(values - usual)
    spread = np.maximum(np.median(off, axis=0) * 1.5, FLOORS)
    unusual = (off / spread).max(axis=-1) > UNUSUAL
    return np.asarray(unusual[:, _near_mouth()].mean(axis=1) > COVERED)


def _near_mouth() -> npt.NDArray[np.bool_]:
    x = LEFT + (np.arange(COLUMNS) + 0.5) * (RIGHT - LEFT) / COLUMNS
    y = TOP + (np.arange(ROWS) + 0.5) * (BOTTOM - TOP) / ROWS
    return np.asarray(((x[None] / 0.55) ** 2 + ((y[:, None] - 1.3) / 0.42) ** 2 < 1).ravel())
