"""How far teeth reach beyond where the mesh puts the edge of the lips."""

import cv2
import numpy as np
import numpy.typing as npt

from heygem.face.exemplars import ABOVE, HALF_WIDTH, Exemplars

Floats = npt.NDArray[np.float32]

LOOKED_AT = 12  # exemplars, the best
COLUMNS = slice(3, 8)  # of the eleven points of a lip: its middle
STEPS = np.arange(-0.01, 0.06, 0.003, dtype=np.float32)  # face units from the inner edge into the lip
SAFETY = 0.006, 0.8  # face units, and pixels
USUAL, MOST = 0.018, 0.05


def insets(exemplars: Exemplars) -> tuple[float, float]:
    """Face units by which the upper and the lower lip begin further out than their inner points say."""
    best = np.argsort(-exemplars.quality)[:LOOKED_AT]
    found = np.array(
        [[_edge(exemplars, i, exemplars.upper[i], -1), _edge(exemplars, i, exemplars.lower[i], 1)] for i in best]
    )
    if not len(found):
        return USUAL, USUAL
    safety = SAFETY[0] + SAFETY[1] / float(exemplars.scale)
    upper, lower = np.clip(np.nanmedian(np.where(np.isnan(found), USUAL, found), axis=0) + safety, safety, MOST)
    return float(upper), float(lower)


def _edge(exemplars: Exemplars, number: int, lip: Floats, outwards: int) -> float:
    """Where the picture turns from what is between the lips to what lips look like; NaN if it never does."""
    scale = float(exemplars.scale)
    middle = (exemplars.upper[number, COLUMNS] + exemplars.lower[number, COLUMNS]) / 2
    inside = _colours(exemplars, number, middle, scale)
    edges = []
    for point, between in zip(lip[COLUMNS], inside, strict=True):
        path = np.stack([np.full_like(STEPS, point[0]), point[1] + outwards * STEPS], axis=-1)
        seen = _colours(exemplars, number, path, scale)
        is_lip = np.linalg.norm(seen - exemplars.lips, axis=1) < np.linalg.norm(seen - between, axis=1)
        edges.append(STEPS[int(np.argmax(is_lip))] if is_lip.any() else np.nan)
    return float(np.median(edges))


def _colours(exemplars: Exemplars, number: int, points: Floats, scale: float) -> Floats:
    """YUV (N, 3) at points (N, 2) of a patch."""
    at = ((points + np.array([HALF_WIDTH, ABOVE])) * scale).astype(np.float32)
    planes = ((exemplars.y, at), (exemplars.u, at / 2), (exemplars.v, at / 2))
    values = [cv2.remap(p[number], a[None, :, 0], a[None, :, 1], cv2.INTER_LINEAR)[0] for p, a in planes]
    return np.asarray(np.stack(values, axis=-1), np.float32)
