"""Pictures of teeth brought onto each other: translations that make their fine structure agree best."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

COARSE = 0.05  # face units, sigma: what is coarser than that is light
FARTHEST = 0.07  # face units that two pictures may be off
MARGIN = 0.05  # face units around what is compared


def structure(luma: Floats, where: Floats, scale: float) -> Floats:
    """The fine structure (h, w) of what lies `where` (h, w) 0..1; 0 elsewhere."""
    sigma = max(1.0, COARSE * scale)
    mean = _blurred(luma * where, sigma) / np.maximum(_blurred(where, sigma), 1e-3)
    return np.asarray((luma - mean) * where, np.float32)


def offsets(pictures: Sequence[Floats], reference: Floats, where: npt.NDArray[np.bool_], scale: float) -> Floats:
    """(K, 3): x and y in pixels by which each of the structures is to be moved onto the reference's, and how well they
    agree then, -1..1. `where` (h, w) is what is compared."""
    margin, reach = round(MARGIN * scale), max(2, round(FARTHEST * scale))
    rows, columns = np.flatnonzero(where.any(axis=1)), np.flatnonzero(where.any(axis=0))
    y0, y1 = max(0, rows[0] - margin), rows[-1] + margin + 1
    x0, x1 = max(0, columns[0] - margin), columns[-1] + margin + 1
    wanted = np.ascontiguousarray(reference[y0:y1, x0:x1])
    height, width = wanted.shape
    result = np.zeros((len(pictures), 3), np.float32)
    for k, picture in enumerate(pictures):
        wide = cv2.copyMakeBorder(picture, reach, reach, reach, reach, cv2.BORDER_CONSTANT, value=[0])
        part = wide[y0 : y0 + height + 2 * reach, x0 : x0 + width + 2 * reach]
        result[k] = _peak(np.asarray(cv2.matchTemplate(part, wanted, cv2.TM_CCORR_NORMED), np.float32), reach)
    return result


def moved(picture: Floats, by: Floats) -> Floats:
    """A picture (h, w) or (h, w, C) moved by x and y pixels."""
    to = np.array([[1, 0, by[0]], [0, 1, by[1]]], np.float32)
    height, width = picture.shape[:2]
    return np.asarray(cv2.warpAffine(picture, to, (width, height), borderMode=cv2.BORDER_REPLICATE), np.float32)


def _peak(agreement: Floats, reach: int) -> tuple[float, float, float]:
    _, best, _, (x, y) = cv2.minMaxLoc(agreement)
    dx = _between(agreement[y, max(0, x - 1) : x + 2])
    dy = _between(agreement[max(0, y - 1) : y + 2, x])
    return reach - (x + dx), reach - (y + dy), float(best)


def _between(three: Floats) -> float:
    """Where a parabola through three values is highest, -0.5..0.5 from the middle one."""
    if len(three) < 3:
        return 0.0
    bend = float(three[0] - 2 * three[1] + three[2])
    return float(np.clip(0.5 * float(three[0] - three[2]) / bend, -0.5, 0.5)) if bend < -1e-6 else 0.0


def _blurred(values: Floats, sigma: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), np.float32)
