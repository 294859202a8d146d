"""An eye of a picture that shuts: the lid's own skin comes down over it, lashes first."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from heygem.media.frame import Frame, Plane
from heygem.media.rgb import Box

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

# In widths of the eye, corner to corner.
REACH = 0.42  # of skin above the lashes that comes down, less towards its end
BROW_SHARE = 0.72, 0.3  # of the way to the brow that skin and lashes, and lashes alone, may be at most
LASHES = 0.13, 0.045  # above and below the contour: what travels as one piece
FLATTER = 0.65  # lashes of a shut eye point down, and are seen shorter by so much
SHUT_AT = 1.04  # of the way from the upper to the lower lid, where they meet
OPEN_ENOUGH = 0.13  # height by width: below this an eye is shut, or laughs


@dataclass(frozen=True)
class Eye:
    """One eye in pixels: `origin` between its corners, `along` the unit vector from the left to the right corner,
    `width` between them; `upper` and `lower` the lids' heights below the line of the corners, as cubic polynomials of
    the place along it in half widths; `reach` how much skin above the lashes may move."""

    origin: npt.NDArray[np.float64]
    along: npt.NDArray[np.float64]
    width: float
    upper: npt.NDArray[np.float64]
    lower: npt.NDArray[np.float64]
    reach: float
    lashes: float

    @classmethod
    def of(cls, upper: Floats, lower: Floats, brow: Floats) -> "Eye":
        """From points (N, 2) of its lids and of the brow's lower edge."""
        left, right = upper[0].astype(np.float64), upper[-1].astype(np.float64)
        width = float(np.hypot(*(right - left)))
        origin, along = (left + right) / 2, (right - left) / max(width, 1e-6)
        turn = np.array([[along[0], -along[1]], [along[1], along[0]]])
        over, under, above = ((points - origin) @ turn for points in (upper, lower, brow))
        lids = [np.polyfit(line[:, 0] * 2 / width, line[:, 1], 4) for line in (over, under)]
        room = float(over[1:-1, 1].mean() - above[1:-1, 1].mean())
        lashes = min(LASHES[0] * width, BROW_SHARE[1] * max(0.0, room))
        reach = min(REACH * width, BROW_SHARE[0] * max(0.0, room) - lashes)
        return cls(origin, along, width, lids[0], lids[1], reach, lashes)

    @property
    def openness(self) -> float:
        """Height by width."""
        at = np.linspace(-0.4, 0.4, 5)
        return float((np.polyval(self.lower, at) - np.polyval(self.upper, at)).mean()) / self.width


def close(frame: Frame, eye: Eye, shut: float) -> None:
    """Edit `frame` in place; `shut` 0 is the eye as it is, 1 closed."""
    box = _box(eye, frame.width, frame.height)
    if box is None or shut <= 0:
        return
    x0, y0, x1, y1 = box
    _closed(frame.y[y0:y1, x0:x1], eye, shut, (x0, y0), 1, cv2.INTER_CUBIC)
    for plane in (frame.u, frame.v):
        _closed(plane[y0 // 2 : y1 // 2, x0 // 2 : x1 // 2], eye, shut, (x0, y0), 2, cv2.INTER_LINEAR)


def _box(eye: Eye, width: int, height: int) -> Box | None:
    half = 0.75 * eye.width
    x0, y0 = (int(v // 2 * 2) for v in eye.origin - half)
    x1, y1 = (int(-(-v // 2) * 2) for v in eye.origin + half)
    box = max(0, x0), max(0, y0), min(width, x1), min(height, y1)
    return box if box[2] - box[0] > 8 and box[3] - box[1] > 8 else None


def _closed(plane: Plane, eye: Eye, shut: float, corner: tuple[int, int], step: int, interpolation: int) -> None:
    """Edit a plane, or a part of it, whose first sample lies at `corner`, a sample being `step` pixels wide."""
    height, width = plane.shape
    first = np.array(corner) + (step - 1) / 2 - eye.origin
    px, py = np.meshgrid(first[0] + step * np.arange(width), first[1] + step * np.arange(height))
    cos, sin = eye.along
    down, alpha = _moves(px * cos + py * sin, py * cos - px * sin, eye, shut)
    columns = (np.arange(width) + sin / step * down).astype(np.float32)
    rows = (np.arange(height)[:, None] - cos / step * down).astype(np.float32)
    new = cv2.remap(plane, columns, rows, interpolation, borderMode=cv2.BORDER_REPLICATE)
    plane[:] = cv2.blendLinear(new, plane, alpha, 1 - alpha)


def _moves(x: Doubles, y: Doubles, eye: Eye, shut: float) -> tuple[Doubles, Floats]:
    """How far above each pixel the skin lies that comes there, and how much of it is seen."""
    at = (x * (2 / eye.width)).clip(-1, 1)
    upper, lower = np.polyval(eye.upper, at), np.polyval(eye.lower, at)
    way = np.maximum(0, (lower - upper) * SHUT_AT) * shut
    above, below = eye.lashes, LASHES[1] * eye.width
    top, rim = upper - above - eye.reach, upper + way
    flat = 1 - FLATTER * way / np.maximum(lower - upper, 1e-3)
    # Skin at `top` stays, above the lashes it goes all the way: s + all·q² = y with q from 0 to 1.
    all_ = way + above * (1 - flat)
    down = np.maximum(0, y - top)
    q = (-eye.reach + np.sqrt(eye.reach**2 + 4 * all_ * down)) / np.maximum(2 * all_, 1e-3)
    move = all_ * q.clip(0, 1) ** 2
    lash = (rim - y).clip(0, None)
    move = np.where(y > rim - above * flat, np.minimum(way + lash * (1 / flat - 1), all_), move)
    move = np.where(y > rim, way, move)
    alpha = ((rim + below - y) / (0.6 * below)).clip(0, 1)
    alpha *= ((y - top) / 2).clip(0, 1)
    ends = ((1.15 - np.abs(x * (2 / eye.width))) / 0.15).clip(0, 1)
    return np.asarray(move), np.asarray(alpha * ends * (way > 0), np.float32)
