"""Which of the teeth in one picture are upper and which are lower ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from heygem.face.mouth.tissue import Tissue

Floats = npt.NDArray[np.float32]

TOUCHES = 0.03  # face units of dark between teeth and the lip to which they may belong: a lip's shadow is as deep
SPECK = 6  # pixels: less is a light on something wet
DOUBTFUL = 0.12  # weight of teeth that reach from lip to lip: either row, or both
MOSTLY = 3.0  # times the teeth beyond doubt that are lower ones, of a mouth that shows its lower row when it talks


@dataclass(frozen=True)
class Parts:
    """0..1 (h, w): `upper` and `lower` teeth; and 0..1 how `certain` it is which they are."""

    upper: Floats
    lower: Floats
    certain: float


def parts(tissue: Tissue, scale: float) -> Parts:
    """Teeth belong to the lip from which no dark parts them; what is in doubt may be upper ones."""
    solid = (tissue.tooth > 0.5).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid)
    above = np.cumsum(tissue.dark, axis=0)
    upper, lower, doubt = (np.zeros(count, bool) for _ in range(3))
    for label in range(1, count):
        if stats[label, cv2.CC_STAT_AREA] < SPECK:
            continue
        left, width = stats[label, cv2.CC_STAT_LEFT], stats[label, cv2.CC_STAT_WIDTH]
        columns = slice(left, left + width)
        mine = labels[:, columns] == label
        every = np.arange(left, left + width)
        over = float(np.median(above[_first(mine), every])) / scale
        under = float(np.median(above[-1, every] - above[_last(mine), every])) / scale
        doubt[label] = over < TOUCHES and under < TOUCHES
        upper[label], lower[label] = over <= under and not doubt[label], over > under and not doubt[label]
    area = stats[:, cv2.CC_STAT_AREA]
    if area[doubt].sum() > area[upper | lower].sum():
        return Parts(tissue.tooth * (upper | doubt)[labels], tissue.tooth * lower[labels], DOUBTFUL)
    return Parts(tissue.tooth * upper[labels], tissue.tooth * lower[labels], 1.0)


def settled(split: Sequence[Parts]) -> list[Parts]:
    """Teeth in doubt are of the row that the same mouth shows elsewhere: many lips always hide the upper one."""
    sure = [one for one in split if one.certain == 1]
    upper, lower = (sum(float(getattr(one, row).sum()) for one in sure) for row in ("upper", "lower"))
    if lower <= MOSTLY * upper:
        return list(split)
    return [
        one if one.certain == 1 else Parts(np.zeros_like(one.upper), one.upper + one.lower, DOUBTFUL) for one in split
    ]


def _first(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    return np.asarray(mask.argmax(axis=0))


def _last(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    return np.asarray(len(mask) - 1 - mask[::-1].argmax(axis=0))
