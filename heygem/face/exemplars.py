"""Pictures of the open mouth, kept while the template is looked at, so that rendering need not look a second time."""

from dataclasses import dataclass, fields
from typing import Any, Self

import cv2
import numpy as np
import numpy.typing as npt

from heygem.face.edges import NOT_SEEN, edges
from heygem.face.landmarks import INNER_LOWER_AT, INNER_UPPER_AT, OUTER_LOWER_AT, OUTER_UPPER_AT, opening
from heygem.face.pose import matrix, to_face
from heygem.media.frame import Frame, Plane
from heygem.storage.cache import Arrays

HALF_WIDTH, ABOVE, BELOW = 0.64, 0.14, 0.66  # of a patch around its anchor, face units
MOST = 40
LEAST_PIXELS, MOST_PIXELS = 40, 220  # per face unit
OPENINGS = (0.05, 0.10, 0.15, 0.21, 0.28)  # lower edges of the bins
YAW_BIN = 0.2  # radians

_COMMON = ("scale", "lips")
LIPS_EVERY = 10  # frames
UNKNOWN_LIPS = np.array([110, 120, 150], np.float32)

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Exemplars:
    """K mouths, upright. A patch's origin, in face units, is at its anchor: the middle of the upper inner lip.

    `y` (K, h, w), `u` and `v` (K, h/2, w/2); `upper` and `lower` (K, 11, 2) inner lips relative to the anchor;
    `anchor` (K, 2) in face units; `opening`, `yaw`, `quality`, `frame` and `shot` (K,); `scale` () pixels per face
    unit; `lips` (3,) mean YUV of the lips, which also a mouth that never opens has.
    """

    y: Plane
    u: Plane
    v: Plane
    upper: Floats
    lower: Floats
    anchor: Floats
    opening: Floats
    yaw: Floats
    quality: Floats
    frame: npt.NDArray[np.int32]
    shot: npt.NDArray[np.int32]
    scale: Floats
    lips: Floats

    def __len__(self) -> int:
        return len(self.opening)

    def only(self, wanted: npt.NDArray[np.bool_]) -> Self:
        return type(self)(**{name: array if name in _COMMON else array[wanted] for name, array in vars(self).items()})

    def to_arrays(self, prefix: str) -> Arrays:
        return {f"{prefix}{name}": array for name, array in vars(self).items()}

    @classmethod
    def from_arrays(cls, arrays: Arrays, prefix: str) -> Self:
        return cls(**{field.name: arrays[f"{prefix}{field.name}"] for field in fields(cls)})


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


@dataclass
class _Kept:
    planes: tuple[Plane, Plane, Plane]
    upper: Floats
    lower: Floats
    anchor: Floats
    opening: float
    yaw: float
    quality: float
    frame: int
    shot: int


class Collector:
    """Keeps the best mouth for each opening and head turn of each shot, never more than `MOST`."""

    def __init__(self) -> None:
        self._scale = 0.0
        self._kept: dict[tuple[int, int, int], _Kept] = {}
        self._lips: list[Floats] = []

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
        if gap < OPENINGS[0] and number % LIPS_EVERY:
            return NOT_SEEN
        if not self._scale:
            self._scale = float(np.clip(np.hypot(pose[0], pose[1]), LEAST_PIXELS, MOST_PIXELS))
        anchor = face[INNER_UPPER_AT[5]]
        planes = cut_patch(frame, pose, anchor, self._scale)
        quality, lips = _judge(planes, face - anchor, self._scale)
        if number % LIPS_EVERY == 0:
            self._lips.append(lips)
        if gap < OPENINGS[0]:
            return NOT_SEEN
        upper, lower = face[INNER_UPPER_AT] - anchor, face[INNER_LOWER_AT] - anchor
        key = (shot, int(np.digitize(gap, OPENINGS)), round(yaw / YAW_BIN))
        best = self._kept.get(key)
        if best is None or best.quality < quality - 4 * speed:
            self._kept[key] = _Kept(planes, upper, lower, anchor, gap, yaw, quality - 4 * speed, number, shot)
            self._drop_one_too_many()
        corner = np.array([HALF_WIDTH, ABOVE], np.float32)
        return edges(planes, (upper + corner) * self._scale, (lower + corner) * self._scale, self._scale, lips)

    def exemplars(self) -> Exemplars:
        kept = list(self._kept.values())
        height, width = patch_shape(self._scale)
        empty = np.zeros((0, 11, 2), np.float32)
        shapes = [(0, height, width), (0, height // 2, width // 2), (0, height // 2, width // 2)]
        y, u, v = (
            np.stack([k.planes[i] for k in kept]) if kept else np.zeros(shape, np.uint8)
            for i, shape in enumerate(shapes)
        )
        return Exemplars(
            y=y,
            u=u,
            v=v,
            upper=np.stack([k.upper for k in kept]) if kept else empty,
            lower=np.stack([k.lower for k in kept]) if kept else empty,
            anchor=np.array([k.anchor for k in kept], np.float32).reshape(-1, 2),
            opening=np.array([k.opening for k in kept], np.float32),
            yaw=np.array([k.yaw for k in kept], np.float32),
            quality=np.array([k.quality for k in kept], np.float32),
            frame=np.array([k.frame for k in kept], np.int32),
            shot=np.array([k.shot for k in kept], np.int32),
            scale=np.array(self._scale, np.float32),
            lips=np.median(self._lips, axis=0).astype(np.float32) if self._lips else UNKNOWN_LIPS,
        )

    def _drop_one_too_many(self) -> None:
        if len(self._kept) > MOST:
            del self._kept[min(self._kept, key=lambda key: self._kept[key].quality)]


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
