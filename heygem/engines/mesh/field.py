"""Where each pixel of the new picture comes from: two smooth fields, parted along the mouth line."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from scipy.linalg.lapack import ssysv

from heygem.engines.mesh.place import face_coordinates, halved, height_at
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
FEATHER = 0.2  # of the region's radius, over which the new picture fades into the old
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
    """Per sample of a box (h, w): where it comes from (2, h, w), x and y in samples of that box, and `mask` 0..1.

    `upper` holds for the upper lip's side of the mouth line; `below` 0..1 is how far a pixel belongs to the lower lip's
    side, which comes from `upper + apart`.
    """

    upper: Floats
    apart: Floats
    below: Floats
    mask: Floats

    def everywhere(self) -> Floats:
        """One map for the whole box. Right at the mouth line it mixes places, which only `sides` gets right."""
        places = self.below * self.apart
        places += self.upper
        return places

    def sides(self, part: Box) -> tuple[Floats, Floats]:
        """The maps of both sides within a part of the box."""
        x0, y0, x1, y1 = part
        upper = self.upper[:, y0:y1, x0:x1]
        return upper.copy(), upper + self.apart[:, y0:y1, x0:x1]


def warp(
    source: Floats, target: Floats, region: Region, pose: npt.NDArray[np.floating[Any]], box: Box
) -> tuple[Warp, Warp]:
    """Bring the points (P, 2) `source` to `target`, both in face units: for luma, and for chroma."""
    width, height = box[2] - box[0], box[3] - box[1]
    scale = float(np.hypot(pose[0], pose[1]))
    columns, rows = max(4, round(width / scale / CELL)), max(4, round(height / scale / CELL))
    # Nodes stand where cv2.resize puts them.
    px = (np.arange(columns, dtype=np.float32) + 0.5) * (width / columns) - 0.5
    py = (np.arange(rows, dtype=np.float32) + 0.5) * (height / rows) - 0.5
    x, y = face_coordinates(px + box[0], py + box[1], pose)
    away = region.distance(x, y)
    # A field is a displacement in face units; in the picture it is turned and scaled.
    turn = np.array([[pose[0], pose[1]], [-pose[1], pose[0]]], np.float32)
    near = np.flatnonzero(away < 1)
    coarse = np.zeros((6, rows, columns), np.float32)
    coarse[:4].reshape(4, -1)[:, near] = _fields(source, target, region, np.stack([x.take(near), y.take(near)]), turn)
    coarse[0] += px
    coarse[1] += py[:, None]
    coarse[4] = _side(target, x, y) + 0.5
    coarse[5] = ((1 - away) / FEATHER).clip(0, 1)
    fine = _enlarged(coarse, width, height)
    below, mask = fine[4].clip(0, 1), fine[5]
    # A chroma sample lies between two luma samples: chroma c is luma 2c + 0.5.
    coarse[:2] -= 0.5
    half = _enlarged(coarse[:4] * np.float32(0.5), width // 2, height // 2)
    return Warp(fine[:2], fine[2:4], below, mask), Warp(half[:2], half[2:], halved(below), halved(mask))


def _enlarged(coarse: Floats, width: int, height: int) -> Floats:
    fine = np.empty((len(coarse), height, width), np.float32)
    for i, plane in enumerate(coarse):
        cv2.resize(plane, (width, height), fine[i], interpolation=cv2.INTER_LINEAR)
    return fine


def _side(
    target: Floats, x: npt.NDArray[np.floating[Any]], y: npt.NDArray[np.floating[Any]]
) -> npt.NDArray[np.floating[Any]]:
    """How far below the mouth line, in widths of the part: sharp inside the mouth, ever softer beside it."""
    line = (target[INNER_UPPER_AT] + target[INNER_LOWER_AT]) / 2
    beside = np.maximum(0, np.maximum(line[0, 0] - x, x - line[-1, 0]))
    return np.asarray((y - height_at(x, line)) / (PART_INSIDE + PART_BESIDE * beside))


def _fields(source: Floats, target: Floats, region: Region, nodes: Floats, turn: Floats) -> Floats:
    """At the nodes (2, N), turned by `turn`: the upper lip's field and how far the lower lip's is apart, (4, N)."""
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
    fields[1] -= fields[0]
    return fields.reshape(4, -1)


def _distances(controls: Floats, nodes: Floats, middle: Floats) -> tuple[Floats, Floats]:
    """From controls (2, C) to controls, and to nodes (2, N). Points far from `middle` are rounded more."""
    points = np.concatenate([controls, nodes], axis=1) - middle[:, None]
    terms = np.stack([*points, (points * points).sum(axis=0), np.ones_like(points[0])])
    count = controls.shape[1]
    left = (_BY_TERMS @ terms[:, :count]).T
    between, reach = (cv2.sqrt(left @ right) for right in (terms[:, :count], terms[:, count:]))
    return np.asarray(between, np.float32), np.asarray(reach, np.float32)
