"""Pictures of the open mouth, kept while a template is watched: of them its mouth is made."""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from heygem.face.edges import NOT_SEEN, edges
from heygem.face.landmarks import (
    CHIN_AT,
    INNER_LOWER_AT,
    INNER_UPPER_AT,
    NOSE_BASE_AT,
    OUTER_LOWER_AT,
    OUTER_UPPER_AT,
    opening,
)
from heygem.face.pose import matrix, to_face
from heygem.media.frame import Frame, Plane

HALF_WIDTH, ABOVE, BELOW = 0.64, -0.06, 1.0  # of a patch around the base of the nose, face units
LEAST_PIXELS, MOST_PIXELS = 40, 220  # per face unit
MOST = 64
OPENINGS = (0.05, 0.08, 0.12, 0.16, 0.21, 0.28, 0.36)  # face units, lower edges of the bins
YAW_BIN = 0.2  # radians
EACH = 6  # of a bin, of each shot
APART = 3  # frames between two of one bin
STEADY = 4.0  # quality that a face unit per frame of motion costs
LIPS_EVERY = 10  # frames
UNKNOWN_LIPS = np.array([110, 120, 150], np.float32)

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Patch:
    """An open mouth, upright: `planes` Y (h, w), U and V (h/2, w/2). `upper` and `lower` (11, 2) are the inner lips
    relative to the base of the nose, face units; `chin` how far below that the chin is; `opening` face units; `yaw`
    radians; `quality` higher is better; `frame` and `shot` numbers."""

    planes: tuple[Plane, Plane, Plane]
    upper: Floats
    lower: Floats
    chin: float
    opening: float
    yaw: float
    quality: float
    frame: int
    shot: int


@dataclass(frozen=True)
class Patches:
    """What was kept of a clip. `scale` pixels per face unit; `lips` (3,) mean YUV, which also a mouth that never opens
    has; `chin` how far below the nose the chin is while the mouth is shut, face units."""

    kept: tuple[Patch, ...]
    scale: float
    lips: Floats
    chin: float

    def only(self, wanted: npt.NDArray[np.bool_]) -> "Patches":
        """Those of the frames `wanted` (T,)."""
        return replace(self, kept=tuple(patch for patch in self.kept if wanted[patch.frame]))


def patch_shape(scale: float) -> tuple[int, int]:
    """Height and width in luma pixels, even."""
    return round((ABOVE + BELOW) * scale / 2) * 2, round(2 * HALF_WIDTH * scale / 2) * 2


