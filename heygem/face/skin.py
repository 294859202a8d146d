"""What the lower face looks like: a few coarse cells, to notice when something stands before the mouth."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from scipy.ndimage import binary_propagation, uniform_filter1d

from heygem.face.pose import matrix
from heygem.face.view import Rgb

COLUMNS, ROWS = 12, 10
LEFT, RIGHT, TOP, BOTTOM = -0.72, 0.72, 0.76, 1.96  # face units
FINE = 4  # pixels per cell and side before averaging
FLOORS = np.array([13.0, 5.0, 5.0])  # luma and chroma differences that lights and shadows make
UNUSUAL = 3.5  # how many times its usual spread a cell must be off
# Pressed lips or a laugh pass in a frame, what stands before a mouth stays longer or leaves nothing of it. So the first
# of these must hold for a while, and the second is enough by itself.
COVERED = 0.36, 0.6  # share of unusual cells that means: not this mouth
BARE = 0.64, 0.8  # of the usual texture around the mouth, lacking where no mouth is there
BRIDGE = (-0.09, 0.09, -0.16, 0.22)  # left, right, top, bottom, face units: between brows and nose every face is bare
PALE = 10.0  # levels of red that a mouth's surroundings may lack against the bridge
# Of a lower face's usual likeness to the clip's median: below the first it is none, nor below the second beside such.
FOREIGN = 0.24, 0.5

Cells = npt.NDArray[np.uint8]

_SPREAD = np.array([[(RIGHT - LEFT) / (COLUMNS * FINE), 0, LEFT], [0, (BOTTOM - TOP) / (ROWS * FINE), TOP]])


def cells(picture: Rgb, pose: npt.NDArray[np.floating[Any]]) -> Cells:
    """Mean Y, Cr, Cb and texture per cell, (ROWS, COLUMNS, 4), of the lower face at `pose` in an RGB picture.

    Texture is the spread of luma within a cell, times four.
    """
    face_to_picture = matrix(pose)
    cell_to_picture = face_to_picture[:, :2] @ _SPREAD
    cell_to_picture[:, 2] += face_to_picture[:, 2]
    fine = _patch(picture, cell_to_picture, (COLUMNS * FINE, ROWS * FINE))
    mean = cv2.resize(fine, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
    spread = fine[..., 0].reshape(ROWS, FINE, COLUMNS, FINE).std(axis=(1, 3))
    return np.concatenate([mean, np.minimum(4 * spread, 255).astype(np.uint8)[..., None]], axis=-1)


def bridge(picture: Rgb, pose: npt.NDArray[np.floating[Any]]) -> Cells:
    """Median Y, Cr, Cb (3,) of the skin above the nose's bridge at `pose` in an RGB picture."""
    left, right, top, bottom = BRIDGE
    size = 6, 8
    face_to_picture = matrix(pose)
    spread = np.array([[(right - left) / size[0], 0, left], [0, (bottom - top) / size[1], top]])
    to_picture = face_to_picture[:, :2] @ spread
    to_picture[:, 2] += face_to_picture[:, 2]
    return np.asarray(np.median(_patch(picture, to_picture, size).reshape(-1, 3), axis=0), np.uint8)


def pale(looks: npt.NDArray[np.uint8], bridges: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Frames where neither lips nor skin are around the mouth: cells (T, ROWS, COLUMNS, 4), bridges (T, 3).

    However bearded, dark or made up a face is, much of its mouth is about as red as its nose; masks, mugs and
    microphones are not. This holds however long they stay.
    """
    red = looks.reshape(len(looks), -1, 4)[:, _within(0.42, 1.22, 0.24), 1].astype(np.float32)
    return np.asarray(np.percentile(red, 75, axis=1) < bridges[:, 1] - PALE)


def foreign(looks: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Frames of one shot, cells (T, ROWS, COLUMNS, 4), that have neither light nor texture where this face has them.

    A hand may have a face's colours and edges, but not in a face's places. One frame alone may be a blurred one.
    """
    values = looks.reshape(len(looks), -1, 4)[:, _within(0.62, 1.25, 0.46)].astype(np.float32)
    likeness = _likeness(values[..., 0]) + _likeness(values[..., 3])
    likeness /= max(1e-3, float(np.median(likeness)))
    surely = uniform_filter1d(likeness, 3, mode="nearest") < FOREIGN[0]
    return np.asarray(binary_propagation(surely, mask=surely | (likeness < FOREIGN[1])))


def _likeness(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Correlation -1..1 of each row of (T, N) with their median."""
    values = values - values.mean(axis=1, keepdims=True)
    usual = np.median(values, axis=0)
    lengths = np.linalg.norm(values, axis=1) * np.linalg.norm(usual)
    return np.asarray(values @ usual / np.maximum(lengths, 1e-3), np.float32)


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
    strange = unusual[:, _within(0.55, 1.3, 0.42)].mean(axis=1)
    return _lasting(strange, COVERED) | foreign(looks) | _lasting(_bare(looks, looks), BARE)


def _lasting(values: npt.NDArray[np.float32], limits: tuple[float, float]) -> npt.NDArray[np.bool_]:
    """Where `values` (T,) are above the first limit: three in a row on average, or one above the second."""
    above = values > limits[0]
    surely = (uniform_filter1d(values, 3, mode="nearest") > limits[0]) | (values > limits[1])
    return np.asarray(binary_propagation(above & surely, mask=above))


def plain(looks: npt.NDArray[np.uint8], usual: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Frames of `looks` with much less texture around the mouth than `usual` ones have.

    A hand has the face's own colour, but a mouth always has edges: where those are gone, something plain is in the way,
    or the picture fades.
    """
    return _bare(looks, usual) > BARE[0]


def _patch(picture: Rgb, to_picture: npt.NDArray[np.float64], size: tuple[int, int]) -> Rgb:
    """`size` samples of a picture as Y, Cr, Cb."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.cvtColor(cv2.warpAffine(picture, to_picture, size, flags=flags), cv2.COLOR_RGB2YCrCb))


def _bare(looks: npt.NDArray[np.uint8], usual: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """How much of the `usual` texture `looks` lack (T,)."""
    return np.asarray(1 - _texture(looks) / max(1e-3, float(np.median(_texture(usual)))), np.float32)


def _texture(looks: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    edges = looks.reshape(len(looks), -1, 4)[:, _within(0.36, 1.22, 0.22), 3]
    return np.asarray(edges.sum(axis=1), np.float32)


def _within(half_width: float, middle: float, half_height: float) -> npt.NDArray[np.bool_]:
    """Cells in an ellipse around the mouth, face units."""
    x = LEFT + (np.arange(COLUMNS) + 0.5) * (RIGHT - LEFT) / COLUMNS
    y = TOP + (np.arange(ROWS) + 0.5) * (BOTTOM - TOP) / ROWS
    return np.asarray(((x[None] / half_width) ** 2 + ((y[:, None] - middle) / half_height) ** 2 < 1).ravel())
