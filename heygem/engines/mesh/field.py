"""Where each pixel of the new picture comes from: two smooth fields, parted along the mouth line."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from scipy.linalg.lapack import sgesv

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
from heygem.face.pose import inverse, to_pixels

Floats = npt.NDArray[np.float32]

CELL = 0.062  # face units between two nodes of the grid on which fields are computed
STIFF = 0.01
FEATHER = 0.2  # of the region's radius, over which the new picture fades into the old
PART_INSIDE = 0.008  # face units over which the fields change at the mouth line
PART_BESIDE = 0.9  # and how fast that grows beside the corners

_UPPER_LIP = np.r_[OUTER_UPPER_AT[1:-1], INNER_UPPER_AT[1:-1]]
_LOWER_LIP = np.r_[OUTER_LOWER_AT[1:-1], INNER_LOWER_AT[1:-1]]
_SHARED = np.setdiff1d(np.arange(len(MOVED)), np.r_[_UPPER_LIP, _LOWER_LIP])
_FIRST = np.r_[_UPPER_LIP, _SHARED]


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
        return np.concatenate([self.border(26, 1.0), self.border(12, 1.2)])

    def border(self, count: int, factor: float) -> Floats:
        angle = 2 * np.pi * np.arange(count) / count
        down = np.sin(angle)
        y = self.middle[1] + factor * down * np.where(down > 0, self.below, self.above)
        x = self.middle[0] + factor * self.half_width * np.cos(angle)
        return np.asarray(np.stack([x, y], axis=-1), np.float32)

    def box(self, pose: npt.NDArray[np.floating[Any]], width: int, height: int) -> tuple[int, int, int, int]:
        """The pixels it covers: even x0, y0, x1, y1 within the picture, empty if it is outside."""
        pixels = to_pixels(self.outline, pose)
        (x0, y0), (x1, y1) = np.floor(pixels.min(axis=0) / 2) * 2, np.ceil(pixels.max(axis=0) / 2) * 2
        left, top = min(max(int(x0), 0), width), min(max(int(y0), 0), height)
        return left, top, max(left, min(int(x1), width)), max(top, min(int(y1), height))


Map = tuple[Floats, Floats]  # x and y, each (h, w)


@dataclass(frozen=True)
class Warp:
    """Per pixel of a box (h, w): where it comes from, in pixels of the picture, and `mask` 0..1.

    `upper` holds for the upper lip's side of the mouth line; `below` 0..1 is how far a pixel belongs to the lower lip's
    side, which comes from `upper + apart`.
    """

    upper: Map
    apart: Map
    below: Floats
    mask: Floats

    def everywhere(self) -> Map:
        """One map for the whole box. Right at the mouth line it mixes places, which only `sides` gets right."""
        x, y = self.below * self.apart[0], self.below * self.apart[1]
        x += self.upper[0]
        y += self.upper[1]
        return x, y

    def sides(self, part: tuple[slice, slice]) -> tuple[Map, Map]:
        """The maps of both sides within a part of the box."""
        x, y = self.upper[0][part], self.upper[1][part]
        return (x.copy(), y.copy()), (x + self.apart[0][part], y + self.apart[1][part])


def warp(
    source: Floats, target: Floats, region: Region, pose: npt.NDArray[np.floating[Any]], box: tuple[int, int, int, int]
) -> Warp:
    """Bring the points (P, 2) `source` to `target`, both in face units."""
    x0, y0, x1, y1 = box
    scale = float(np.hypot(pose[0], pose[1]))
    columns, rows = max(4, round((x1 - x0) / scale / CELL)), max(4, round((y1 - y0) / scale / CELL))
    # Nodes stand where cv2.resize puts them.
    px = x0 + (np.arange(columns) + 0.5) * (x1 - x0) / columns - 0.5
    py = (y0 + (np.arange(rows) + 0.5) * (y1 - y0) / rows - 0.5)[:, None]
    a, b, tx, ty = inverse(pose)
    x, y = a * px - b * py + tx, b * px + a * py + ty
    away = region.distance(x, y)
    near = np.flatnonzero(away < 1)
    # A field is a displacement in face units; in the picture it is turned and scaled.
    turn = np.array([[pose[0], pose[1]], [-pose[1], pose[0]]], np.float32)
    fields = _fields(source, target, region, np.stack([x.flat[near], y.flat[near]]), turn)
    coarse = np.zeros((6, rows, columns), np.float32)
    coarse[:4].reshape(4, -1)[:, near] = fields
    coarse[0] += px
    coarse[1] += py
    coarse[4] = _side(target, x, y) + 0.5
    coarse[5] = np.clip((1 - away) / FEATHER, 0, 1)
    size = (x1 - x0, y1 - y0)
    upper_x, upper_y, apart_x, apart_y, below, mask = (
        np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR), np.float32) for plane in coarse
    )
    return Warp((upper_x, upper_y), (apart_x, apart_y), np.clip(below, 0, 1, out=below), mask)


def _side(
    target: Floats, x: npt.NDArray[np.floating[Any]], y: npt.NDArray[np.floating[Any]]
) -> npt.NDArray[np.floating[Any]]:
    """How far below the mouth line, in widths of the part: sharp inside the mouth, ever softer beside it."""
    line = (target[INNER_UPPER_AT] + target[INNER_LOWER_AT]) / 2
    beside = np.maximum(0, np.maximum(line[0, 0] - x, x - line[-1, 0]))
    return np.asarray((y - np.interp(x, line[:, 0], line[:, 1])) / (PART_INSIDE + PART_BESIDE * beside))


def _fields(
    source: Floats, target: Floats, region: Region, nodes: npt.NDArray[np.floating[Any]], turn: Floats
) -> Floats:
    """At the nodes (2, N), turned by `turn`: the upper lip's field and how far the lower lip's is apart, (4, N)."""
    # Both lips' systems are slices of one order: the upper lip, what both share, the lower lip.
    uppers, lowers = slice(0, -len(_LOWER_LIP)), slice(len(_UPPER_LIP), None)
    controls = np.concatenate([target[_FIRST], region.still, target[_LOWER_LIP]]).astype(np.float32)
    count = len(controls)
    values = np.zeros_like(controls)
    values[: len(_FIRST)] = source[_FIRST] - target[_FIRST]
    values[-len(_LOWER_LIP) :] = source[_LOWER_LIP] - target[_LOWER_LIP]
    reach = _distances(controls.T, np.concatenate([controls.T, nodes.astype(np.float32)], axis=1))
    between = np.ascontiguousarray(reach[:, :count])
    np.fill_diagonal(between, -STIFF)
    weights = np.zeros((4, count), np.float32)
    # Systems and products too small for BLAS to share out: its threads would spin against the encoder's.
    for used, part in (uppers, weights[:2]), (lowers, weights[2:]):
        part[:, used] = sgesv(between[used, used], values[used] @ turn)[2].T
    weights[2:] -= weights[:2]
    return np.asarray(weights @ reach[:, count:])


def _distances(a: Floats, b: Floats) -> Floats:
    """Between points (2, A) and (2, B): (A, B)."""
    return np.asarray(cv2.magnitude(a[0][:, None] - b[0], a[1][:, None] - b[1]))
