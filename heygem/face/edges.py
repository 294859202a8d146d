"""How far into the mesh's lips something else is still to be seen: teeth, or the dark.

The mesh's inner lip points lie where lips usually begin; where a mouth shows more, closing it by those points would
draw a line of teeth between the lips.
"""

import cv2
import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from heygem.face.smooth import runs

Floats = npt.NDArray[np.float32]

MIDDLE, CORNERS = slice(3, 8), (slice(0, 3), slice(8, 11))  # of the eleven points of a lip
NOT_SEEN = np.full((2, 3), np.nan, np.float32)
# Which way leads out of the mouth at each point: upwards and downwards in the middle, sideways at the corners.
OUTWARDS = np.array([-1, -0.8, -0.4, 0, 0, 0, 0, 0, 0.4, 0.8, 1], np.float32)
STEPS = np.arange(-0.01, 0.08, 0.004, dtype=np.float32)  # face units from the inner edge into the lip
SURE = 3  # steps in a row that must look like lip
DARKER, LIGHTER, RED = 0.6, 0.45, 0.6  # of the lip's own: luma may be that much off, redness must be so much at least
LIP_FROM, LIP_TO = 0.2, 0.5  # of the way from a lip's outer edge to its inner one, where surely a lip is seen
LIP_STEPS = np.linspace(LIP_FROM, LIP_TO, 5, dtype=np.float32)
USUAL = 0.018


def edges(planes: tuple[npt.NDArray[np.uint8], ...], inner: Floats, outer: Floats, scale: float) -> Floats:
    """Of the upper and the lower lip's right, middle and left (2, 3), face units; NaN where no lip is to be seen.

    `inner` and `outer` (2, 11, 2) are the edges of the upper and the lower lip in pixels of the luma plane, upright,
    `scale` pixels per face unit.
    """
    ways = np.stack([_way(inner[0], -scale), _way(inner[1], scale)])  # (2, columns, steps, 2)
    middle = outer[:, MIDDLE, None] + LIP_STEPS[:, None] * (inner - outer)[:, MIDDLE, None]
    y, v = (_seen(planes, ways, plane) for plane in (0, 2))
    # Each lip in its own light: the upper one is often in its own shade.
    luma, red = (np.median(_seen(planes, middle, plane), axis=(1, 2))[:, None, None] for plane in (0, 2))
    off = (y - luma) / (luma - 16)
    like = (off > -DARKER) & (off < LIGHTER) & (v - 128 > RED * (red - 128))
    sure = np.lib.stride_tricks.sliding_window_view(like, SURE, axis=-1).all(axis=-1)
    first = np.where(sure.any(axis=-1), STEPS[sure.argmax(axis=-1)], np.nan)
    right, left = (_farthest(first[:, part]) for part in CORNERS)
    return np.stack([right, _usual(first[:, MIDDLE]), left], axis=-1)


def _seen(planes: tuple[npt.NDArray[np.uint8], ...], places: Floats, plane: int) -> Floats:
    """A plane at places (..., 2) in pixels of the luma plane."""
    x, y = np.moveaxis(places.reshape(1, -1, 2) / (2 if plane else 1), -1, 0)
    seen = cv2.remap(planes[plane], x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return seen.reshape(places.shape[:-1]).astype(np.float32)


def steady(seen: Floats, there: npt.NDArray[np.bool_], shot: npt.NDArray[np.int32]) -> Floats:
    """Edges (T, 2, 3) of a clip without holes: rather a little too far than teeth that flash."""
    known = np.where(np.isfinite(seen), seen, USUAL)
    result = np.full_like(known, USUAL)
    for run in runs(there, shot):
        result[run] = gaussian_filter1d(maximum_filter1d(known[run], 5, axis=0), 1.5, axis=0)
    return np.maximum(result, 0)


def _way(lip: Floats, downwards: float) -> Floats:
    down = np.sqrt(1 - OUTWARDS**2) * downwards
    way = np.stack([OUTWARDS * abs(downwards), down], axis=-1)
    return np.asarray(lip[:, None] + STEPS[:, None] * way[:, None], np.float32)


def _usual(seen: Floats) -> Floats:
    """Of most points (2, N): (2,)."""
    known = np.isfinite(seen).sum(axis=1) > seen.shape[1] // 2
    return np.array([np.nanmedian(row) if ok else np.nan for row, ok in zip(seen, known, strict=True)], np.float32)


def _farthest(seen: Floats) -> Floats:
    """Of any point (2, N): (2,). The dark beside the teeth is seen at one point only."""
    return np.asarray(np.fmax.reduce(seen, axis=1), np.float32)
