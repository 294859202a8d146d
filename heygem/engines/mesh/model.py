"""A jaw and lips: how the points of a face move when its mouth opens, spreads or tucks the lower lip.

Not fitted to anybody. The jaw is a stiff body that turns about an axis through both jaw joints; skin follows it fully
below the line from joint to mouth corner and less and less above. The lips add what their own muscles do. Displacements
are in face units, x to the picture's right and y down, per unit of opening (the gap between the inner lips) or width.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from heygem.face.landmarks import (
    CHEEKS,
    CORNERS_AT,
    INNER_LOWER_AT,
    INNER_UPPER_AT,
    JAW,
    NOSE,
    OUTER_LOWER_AT,
    OUTER_UPPER_AT,
    UPPER_LIP_SKIN,
    at,
    opening,
    width,
)

Floats = npt.NDArray[np.float32]
Gap = float | npt.NDArray[np.floating[Any]]

JOINT = (0.92, 0.62, 0.55)  # |x|, y and depth of a jaw joint, face units
# Of a gap made by the jaw: lips part first, and only it opens a mouth wide. Muscles of the two lips make the rest.
JAW_SHARE, JAW_LATER, JAW_FROM = 0.4, 0.85, 0.15
LOWER_SHARE, UPPER_SHARE = 0.57, 0.43  # of that rest
CORNER_FOLLOWS = 0.42  # how far the mouth's corners go along with the jaw
CORNER_NARROWS = 0.07  # each corner, per unit of opening
BLEND = 0.42  # face units over which cheeks go from still to following the jaw
# At full rounding lips come forward: face units by which their outer edges move out, above and below, and of that what
# the skin beyond goes along; of the way to the middle by which the hole between them narrows; face units by which
# what comes forward is seen aside in a face that is turned by one radian.
ROUND_UP, ROUND_DOWN, ROUND_BEYOND, ROUND_HOLE, ROUND_FORWARD = 0.03, 0.045, 0.6, 0.3, 0.1
UNDER_LIP = (18, 83, 313, 201, 421, 194, 418)
TUCK_LIFTS = 0.055
ALONG_REACH = 0.22, 0.1  # face units: how far skin follows lips that move up or down, and how much the nearest of them
SPREAD_REACH = 0.3, 0.5  # face units, and of the way from a corner to the outline, over which skin follows a corner

LIPS_AT = np.unique(np.r_[OUTER_UPPER_AT, INNER_UPPER_AT, OUTER_LOWER_AT, INNER_LOWER_AT])


@dataclass(frozen=True)
class MouthModel:
    """Displacements (P, 2) of the `landmarks.MOVED` points: `jaw` and `lips` per unit of opening that either makes,
    `spread` per unit of width gained, `purse` at full rounding besides the width lost, `hole` what that does to the
    gap's width, `forward` what of it is seen per radian of a head's turn, `tuck` per unit of tuck. `along` (P, L) is
    how much each point goes along with each of the lips' (`LIPS_AT`)."""

    jaw: Floats
    lips: Floats
    spread: Floats
    purse: Floats
    hole: Floats
    forward: Floats
    tuck: Floats
    along: Floats

    def opened(self, gap: Gap, jaw: Gap) -> Floats:
        """Displacement (..., P, 2) that opens the mouth by `gap` (...), of which the jaw makes `jaw` (...)."""
        return np.asarray(np.multiply.outer(jaw, self.jaw) + np.multiply.outer(gap - jaw, self.lips))


def by_jaw(gap: Gap) -> npt.NDArray[np.floating[Any]]:
    """How much of an opening the jaw makes."""
    return np.asarray(JAW_SHARE * gap + (JAW_LATER - JAW_SHARE) * np.maximum(gap - np.float32(JAW_FROM), 0))


def mouth_model(rest: Floats, depth: Floats) -> MouthModel:
    """The model of a face whose shape is `rest` (P, 2) and whose depth is `depth` (P,)."""
    jaw = _jaw(rest, depth) + _corners(rest)
    jaw /= opening(rest + jaw) - opening(rest)
    lips = _lips(rest)
    lips /= opening(rest + lips) - opening(rest)
    spread = _wide(rest)
    spread /= width(rest + spread) - width(rest)
    tuck = np.zeros_like(rest)
    tuck[OUTER_LOWER_AT, 1] = -TUCK_LIFTS * _hump()
    tuck[at(UNDER_LIP), 1] = -0.5 * TUCK_LIFTS
    parts = jaw, lips, spread, *_round(rest), tuck, _along(rest)
    return MouthModel(*(part.astype(np.float32) for part in parts))


def _hump() -> npt.NDArray[np.float64]:
    """How much each of a lip's eleven points takes part: nothing at the corners, all of it in the middle."""
    return np.asarray(np.sin(np.pi * np.arange(11) / 10) ** 0.75)


def _mouth(rest: Floats) -> tuple[float, float, float]:
    """Middle x and y of the mouth's corners, and half their distance."""
    right, left = rest[CORNERS_AT]
    return float((right[0] + left[0]) / 2), float((right[1] + left[1]) / 2), float(np.linalg.norm(left - right) / 2)


