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

COLUMNS = slice(3, 8)  # of the eleven points of a lip: its middle
STEPS = np.arange(-0.01, 0.08, 0.004, dtype=np.float32)  # face units from the inner edge into the lip
SURE = 3  # steps in a row that must look like lip
LUMA, RED = 0.42, 0.5  # of the lips' own: luma may be that much off, redness must be that much at least
USUAL = 0.018


def edges(
    planes: tuple[npt.NDArray[np.uint8], ...], upper: Floats, lower: Floats, scale: float, lips: Floats
) -> Floats:
    """Of the upper and the lower lip (2,), face units; NaN where no lip is to be seen.

    `upper` and `lower` (11, 2) are the inner lips in pixels of the luma plane, upright, `scale` pixels per face unit;
    `lips` (3,) is the mean YUV of the lips.
    """
    ways = np.stack([_way(upper, -scale), _way(lower, scale)])  # (2, columns, steps, 2)
    at_luma = ways.reshape(-1, len(STEPS), 2)
    sampled = [
        cv2.remap(plane, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
        for plane, at in zip(planes, (at_luma, at_luma / 2, at_luma / 2), strict=True)
    ]
    y, _, v = (plane.reshape(ways.shape[:3]) for plane in sampled)
    like = (np.abs(y - lips[0]) < LUMA * (lips[0] - 16)) & (v - 128 > RED * (lips[2] - 128))
    sure = np.lib.stride_tricks.sliding_window_view(like, SURE, axis=-1).all(axis=-1)
    first = np.where(sure.any(axis=-1), STEPS[sure.argmax(axis=-1)], np.nan)
    seen = np.isfinite(first).sum(axis=1) >= 3
    return np.array([np.nanmedian(row) if ok else np.nan for row, ok in zip(first, seen, strict=True)], np.float32)


def steady(seen: Floats, there: npt.NDArray[np.bool_], shot: npt.NDArray[np.int32]) -> Floats:
    """Edges (T, 2) of a clip without holes: rather a little too far than teeth that flash."""
    known = np.where(np.isfinite(seen), seen, USUAL)
    result = np.full_like(known, USUAL)
    for run in runs(there, shot):
        result[run] = gaussian_filter1d(maximum_filter1d(known[run], 5, axis=0), 1.5, axis=0)
    return np.maximum(result, 0)


def _way(lip: Floats, outwards: float) -> Floats:
    points = lip[COLUMNS]
    x = np.repeat(points[:, :1], len(STEPS), axis=1)
    return np.asarray(np.stack([x, points[:, 1:] + outwards * STEPS], axis=-1), np.float32)
