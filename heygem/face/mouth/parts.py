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
FAR = 0.15  # face units from teeth to their own lower lip at most: what parts them may be a tongue, which is not dark
TALL = 0.17  # face units of height of what can't be one row
DOUBTFUL, BOTH = 0.12, 0.01  # weights of teeth that reach from lip to lip, either row or both; and of both surely
MOSTLY = 3.0  # times the teeth beyond doubt that are lower ones, of a mouth that shows its lower row when it talks


@dataclass(frozen=True)
class Parts:
    """0..1 (h, w): `upper` and `lower` teeth; and 0..1 how `certain` it is which they are."""

    upper: Floats
    lower: Floats
    certain: float


def parts(tissue: Tissue, scale: float) -> Parts:
    """Teeth belong to the lip that is near, of near ones to that from which no dark parts them; what is in doubt may be
    upper ones."""
    solid = (tissue.tooth > 0.5).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid)
    inside, dark = tissue.inside > 0.5, np.cumsum(tissue.dark, axis=0)
    upper, lower, doubt, both = (np.zeros(count, bool) for _ in range(4))
    for label in range(1, count):
        if stats[label, cv2.CC_STAT_AREA] < SPECK:
            continue
        left, width = stats[label, cv2.CC_STAT_LEFT], stats[label, cv2.CC_STAT_WIDTH]
        columns = slice(left, left + width)
        over, under, tall = _room(labels[:, columns] == label, inside[:, columns], dark[:, columns], scale)
        both[label] = tall > TALL
        doubt[label] = both[label] or (over < TOUCHES and under < TOUCHES)
        upper[label], lower[label] = over <= under and not doubt[label], over > under and not doubt[label]
    area = stats[:, cv2.CC_STAT_AREA]
    if area[doubt].sum() > area[upper | lower].sum():
        certain = BOTH if both.any() else DOUBTFUL
        return Parts(tissue.tooth * (upper | doubt)[labels], tissue.tooth * lower[labels], certain)
    return Parts(tissue.tooth * upper[labels], tissue.tooth * lower[labels], 1.0)


def _room(
    teeth: npt.NDArray[np.bool_], inside: npt.NDArray[np.bool_], dark: Floats, scale: float
) -> tuple[float, float, float]:
    """Face units of dark between `teeth` and the upper lip; of what parts them from the lower one; and their height.

    All (h, w) of the same columns: `inside` the lips, `dark` how much of it there is down to each line.
    """
    every = np.arange(teeth.shape[1])
    first, last = _first(teeth), _last(teeth)
    over = float(np.median(dark[first, every])) / scale
    under = float(np.median(dark[-1] - dark[last, every])) / scale
    away = float(np.median(_last(inside) - last)) / scale
    return over, max(under, away - FAR), float(np.median(last - first)) / scale


def settled(split: Sequence[Parts]) -> list[Parts]:
    """Teeth of a mouth that shows its lower row are that row: many lips hide the upper one, or all but specks."""
    sure = [one for one in split if one.certain == 1]
    upper, lower = (sum(float(getattr(one, row).sum()) for one in sure) for row in ("upper", "lower"))
    if lower <= MOSTLY * upper:
        return list(split)
    return [_lower_only(one) for one in split]


def _lower_only(one: Parts) -> Parts:
    lower = one.lower if one.certain == 1 else one.upper + one.lower
    return Parts(np.zeros_like(one.upper), lower, one.certain)


def _first(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    return np.asarray(mask.argmax(axis=0))


def _last(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    return np.asarray(len(mask) - 1 - mask[::-1].argmax(axis=0))
