"""Where each pixel of the new picture comes from: two smooth fields, parted along the mouth line."""

from dataclasses import dataclass
from functools import cached_property
from math import ceil, floor
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from scipy.linalg.lapack import ssysv

from heygem.engines.mesh.place import face_coordinates, half, height_at
from heygem.face.landmarks import (
    CORNERS_AT,
    INNER_LOWER_AT,
    INNER_UPPER_AT,
    JAW,
    MOVED,
    OUTER_LOWER_AT,
    OUTER_UPPER_AT,
    at,
)
from heygem.media.rgb import Box

Floats = npt.NDArray[np.float32]

CELL = 0.062  # face units between two nodes of the grid on which fields are computed
STIFF = 0.01
STILL = (26, 1.0), (12, 1.2)  # how many points hold the field to zero, on the region's border and beyond it
CLOSEST = 0.004  # face units: distances are never less, lest rounding leaves the root of something negative
FEATHER = 0.2  # of the region's radius, over which what moves comes to rest
_AROUND = 2  # cells beyond each side of a box
PART_INSIDE = 0.008  # face units over which the fields change at the mouth line
PART_BESIDE = 0.9  # and how fast that grows beside the corners

_UPPER_LIP = np.r_[OUTER_UPPER_AT[1:-1], INNER_UPPER_AT[1:-1]]
_LOWER_LIP = np.r_[OUTER_LOWER_AT[1:-1], INNER_LOWER_AT[1:-1]]
_STILL = sum(count for count, _ in STILL)
_SHARED = np.r_[np.setdiff1d(np.arange(len(MOVED)), np.r_[_UPPER_LIP, _LOWER_LIP]), len(MOVED) + np.arange(_STILL)]
# Both lips' systems are slices of one order: the upper lip, what both share, the lower lip.
_ORDER = np.r_[_UPPER_LIP, _SHARED, _LOWER_LIP]
_WORKSPACE = 32 * len(_ORDER)  # for LAPACK's blocks
_UPPERS, _LOWERS = slice(0, -len(_LOWER_LIP)), slice(len(_UPPER_LIP), None)
# (p - q)² = p² - 2pq + q², of x, y, square and 1 of each point, and so little more that no rounding leaves less than 0.
_BY_TERMS = np.array([[-2, 0, 0, 0], [0, -2, 0, 0], [0, 0, 0, 1], [0, 0, 1, CLOSEST**2]], np.float32)


@dataclass(frozen=True)
class Region:
    """The ellipse, in face units, outside of which nothing moves and no pixel changes."""

    middle: tuple[float, float]
    half_width: float
    above: float
    below: float

    @classmethod
    def of(cls, rest: Floats) -> "Region":
        mouth = rest[CORNERS_AT].mean(axis=0)
        jaw = rest[at(JAW)]
        chin = float(jaw[:, 1].max() - mouth[1])
        half_width = float(np.ptp(jaw[:, 0]) / 2) + 0.14
        return cls((float(jaw[[0, -1], 0].mean()), float(mouth[1] + 0.45 * chin)), half_width, 1.12 * chin, 1.25 * chin)

    def distance(
        self, x: npt.NDArray[np.floating[Any]], y: npt.NDArray[np.floating[Any]]
    ) -> npt.NDArray[np.floating[Any]]:
        """1 on the ellipse."""
        down = y - self.middle[1]
        radius = np.where(down > 0, self.below, self.above)
        return np.asarray(np.hypot((x - self.middle[0]) / self.half_width, down / radius))

    @cached_property
    def outline(self) -> Floats:
        return self.border(48, 1.0)

    @cached_property
    def still(self) -> Floats:
        """Points that hold the field to zero around the region."""
        return np.concatenate([self.border(count, factor) for count, factor in STILL])

    def border(self, count: int, factor: float) -> Floats:
        angle = 2 * np.pi * np.arange(count) / count
        down = np.sin(angle)
        y = self.middle[1] + factor * down * np.where(down > 0, self.below, self.above)
        x = self.middle[0] + factor * self.half_width * np.cos(angle)
        return np.asarray(np.stack([x, y], axis=-1), np.float32)


@dataclass(frozen=True)
class Warp:
    """Per sample of a box (h, w): where it comes from, `places` (2, h, w), x and y in samples of that box.

    At the mouth line these mix places, where it is pictures that have to be mixed. Within `part` of the box there are
    `above` for the upper lip's side of that line, `under` for the lower lip's, and `below` 0..1, how much of this one.
    """

    places: Floats
    part: Box
    above: Floats
    under: Floats
    below: Floats


def cell_of(pose: npt.NDArray[np.floating[Any]]) -> int:
    """Pixels between two nodes of the grid on which fields are computed."""
    return ceil(CELL * float(np.hypot(pose[0], pose[1])))