def _jaw(rest: Floats, depth: Floats) -> Floats:
    """Downward and inward movement with the jaw, 1 at the middle of the lower lip."""
    middle, line, half = _mouth(rest)
    x = np.abs(rest[:, 0] - middle)
    # A point moves down as far as it lies before the joints.
    lever = (JOINT[2] - depth) / (JOINT[2] - depth[INNER_LOWER_AT[5]])
    border = line + (JOINT[1] - line) * np.clip((x - half) / (JOINT[0] - half), 0, 1)
    part = np.clip((rest[:, 1] - border) / BLEND + 0.5, 0, 1)
    follows = part * part * (3 - 2 * part)
    follows[np.r_[OUTER_UPPER_AT, INNER_UPPER_AT, at(UPPER_LIP_SKIN)]] = 0
    for row in OUTER_LOWER_AT, INNER_LOWER_AT:
        follows[row] = CORNER_FOLLOWS + (1 - CORNER_FOLLOWS) * _hump()
    follows[at(UNDER_LIP)] = 1
    result = np.zeros_like(rest)
    result[:, 1] = follows * np.clip(lever, 0, 1.2)
    cheeks = at(CHEEKS)
    result[cheeks, 0] = -0.12 * np.sign(rest[cheeks, 0] - middle) * follows[cheeks]
    return result


def _lips(rest: Floats) -> Floats:
    result = np.zeros_like(rest)
    result[INNER_UPPER_AT, 1] = -UPPER_SHARE * _hump()
    result[OUTER_UPPER_AT, 1] = -0.8 * UPPER_SHARE * _hump()
    result[at(UPPER_LIP_SKIN), 1] = -0.35 * UPPER_SHARE
    result[INNER_LOWER_AT, 1] = LOWER_SHARE * _hump()
    result[OUTER_LOWER_AT, 1] = 0.75 * LOWER_SHARE * _hump()
    result[at(UNDER_LIP), 1] = 0.35 * LOWER_SHARE
    return result


def _corners(rest: Floats) -> Floats:
    """Corners draw in while the jaw goes down; the rows between them follow in proportion."""
    middle, _, half = _mouth(rest)
    result = np.zeros_like(rest)
    result[LIPS_AT, 0] = -CORNER_NARROWS * (rest[LIPS_AT, 0] - middle) / half
    return result


def _wide(rest: Floats) -> Floats:
    """Spreading: lips in proportion, the skin beside the corners less with distance, the face's outline not at all:
    cheeks slide over the bone, and in a turned face one side's outline comes near the mouth."""
    middle, line, half = _mouth(rest)
    across, down = rest[:, 0] - middle, rest[:, 1] - line
    away = np.hypot(np.maximum(np.abs(across) - half, 0), down)
    outline = rest[at(JAW)]
    right, left = (float(np.linalg.norm(outline - corner, axis=1).min()) for corner in rest[CORNERS_AT])
    reach = np.minimum(SPREAD_REACH[0], SPREAD_REACH[1] * np.where(across < 0, right, left))
    result = np.zeros_like(rest)
    result[:, 0] = np.clip(across / half, -1, 1) * np.exp(-((away / reach) ** 2))
    result[at(JAW)] = 0
    result[LIPS_AT, 0] = across[LIPS_AT] / half
    return result


def _round(rest: Floats) -> tuple[Floats, Floats, Floats]:
    """What is seen of lips that are pushed forward, beside the width they lose."""
    middle, _, _ = _mouth(rest)
    purse, hole, forward = (np.zeros_like(rest) for _ in range(3))
    purse[OUTER_UPPER_AT, 1] = -ROUND_UP * _hump()
    purse[OUTER_LOWER_AT, 1] = ROUND_DOWN * _hump()
    purse[at(UPPER_LIP_SKIN), 1] = -ROUND_BEYOND * ROUND_UP
    purse[at(UNDER_LIP), 1] = ROUND_BEYOND * ROUND_DOWN
    for row in INNER_UPPER_AT, INNER_LOWER_AT:
        hole[row, 0] = -ROUND_HOLE * (rest[row, 0] - middle)
    forward[LIPS_AT, 0] = ROUND_FORWARD
    forward[at(UPPER_LIP_SKIN + UNDER_LIP), 0] = ROUND_BEYOND * ROUND_FORWARD
    return purse, hole, forward


def _along(rest: Floats) -> Floats:
    """Skin is stretched over some way when lips go up or down, else what is dark beside the corners would stay there;
    the nose and the face's outline stay where they are."""
    away = np.linalg.norm(rest[:, None] - rest[LIPS_AT], axis=-1)
    nearest = away.min(axis=1, keepdims=True)
    share = np.exp(-((away - nearest) / ALONG_REACH[1]))
    result = share / share.sum(axis=1, keepdims=True) * np.exp(-((nearest / ALONG_REACH[0]) ** 2))
    result[np.r_[at(JAW), at(NOSE)]] = 0
    result[LIPS_AT] = np.eye(len(LIPS_AT))
    return np.asarray(result)
