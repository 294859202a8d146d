"""Where a picture moves when the person in it does: fields that fade into a background which stays."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from heygem.face.landmarks import EARS, LEFT_BROW, MENTON, OUTLINE, RIGHT_BROW, at
from heygem.face.pose import eye_pose, to_face
from heygem.media.rgb import Box

Doubles = npt.NDArray[np.floating[Any]]
Floats = npt.NDArray[np.float32]

CELL = 0.14  # face units between two nodes of the grid on which fields are computed
HAIR = 1.28  # how much larger than the face's outline the head is
FADE = 1.7  # face units around the head over which the background takes part
NECK = 0.1, 1.5  # below the chin, where the head's motion begins to end and has ended
CHEST = 0.2, 1.9  # below the chin, where that of the chest begins and is whole
CHEST_SIDES = 2.4, 4.0  # from the middle, where it begins to end and has ended
CHEST_DEEP = 2.6, 4.4  # below the chin, the same
BREATH_IN_HEAD = 0.45  # of the chest's rise
LEAN = 0.35  # face units that the head comes down with a nod of one radian
PIVOT = 0.5  # below the chin, around which heads tilt
DEEP = 0.22, 1.5  # sigma over which depth is smooth, and outlines' size where it has ended
FLAT = 1.2, 1.7  # sizes of the head between which what depth is left ends
BROWS = 0.3, 0.16  # sigma across and down of what moves with a brow
BORDER = 0.5, 0.12  # over which motion fades at the picture's borders: face units, and of its shorter side at most
# How much a picture may be stretched by each motion (within a face, depth does that), and how large they become.
STRAIN = (0.25, 0.25, 0.12, 0.12, 0.1, 0.25)
USUAL = (0.05, 0.06, 0.03, 0.02, 0.03, 0.035)


@dataclass(frozen=True)
class Body:
    """`box` is what moves, in pixels; `fields` (6, 2, rows, columns) how far, in pixels, per unit of each motion
    (`sway.Motion`)."""

    box: Box
    fields: Floats

    @property
    def reach(self) -> Floats:
        """(rows, columns) pixels that each node may be moved."""
        return np.asarray(np.abs(self.fields * np.array(USUAL, np.float32).reshape(-1, 1, 1, 1)).sum(axis=(0, 1)))

    @classmethod
    def of(cls, portrait: Floats, width: int, height: int) -> "Body":
        """From the points (P, 3) of a face in a picture of that size, in its pixels."""
        return _body(portrait.astype(np.float64), width, height)

    def displacement(self, motion: npt.NDArray[np.floating[Any]]) -> Floats:
        """(2, rows, columns) pixels, to the right and down, at the grid's nodes."""
        return np.asarray(np.tensordot(motion.astype(np.float32), self.fields, 1))


def _body(points: Doubles, width: int, height: int) -> Body:
    pose = eye_pose(points)
    unit = float(np.hypot(pose[0], pose[1]))
    flat = to_face(points[:, :2], pose)
    outline, chin = flat[at(OUTLINE)], float(flat[at(MENTON), 1][0])
    box = _box(pose, outline, chin, width, height)
    shape = max(4, round((box[3] - box[1]) / unit / CELL)), max(4, round((box[2] - box[0]) / unit / CELL))
    px, py = (
        (np.arange(count) + 0.5) * ((high - low) / count) - 0.5 + low
        for count, low, high in zip(shape[::-1], box[:2], box[2:], strict=True)
    )
    pixels = np.stack(np.meshgrid(px, py), axis=-1)
    x, y = np.moveaxis(to_face(pixels, pose), -1, 0)
    border = _border(pixels, width, height, unit)
    head = _head(x, y, outline) * _falling(y - chin, *NECK)
    chest = _rising(y - chin, *CHEST) * _falling(np.abs(x), *CHEST_SIDES) * _falling(y - chin, *CHEST_DEEP)
    depth = _depth(x, y, points, flat, outline, unit)
    nothing = np.zeros_like(x)
    lifts = 1 - (1 - BREATH_IN_HEAD * head) * (1 - chest)
    modes = [
        (nothing, depth + LEAN * head),
        (depth, nothing),
        (-(y - chin - PIVOT) * head, x * head),
        (head + 0.4 * chest, nothing),
        (nothing, -lifts),
        (nothing, -_brows(x, y, flat)),
    ]
    calm = [
        _unstrained(np.stack(mode) * border, usual, most)
        for mode, usual, most in zip(modes, USUAL, STRAIN, strict=True)
    ]
    fields = np.stack(calm)
    # Face units turned and scaled into pixels.
    turned = np.einsum("ij,mjrc->mirc", np.array([[pose[0], -pose[1]], [pose[1], pose[0]]]), fields)
    turned[..., [0, -1], :] = turned[..., [0, -1]] = 0
    return Body(box, turned.astype(np.float32))


