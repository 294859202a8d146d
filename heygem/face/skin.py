"""What the lower face looks like at the mesh's points, to notice when something stands before the mouth.

The mesh turns, laughs and shouts with the head, so a point of it keeps its colour; and where something hides the mouth,
the mesh still lies where a mouth must be, but the colours are not a mouth's.
"""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from scipy.ndimage import binary_propagation, uniform_filter1d

from heygem.face.landmarks import (
    BELOW_LIP,
    BRIDGE_AT,
    CHEEKBONES_AT,
    INNER_LOWER_AT,
    INNER_UPPER_AT,
    LEFT_FROM,
    MIDDLE,
    OUTER_LOWER_AT,
    OUTER_UPPER_AT,
    READ,
    SKIN_AT,
    UPPER_LIP_SKIN,
    Indices,
    at,
)
from heygem.face.view import Rgb

_OUTER = np.concatenate([OUTER_UPPER_AT[1:-1], OUTER_LOWER_AT[1:-1]])
_INNER = np.concatenate([INNER_UPPER_AT[1:-1], INNER_LOWER_AT[1:-1]])
LIPS_AT = len(READ) + np.arange(len(_OUTER))  # the lips' own middle, between their two edges
LOWER_LIP_AT = LIPS_AT[len(OUTER_UPPER_AT) - 2 :]
COUNT = len(READ) + len(LIPS_AT)
_MOUTH = np.concatenate([SKIN_AT, np.unique(np.concatenate([OUTER_UPPER_AT, OUTER_LOWER_AT])), LIPS_AT])
_VERTEX = np.array([*READ, *(READ[i] for i in _OUTER)])[_MOUTH]
RIGHT, LEFT = _MOUTH[_VERTEX < LEFT_FROM], _MOUTH[(_VERTEX >= LEFT_FROM) | np.isin(_VERTEX, MIDDLE)]

RED = 128  # what grey has of Cr
TELLING = 6.0  # levels of red that bare skin must have for others to be compared with it: pictures may be grey
LIPS = 0.2  # of bare skin's redness
WEIGHTS = np.array([1, 3, 3], np.float32)  # colours differ less than light does, and tell more
# Of the usual pattern: less than the first for 3 frames is another, as is less than the second beside it. Within a
# shot, and between shots, where the light may differ too.
FOREIGN, ELSEWHERE = (0.42, 0.6), (0.25, 0.35)

# Lips and the skin next to them. Their colours change little with the light of a head's turn, and how far a colour must
# be off, in usual spreads or in these levels at least, when so many of the points are.
_NEAR = np.unique(np.concatenate([at((*UPPER_LIP_SKIN, *BELOW_LIP)), _OUTER, LIPS_AT]))
UNUSUAL, LEVELS, CHANGED = 3.0, np.array([13, 5, 5], np.float32), (0.35, 0.16)

Looks = npt.NDArray[np.uint8]
Bools = npt.NDArray[np.bool_]


def colours(picture: Rgb, points: npt.NDArray[np.floating[Any]]) -> Looks:
    """Y, Cr, Cb (COUNT, 3) of an RGB picture at the mesh's points (P, 2), in its pixels, and amid the lips."""
    lips = (points[_OUTER] + points[_INNER]) / 2
    x, y = np.concatenate([points, lips]).astype(np.float32).T[..., None]  # a picture one pixel wide
    seen = cv2.remap(cv2.blur(picture, (3, 3)), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.cvtColor(seen, cv2.COLOR_RGB2YCrCb)[:, 0], np.uint8)


def light(looks: Looks) -> npt.NDArray[np.float64]:
    """Median luma of the skin around the mouth (T,)."""
    return np.asarray(np.median(looks[:, SKIN_AT, 0], axis=1), np.float64)


def pale(looks: Looks) -> Bools:
    """Frames of looks (T, COUNT, 3) without a lower lip where it must be.

    However dark, bearded or made up a face is, its lower lip is not much less red than its nose's bridge or its
    cheekbones; masks, mugs and microphones are. The upper one tells less: moustaches hide it in a grin, and over a mask
    the mesh lays it on bare skin. This holds however long they stay.
    """
    red = looks[..., 1].astype(np.float32) - RED
    bare = np.maximum(np.median(red[:, BRIDGE_AT], axis=1), red[:, CHEEKBONES_AT].mean(axis=1))
    return np.asarray((bare >= TELLING) & (np.median(red[:, LOWER_LIP_AT], axis=1) < LIPS * bare))


def foreign(looks: Looks, usual: Looks, limits: tuple[float, float]) -> Bools:
    """Frames of one shot (T, COUNT, 3) whose light and colours are not spread over the mesh as in the `usual` ones.

    A hand may have a face's colours and edges, but not in a face's places. Often it hides but one side of a mouth.
    """
    alike = np.minimum(*(_alike(_pattern(looks, side), _pattern(usual, side)) for side in (RIGHT, LEFT)))
    return _spread(_over_three(alike) < limits[0], alike < limits[1])


def changed(looks: Looks) -> Bools:
    """Frames of one shot (T, COUNT, 3) in which much around the mouth is not of its usual colour.

    What is as dark as lips and lies where they do has a face's pattern, but it covers skin too.
    """
    seen = looks[:, _NEAR].astype(np.float32)
    seen[..., 0] -= np.median(looks[:, BRIDGE_AT, 0], axis=1)[:, None]  # light may change as a whole
    off = np.abs(seen - np.median(seen, axis=0))
    spread = np.maximum(1.5 * np.median(off, axis=0), LEVELS)
    share = ((off / spread).max(axis=-1) > UNUSUAL).mean(axis=1)
    return _spread(_over_three(share) > CHANGED[0], share > CHANGED[1])


def _over_three(values: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.floating[Any]]:
    """Mean of each of (T,) and its neighbours: one frame alone may be a blurred one."""
    return np.asarray(uniform_filter1d(values, 3, mode="nearest"))


def _spread(surely: Bools, perhaps: Bools) -> Bools:
    """What is sure, and what goes on beside it."""
    return np.asarray(binary_propagation(surely, mask=surely | perhaps))


def _pattern(looks: Looks, where: Indices) -> npt.NDArray[np.float32]:
    """Light and colours (T, N), each against its mean: the light may change as a whole."""
    seen = looks[:, where].astype(np.float32)
    seen -= seen.mean(axis=1, keepdims=True)
    return (seen * WEIGHTS).reshape(len(looks), -1)


def _alike(patterns: npt.NDArray[np.float32], others: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """How much of the usual one of the `others` (U, N) is in each pattern (T, N), or of each in it if that is less."""
    usual = np.median(others, axis=0)
    length = max(1.0, float(np.linalg.norm(usual)))
    own = np.maximum(1.0, np.linalg.norm(patterns, axis=1))
    return np.asarray(patterns @ usual / (length * np.maximum(length, own)), np.float32)