def cut_patch(
    frame: Frame, pose: npt.NDArray[np.floating[Any]], anchor: Floats, scale: float
) -> tuple[Plane, Plane, Plane]:
    """The planes of a patch: the face at `anchor` + (x, y) goes to ((x + HALF_WIDTH), (y + ABOVE)) · scale."""
    height, width = patch_shape(scale)
    face_to_picture = matrix(pose)
    patch_to_picture = face_to_picture.copy()
    patch_to_picture[:, :2] /= scale
    patch_to_picture[:, 2] = face_to_picture @ np.array([anchor[0] - HALF_WIDTH, anchor[1] - ABOVE, 1.0])
    # A chroma sample lies between two luma samples: chroma c is luma 2c + 0.5.
    chroma = patch_to_picture.copy()
    chroma[:, 2] = (patch_to_picture @ np.array([0.5, 0.5, 1.0]) - 0.5) / 2
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP

    def warp(plane: Plane, to: npt.NDArray[np.float64], size: tuple[int, int]) -> Plane:
        return np.asarray(cv2.warpAffine(plane, to, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8)

    half = (width // 2, height // 2)
    return warp(frame.y, patch_to_picture, (width, height)), warp(frame.u, chroma, half), warp(frame.v, chroma, half)


class Collector:
    """Keeps the best mouths for each opening and head turn of each shot, never more than `MOST`."""

    def __init__(self) -> None:
        self._scale = 0.0
        self._kept: dict[tuple[int, int, int], list[Patch]] = {}
        self._lips: list[Floats] = []
        self._chins: list[float] = []

    def offer(
        self,
        frame: Frame,
        points: Floats,
        pose: npt.NDArray[np.floating[Any]],
        yaw: float,
        speed: float,
        number: int,
        shot: int,
    ) -> Floats:
        """Look at frame `number` and say where its lips begin, see `heygem.face.edges`; NaN unless they are open.

        `points` (P, 2 or more) in pixels, `speed` face units per frame.
        """
        face = to_face(points[:, :2], pose).astype(np.float32)
        gap = float(opening(face))
        anchor = face[NOSE_BASE_AT].mean(axis=0)
        chin = float(face[CHIN_AT, 1].mean() - anchor[1])
        self._chins.append(chin)
        if not self._scale:
            self._scale = float(np.clip(np.hypot(pose[0], pose[1]), LEAST_PIXELS, MOST_PIXELS))
        if gap < OPENINGS[0] and number % LIPS_EVERY:
            return NOT_SEEN
        planes = cut_patch(frame, pose, anchor, self._scale)
        quality, lips = _judge(planes, face - anchor, self._scale)
        if number % LIPS_EVERY == 0:
            self._lips.append(lips)
        if gap < OPENINGS[0]:
            return NOT_SEEN
        upper, lower = face[INNER_UPPER_AT] - anchor, face[INNER_LOWER_AT] - anchor
        self._keep(Patch(planes, upper, lower, chin, gap, yaw, quality - STEADY * speed, number, shot))
        corner = np.array([HALF_WIDTH, ABOVE], np.float32)
        inner = (np.stack([upper, lower]) + corner) * self._scale
        outer = (face[np.stack([OUTER_UPPER_AT, OUTER_LOWER_AT])] - anchor + corner) * self._scale
        return edges(planes, inner, outer, self._scale)

    def patches(self) -> Patches:
        kept = sorted((patch for bin_ in self._kept.values() for patch in bin_), key=lambda patch: patch.frame)
        lips = np.median(self._lips, axis=0).astype(np.float32) if self._lips else UNKNOWN_LIPS
        chin = float(np.percentile(self._chins, 10)) if self._chins else 0.0
        return Patches(tuple(kept), self._scale, lips, chin)

    def _keep(self, patch: Patch) -> None:
        key = (patch.shot, int(np.digitize(patch.opening, OPENINGS)), round(patch.yaw / YAW_BIN))
        kept = self._kept.setdefault(key, [])
        if kept and patch.frame - kept[-1].frame < APART:
            if patch.quality > kept[-1].quality:
                kept[-1] = patch
            return
        kept.append(patch)
        if len(kept) > EACH:
            del kept[min(range(EACH), key=lambda i: kept[i].quality)]
        if sum(map(len, self._kept.values())) > MOST:
            fullest = max(self._kept.values(), key=len)
            del fullest[min(range(len(fullest)), key=lambda i: fullest[i].quality)]


def _judge(planes: tuple[Plane, Plane, Plane], face: Floats, scale: float) -> tuple[float, Floats]:
    """How much of a mouth's inside is teeth and depth rather than lip or tongue, and the lips' mean YUV."""
    y, u, v = (plane.astype(np.float32) for plane in (planes[0][::2, ::2], planes[1], planes[2]))

    def region(upper: npt.NDArray[np.intp], lower: npt.NDArray[np.intp]) -> npt.NDArray[np.uint8]:
        outline = np.concatenate([face[upper], face[lower][::-1]])
        mask = np.zeros(u.shape, np.uint8)
        cv2.fillPoly(mask, [np.round((outline + np.array([HALF_WIDTH, ABOVE])) * scale / 2).astype(np.int32)], [1])
        return mask

    inside = region(INNER_UPPER_AT, INNER_LOWER_AT)
    lips = (region(OUTER_UPPER_AT, OUTER_LOWER_AT) > cv2.dilate(inside, np.ones((3, 3), np.uint8))).astype(bool)
    inner = inside.astype(bool)
    if lips.sum() < 6:
        return -1.0, UNKNOWN_LIPS
    colour = np.array([plane[lips].mean() for plane in (y, u, v)], np.float32)
    if inner.sum() < 6:
        return -1.0, colour
    redness = float(np.clip((colour[2] - v[inner].mean()) / 12, -1, 1))
    spread = float(np.clip(y[inner].std() / 30, 0, 1))
    darkness = float(np.clip((colour[0] - np.percentile(y[inner], 15)) / 60, -1, 1))
    return redness + spread + darkness, colour