def warp(
    source: Floats, target: Floats, region: Region, pose: npt.NDArray[np.floating[Any]], box: Box, part: Box
) -> tuple[Warp, Warp]:
    """Bring the points (P, 2) `source` to `target`, both in face units: for luma, and for chroma.

    `part` of the box is around the mouth line, by a cell at least: nodes say something of what lies so near.
    """
    cell = cell_of(pose)
    whole = 0, 0, box[2] - box[0], box[3] - box[1]
    px, py = (_nodes(side, cell) for side in whole[2:])
    x, y = face_coordinates(px + box[0], py + box[1], pose)
    away = region.distance(x, y)
    # A field is a displacement in face units; in the picture it is turned and scaled.
    turn = np.array([[pose[0], pose[1]], [-pose[1], pose[0]]], np.float32)
    near = np.flatnonzero(away < 1)
    sides = np.zeros((2, 2, *x.shape), np.float32)
    sides.reshape(4, -1)[:, near] = _fields(source, target, region, np.stack([x.take(near), y.take(near)]), turn)
    sides *= ((1 - away) / FEATHER).clip(0, 1)
    sides[:, 0] += px
    sides[:, 1] += py[:, None]
    side = np.asarray(_side(target, x, y) + 0.5, np.float32)
    # A chroma sample lies between two luma samples: chroma c is luma 2c + 0.5.
    halves = (sides - np.float32(0.5)) * np.float32(0.5)
    return _warp(sides, side, cell, whole, part), _warp(halves, side, cell / 2, half(whole), half(part))


def _nodes(length: int, cell: int) -> Floats:
    """Where they stand in a box of so many pixels, and around it: where cv2.resize puts them."""
    return (np.arange(-_AROUND, 2 * ceil(length / cell / 2) + _AROUND, dtype=np.float32) + 0.5) * cell - 0.5


def _warp(sides: Floats, side: Floats, cell: float, whole: Box, part: Box) -> Warp:
    mixed = sides[0] + side.clip(0, 1) * (sides[1] - sides[0])
    above, under = (_enlarged(field, cell, part) for field in sides)
    below = _enlarged(side[None], cell, part)[0].clip(0, 1)
    return Warp(_enlarged(mixed, cell, whole), part, above, under, below)


def _enlarged(coarse: Floats, cell: float, part: Box) -> Floats:
    """What nodes (n, rows, columns) say in a part of the box, (n, h, w)."""
    x0, y0, x1, y1 = part
    (left, right), (top, bottom) = _cells(x0, x1, cell), _cells(y0, y1, cell)
    size = round((right - left) * cell), round((bottom - top) * cell)
    fine = np.empty((len(coarse), *size[::-1]), np.float32)
    for plane, large in zip(coarse[:, top:bottom, left:right], fine, strict=True):
        cv2.resize(plane, size, large, interpolation=cv2.INTER_LINEAR)
    x, y = round((left - _AROUND) * cell), round((top - _AROUND) * cell)
    return fine[:, y0 - y : y1 - y, x0 - x : x1 - x]


def _cells(start: int, stop: int, cell: float) -> tuple[int, int]:
    """The cells whose nodes are around the samples start … stop-1: in pairs, which are whole chroma samples."""
    return 2 * floor((start / cell - 0.5) / 2) + _AROUND, 2 * ceil((stop / cell + 0.5) / 2) + _AROUND


def _side(
    target: Floats, x: npt.NDArray[np.floating[Any]], y: npt.NDArray[np.floating[Any]]
) -> npt.NDArray[np.floating[Any]]:
    """How far below the mouth line, in widths of the part: sharp inside the mouth, ever softer beside it."""
    line = (target[INNER_UPPER_AT] + target[INNER_LOWER_AT]) / 2
    beside = np.maximum(0, np.maximum(line[0, 0] - x, x - line[-1, 0]))
    return np.asarray((y - height_at(x, line)) / (PART_INSIDE + PART_BESIDE * beside))


def _fields(source: Floats, target: Floats, region: Region, nodes: Floats, turn: Floats) -> Floats:
    """At the nodes (2, N), turned by `turn`: the upper lip's field and the lower lip's, (4, N)."""
    controls, before = (np.concatenate([points, region.still])[_ORDER] for points in (target, source))
    between, reach = _distances(controls.T, nodes, np.array(region.middle, np.float32))
    np.fill_diagonal(between, -STIFF)
    moves = (before - controls) @ turn
    fields = np.empty((2, *nodes.shape), np.float32)
    # Systems and products too small for BLAS to share out: its threads would spin against the encoder's.
    for used, field in zip((_UPPERS, _LOWERS), fields, strict=True):
        # Symmetric, so that LAPACK may have it transposed, as it lies in memory, and work in it.
        system = between[used, used].copy().T
        field[:] = ssysv(system, moves[used], lwork=_WORKSPACE, overwrite_a=True)[2].T @ reach[used]
    return fields.reshape(4, -1)


def _distances(controls: Floats, nodes: Floats, middle: Floats) -> tuple[Floats, Floats]:
    """From controls (2, C) to controls, and to nodes (2, N). Points far from `middle` are rounded more."""
    points = np.concatenate([controls, nodes], axis=1) - middle[:, None]
    terms = np.stack([*points, (points * points).sum(axis=0), np.ones_like(points[0])])
    count = controls.shape[1]
    left = (_BY_TERMS @ terms[:, :count]).T
    between, reach = (cv2.sqrt(left @ right) for right in (terms[:, :count], terms[:, count:]))
    return np.asarray(between, np.float32), np.asarray(reach, np.float32)
