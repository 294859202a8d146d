"""The inside of the mouth: teeth that stay with the skull, and what is dark behind them."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from heygem.engines.mesh.behind import CAVITY, GUMS
from heygem.engines.mesh.model import by_upper_lip
from heygem.face.exemplars import ABOVE, HALF_WIDTH, Exemplars, patch_shape
from heygem.media.frame import Plane

Floats = npt.NDArray[np.float32]

BLACK = 16.0
EDGE = 0.014  # face units over which an exemplar's outline fades into the dark
TOOTH_EDGE = 0.034  # face units that the upper teeth show below the resting lip
# From the middle outwards, where one tooth ends and the next begins, face units: two incisors, a canine, and two more,
# ever more from the side. How much shorter each of them is.
TEETH_END = np.array([0.132, 0.226, 0.318, 0.39, 0.44])
TEETH_SHORTER = np.array([0.0, 0.011, 0.003, 0.012, 0.018])
GAP = 0.008, 0.82  # face units on both sides of where teeth meet, and the light in there
ROUND = 0.024, 0.5  # face units over which a tooth's corner is round, and how much of that it lacks
# As in faces that show theirs (38 clips): brighter than the skin, and with a share of the lips' colours.
TOOTH_LIGHT, TOOTH_COLOUR, BRIGHTEST = 1.2, (0.7, 0.42), 225.0
SIDEWAYS, INCISAL = 0.45, (0.88, 0.02)  # light lost at the mouth's corner; light at a tooth's edge, and up to where


@dataclass(frozen=True)
class Inside:
    """A mouth's inside as a patch, see `heygem.face.exemplars`: `luma` (h, w) and `chroma` (h/2, w/2, 2). `valid` 0..1
    where it shows the inside and not a lip; `rest` where the resting upper lip would be, below the anchor; `bottom` the
    lower lip's middle; `deep` whether the lower part may be drawn out; `beneath` the luma, of the lips', of what is
    seen below it; `light` the skin's luma in its frame."""

    luma: Plane
    chroma: Plane
    valid: Floats
    upper: Floats
    scale: float
    rest: float
    bottom: float
    deep: bool
    beneath: float
    light: float


def from_exemplar(exemplars: Exemplars, number: int, light: float) -> Inside:
    upper, lower, deep = exemplars.upper[number], exemplars.lower[number], _deep(exemplars, number)
    return Inside(
        exemplars.y[number],
        np.asarray(cv2.merge([exemplars.u[number], exemplars.v[number]]), np.uint8),
        _outline(upper, lower, float(exemplars.scale)),
        upper,
        float(exemplars.scale),
        float(by_upper_lip(exemplars.opening[number])),
        float(lower[5, 1]),
        deep,
        CAVITY if deep else GUMS,
        light,
    )