def _box(pose: Doubles, outline: Doubles, chin: float, width: int, height: int) -> Box:
    """Where anything can move, in even pixels, away from the picture's outermost ones."""
    middle, half = _ellipse(outline)
    side = max(CHEST_SIDES[1], float(half[0]) + FADE)
    low, high = np.array([-side, middle[1] - half[1] - FADE]), np.array([side, chin + CHEST_DEEP[1]])
    corners = np.array([[x, y] for x in (low[0], high[0]) for y in (low[1], high[1])])
    a, b, tx, ty = pose
    spots = corners @ np.array([[a, b], [-b, a]]) + np.array([tx, ty])
    x0, y0 = (max(2, int(v) // 2 * 2) for v in spots.min(axis=0))
    x1, y1 = (min(most - 2, int(v) // 2 * 2) for v, most in zip(spots.max(axis=0), (width, height), strict=True))
    return x0, y0, x1, y1


def _ellipse(outline: Doubles) -> tuple[Doubles, Doubles]:
    """Middle and half axes of the head, hair and all."""
    low, high = outline.min(axis=0), outline.max(axis=0)
    return (low + high) / 2, (high - low) / 2 * HAIR


def _head(x: Doubles, y: Doubles, outline: Doubles) -> Doubles:
    return _falling((_radius(x, y, outline) - 1) * float(_ellipse(outline)[1][0]), 0, FADE)


def _radius(x: Doubles, y: Doubles, outline: Doubles) -> Doubles:
    """1 where the head ends."""
    middle, half = _ellipse(outline)
    return np.asarray(np.hypot((x - middle[0]) / half[0], (y - middle[1]) / half[1]))


def _border(pixels: Doubles, width: int, height: int, unit: float) -> Doubles:
    away = np.minimum(pixels, np.array([width - 1, height - 1]) - pixels).min(axis=-1)
    return _rising(away, 2, 2 + min(BORDER[0] * unit, BORDER[1] * min(width, height)))


def _depth(x: Doubles, y: Doubles, points: Doubles, flat: Doubles, outline: Doubles, unit: float) -> Doubles:
    """How far before the ears each place of the face lies, 0 around it."""
    ears = points[at(EARS), 2].mean()
    near = np.maximum(0, ears - points[:, 2]) / unit
    middle = _ellipse(outline)[0]
    rings = [middle + (outline - middle) * (DEEP[1] + more) for more in (0, 0.3, 0.7)]
    spots = np.concatenate([flat, *rings])
    deep = np.concatenate([near, np.zeros(len(outline) * len(rings))])
    square = (x[..., None] - spots[:, 0]) ** 2 + (y[..., None] - spots[:, 1]) ** 2
    weights = np.exp(-square / (2 * DEEP[0] ** 2)) + 1e-9
    return np.asarray(weights @ deep / weights.sum(axis=-1) * _falling(_radius(x, y, outline), *FLAT))


def _brows(x: Doubles, y: Doubles, flat: Doubles) -> Doubles:
    result = np.zeros_like(x)
    for brow in (RIGHT_BROW, LEFT_BROW):
        middle = flat[at(brow)].mean(axis=0) - np.array([0, 0.06])
        result += np.exp(-(((x - middle[0]) / BROWS[0]) ** 2 + ((y - middle[1]) / BROWS[1]) ** 2))
    return result


def _unstrained(mode: Doubles, usual: float, most: float) -> Doubles:
    """Weaker where the usual motion would stretch the picture too much."""
    slopes = np.gradient(mode, CELL, axis=(1, 2))
    strain = usual * float(np.max([np.abs(slope).max() for slope in slopes]))
    return mode * float(min(1.0, most / max(strain, 1e-9)))


def _rising(values: Doubles, start: float, end: float) -> Doubles:
    t = np.clip((values - start) / (end - start), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def _falling(values: Doubles, start: float, end: float) -> Doubles:
    return 1 - _rising(values, start, end)
