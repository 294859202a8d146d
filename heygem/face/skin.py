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
COVERED = 0.36  # share of unusual cells that means: not this mouth
PLAIN = 0.36  # of the usual texture around the mouth, below which no mouth is there

Cells = npt.NDArray[np.uint8]

_SPREAD = np.array([[(RIGHT - LEFT) / (COLUMNS * FINE), 0, LEFT], [0, (BOTTOM - TOP) / (ROWS * FINE), TOP]])


def cells(picture: Rgb, pose: npt.NDArray[np.floating[Any]]) -> Cells:
    """Mean Y, Cr, Cb and texture per cell, (ROWS, COLUMNS, 4), of the lower face at `pose` in an RGB picture.

    Texture is the spread of luma within a cell, times four.
    """
    face_to_picture = matrix(pose)
    cell_to_picture = face_to_picture[:, :2] @ _SPREAD
    cell_to_picture[:, 2] += face_to_picture[:, 2]
    patch = cv2.warpAffine(
        picture, cell_to_picture, (COLUMNS * FINE, ROWS * FINE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    fine = cv2.cvtColor(patch, cv2.COLOR_RGB2YCrCb)
    mean = cv2.resize(fine, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
    spread = fine[..., 0].reshape(ROWS, FINE, COLUMNS, FINE).std(axis=(1, 3))
    return np.concatenate([mean, np.minimum(4 * spread, 255).astype(np.uint8)[..., None]], axis=-1)


def covered(looks: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Frames of one shot, cells (T, ROWS, COLUMNS, 4), whose mouth is not to be seen.

    A cell is unusual if its colour is far from its median in the shot, measured by how far it usually is. The light may
    change as a whole: each frame's median luma change is taken off first.
    """
    values = looks.reshape(len(looks), -1, 4).astype(np.float32)
    colour = values[..., :3]
    colour[..., 0] -= np.median(colour[..., 0], axis=1, keepdims=True)
    off = np.abs(colour - np.median(colour, axis=0))
    spread = np.maximum(np.median(off, axis=0) * 1.5, FLOORS)
    unusual = (off / spread).max(axis=-1) > UNUSUAL
    strange = unusual[:, _within(0.55, 1.3, 0.42)].mean(axis=1) > COVERED
    return np.asarray(strange | plain(looks, looks))


def plain(looks: npt.NDArray[np.uint8], usual: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Frames of `looks` with much less texture around the mouth than `usual` ones have.

    A hand has the face's own colour, but a mouth always has edges: where those are gone, something plain is in the way,
    or the picture fades.
    """
    return np.asarray(_texture(looks) < PLAIN * np.median(_texture(usual)))


def _texture(looks: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    edges = looks.reshape(len(looks), -1, 4)[:, _within(0.36, 1.22, 0.22), 3]
    return np.asarray(edges.sum(axis=1), np.float32)


def _within(half_width: float, middle: float, half_height: float) -> npt.NDArray[np.bool_]:
    """Cells in an ellipse around the mouth, face units."""
    x = LEFT + (np.arange(COLUMNS) + 0.5) * (RIGHT - LEFT) / COLUMNS
    y = TOP + (np.arange(ROWS) + 0.5) * (BOTTOM - TOP) / ROWS
    return np.asarray(((x[None] / half_width) ** 2 + ((y[:, None] - middle) / half_height) ** 2 < 1).ravel())