def synthetic(lips: Floats, light: float, half_mouth: float, scale: float) -> Inside:
    """Upper teeth for a face that never shows its own: brighter than the skin, darker to the sides."""
    height, width = patch_shape(scale)
    x = np.abs(np.arange(width, dtype=np.float32) / scale - HALF_WIDTH)
    y = (np.arange(height, dtype=np.float32) / scale - ABOVE)[:, None]
    tooth = np.minimum(np.searchsorted(TEETH_END, x), len(TEETH_END) - 1)
    starts = np.r_[0, TEETH_END[:-1]]
    beside = np.clip(np.minimum(x - starts[tooth], TEETH_END[tooth] - x), 0, None)
    edge = TOOTH_EDGE - TEETH_SHORTER[tooth] - ROUND[1] * np.maximum(ROUND[0] - beside, 0)
    soft = max(0.012, 1.2 / scale)
    sideways = x / half_mouth
    valid = np.clip((edge - y) / soft + 0.5, 0, 1) * np.clip((0.97 - sideways) / 0.25, 0, 1)
    shade = 1 - SIDEWAYS * np.clip(sideways, 0, 1) ** 2
    shade = shade * (GAP[1] + (1 - GAP[1]) * np.clip(beside / max(GAP[0], 0.6 / scale), 0, 1))
    shade = shade * (INCISAL[0] + (1 - INCISAL[0]) * np.clip((edge - y) / INCISAL[1], 0, 1))
    luma = BLACK + min(TOOTH_LIGHT * (light - BLACK), BRIGHTEST - BLACK) * shade
    chroma = [round(128 + share * (float(own) - 128)) for own, share in zip(lips[1:], TOOTH_COLOUR, strict=True)]
    flat = np.stack([np.linspace(-HALF_WIDTH, HALF_WIDTH, 11), np.full(11, -ABOVE)], axis=-1).astype(np.float32)
    return Inside(
        np.broadcast_to(luma, (height, width)).astype(np.uint8),
        np.full((height // 2, width // 2, 2), chroma, np.uint8),
        valid.astype(np.float32),
        flat,
        scale,
        0.0,
        TOOTH_EDGE,
        False,
        CAVITY,
        light,
    )


def _deep(exemplars: Exemplars, number: int) -> bool:
    """Whether the lower part of the inside is dark or tongue, which may be drawn out, and not teeth, which may not."""
    middle = exemplars.y.shape[2] // 2
    scale, bottom = float(exemplars.scale), float(exemplars.lower[number, 5, 1])
    rows = ((ABOVE + np.array([0.0, 0.55, 0.92]) * bottom) * scale).astype(int)
    near = exemplars.y[number, :, middle - int(0.1 * scale) : middle + int(0.1 * scale)].astype(np.float32)
    upper, lower = near[rows[0] : rows[1] + 1], near[rows[1] : rows[2] + 1]
    return bool(np.median(lower) - BLACK < 0.72 * (np.percentile(upper, 80) - BLACK))


def _outline(upper: Floats, lower: Floats, scale: float) -> Floats:
    """1 inside the inner lips, fading towards the corners and the lower lip; above, sampling never goes."""
    height, width = patch_shape(scale)
    x = np.arange(width, dtype=np.float32) / scale - HALF_WIDTH
    y = (np.arange(height, dtype=np.float32) / scale - ABOVE)[:, None]
    top, bottom = np.interp(x, upper[:, 0], upper[:, 1]), np.interp(x, lower[:, 0], lower[:, 1])
    valid = np.clip((bottom - y) / EDGE, 0, 1) * np.clip((y - top) / (0.5 * EDGE) + 1, 0, 1)
    ends = np.clip((x - upper[0, 0]) / (2 * EDGE), 0, 1) * np.clip((upper[-1, 0] - x) / (2 * EDGE), 0, 1)
    return np.asarray(cv2.GaussianBlur((valid * ends).astype(np.float32), (0, 0), max(0.5, 0.004 * scale)), np.float32)


class Chooser:
    """One inside for each opening of the mouth: it changes only while the lips touch."""

    def __init__(self, exemplars: Exemplars, light: Floats, half_mouth: float) -> None:
        self._exemplars = exemplars
        self._light = light
        self._half_mouth = half_mouth
        self._shown: dict[int, Inside] = {}  # exemplars that come again and again
        self._event: tuple[int, int] | None = None
        self._inside: Inside | None = None

    def choose(self, event: int, peak: float, width: float, yaw: float, shot: int, row: int) -> Inside:
        """The inside for opening number `event`, which gets as wide as `peak` face units."""
        if self._inside is None or self._event != (event, shot):
            self._event, self._inside = (event, shot), self._best(peak, width, yaw, shot, row)
        return self._inside

    def _best(self, peak: float, width: float, yaw: float, shot: int, row: int) -> Inside:
        known = self._exemplars
        if not len(known):
            return synthetic(known.lips, float(self._light[row]), self._half_mouth, float(known.scale))
        lacks = peak - known.opening
        cost = np.where(lacks > 0, 5 * lacks, -1.5 * lacks) + 1.2 * np.abs(known.yaw - yaw)
        narrow = width - (known.upper[:, -1, 0] - known.upper[:, 0, 0])
        cost += np.where(narrow > 0, 4 * narrow, -0.5 * narrow)
        cost = cost - 0.25 * known.quality + 2.0 * (known.shot != shot)
        best = int(np.argmin(cost))
        if best not in self._shown:
            self._shown[best] = from_exemplar(known, best, float(self._light[known.frame[best]]))
        return self._shown[best]
