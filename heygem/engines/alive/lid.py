"""An eye of a picture that shuts: the lid's own skin comes down over it, lashes first."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from heygem.media.frame import Frame, Plane
from heygem.media.rgb import Box

Bools = npt.NDArray[np.bool_]
Doubles = npt.NDArray[np.floating[Any]]
Floats = npt.NDArray[np.float32]

# In widths of the eye, corner to corner.
REACH = 0.42  # of skin above the lashes that comes down, less towards its end
LEAST = 0.08  # of it, or else there is no lid to be drawn out
BROW_SHARE = 0.64, 0.28  # of the way to the brow that skin and lashes, and lashes alone, may be at most
LASHES = 0.13, 0.045  # above and below the contour: what travels as one piece
UNDER = 0.14, 0.2, 0.26, 0.32  # below the lower lid, where there is skin again
# How much a shut lid looks like that skin at its top, and where it lies over the eye: in luma, and in chroma.
LIKE_UNDER = (0.3, 0.75), (0.6, 1.0)
FLATTER = 0.65  # lashes of a shut eye point down, and are seen shorter by so much
SHUT_AT = 1.1  # of the way from the upper to the lower lid, where they meet
OPEN_ENOUGH = 0.13  # height by width: below this an eye is shut, or laughs
EDGE = 2  # pixels of a picture that stay as they are
BESIDE = 1.3  # half widths from the middle, as far as skin is looked at
SPOTS, SMOOTH = 53, 4.0  # places along an eye where skin is looked at, and the sigma over which it changes
STRANGE = 14.0, 5.0  # grey levels of luma and of chroma that a lid's texture may differ from what skin looks like
# What would become a lid differs in itself, and from skin below the eye, by so much at most. Beyond that are rims of
# glasses, brows, strands of hair.
BARE, ALIKE = 28.0, 95.0


@dataclass(frozen=True)
class Eye:
    """One eye in pixels: `origin` between its corners, `along` the unit vector from the left to the right corner,
    `width` between them; `upper` and `lower` the lids' heights below the line of the corners, as polynomials of the
    place along it in half widths; `reach` how much skin above the `lashes` may move."""

    origin: Doubles
    along: Doubles
    width: float
    upper: Doubles
    lower: Doubles
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

    def lids(self, at: Doubles) -> tuple[Doubles, Doubles]:
        """Heights of the upper and the lower one at places along the eye, in half widths."""
        at = at.clip(-1, 1)
        return np.polyval(self.upper, at), np.polyval(self.lower, at)

    def pixels(self, at: Doubles, height: Doubles) -> tuple[Doubles, Doubles]:
        x, (cos, sin) = at * (self.width / 2), self.along
        return self.origin[0] + x * cos - height * sin, self.origin[1] + x * sin + height * cos


def close(frame: Frame, eye: Eye, shut: float) -> None:
    """Edit `frame` in place; `shut` 0 is the eye as it is, 1 closed."""
    box = _box(eye, frame.width, frame.height)
    if box is None or shut <= 0:
        return
    x0, y0, x1, y1 = box
    _close(frame.y[y0:y1, x0:x1], _Part(eye, (x0, y0), 1), shut)
    for plane in (frame.u, frame.v):
        _close(plane[y0 // 2 : y1 // 2, x0 // 2 : x1 // 2], _Part(eye, (x0, y0), 2), shut)


def can_blink(frame: Frame, eye: Eye) -> bool:
    """Whether it is open, and under bare skin."""
    if eye.openness < OPEN_ENOUGH or eye.reach < LEAST * eye.width:
        return False
    part, at = _Part(eye, (0, 0), 1), np.linspace(-0.7, 0.7, 29)
    lid, under = _above(frame.y, part, at), _under(frame.y, part, at)
    bare = float(np.abs(lid - np.median(lid, axis=0)).mean()) < BARE
    return bare and abs(float(np.median(lid) - np.median(under))) < ALIKE


@dataclass(frozen=True)
class _Part:
    """A part of a plane around an eye: where its first sample lies, and how many pixels wide each is."""

    eye: Eye
    corner: tuple[int, int]
    step: int

    def samples(self, x: Doubles, y: Doubles) -> tuple[Doubles, Doubles]:
        """Pixels of the picture as samples of the part."""
        off = (self.step - 1) / 2
        return (x - self.corner[0] - off) / self.step, (y - self.corner[1] - off) / self.step

    def places(self, shape: tuple[int, ...]) -> tuple[Doubles, Doubles]:
        """Of every sample: along the eye in half widths, and height in pixels."""
        first = np.array(self.corner) + (self.step - 1) / 2 - self.eye.origin
        x, y = np.meshgrid(*(start + self.step * np.arange(n) for start, n in zip(first, shape[::-1], strict=True)))
        cos, sin = self.eye.along
        return (x * cos + y * sin) * (2 / self.eye.width), y * cos - x * sin


def _box(eye: Eye, width: int, height: int) -> Box | None:
    half = 0.75 * eye.width
    x0, y0 = (int(v // 2 * 2) for v in eye.origin - half)
    x1, y1 = (int(-(-v // 2) * 2) for v in eye.origin + half)
    box = max(EDGE, x0), max(EDGE, y0), min(width - EDGE, x1), min(height - EDGE, y1)
    return box if box[2] - box[0] > 8 and box[3] - box[1] > 8 else None


def _close(plane: Plane, part: _Part, shut: float) -> None:
    at, height = part.places(plane.shape)
    lid = _lid(at, height, part.eye, shut)
    new = _look(plane, *part.samples(*part.eye.pixels(at, height - lid.down)))
    # A lid that is drawn out draws out lashes, creases and brows as well: they are kept near what skin looks like.
    skin = _skin(plane, part, at, height)
    most = STRANGE[part.step - 1]
    new += lid.skin * (skin + most * np.tanh((new - skin) / most) - new)
    # Before the eye, lashes only darken: the white between them stays behind.
    new = np.where(lid.before, np.minimum(new, plane) if part.step == 1 else plane, new)
    plane[:] = np.clip(plane + lid.seen * (new - plane) + 0.5, 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class _Lid:
    """Per sample: `down` how far above it lies what comes there, in pixels; `seen` 0 … 1 how much of that; `skin`
    0 … 1 how much it is skin and not lashes; `before` where it is lashes before the eye."""

    down: Doubles
    seen: Doubles
    skin: Doubles
    before: Bools


def _lid(at: Doubles, height: Doubles, eye: Eye, shut: float) -> _Lid:
    upper, lower = eye.lids(at)
    way = np.maximum(0, (lower - upper) * SHUT_AT) * shut
    top, rim = upper - eye.lashes - eye.reach, upper + way
    flat = 1 - FLATTER * way / np.maximum(lower - upper, 1e-3)
    # Skin at `top` stays, above the lashes it goes all the way: s + way·q² = height with q from 0 to 1.
    whole = way + eye.lashes * (1 - flat)
    q = (-eye.reach + np.sqrt(eye.reach**2 + 4 * whole * np.maximum(0, height - top))) / np.maximum(2 * whole, 1e-3)
    lashes = rim - height < eye.lashes * flat
    down = np.where(lashes, np.minimum(way + np.maximum(0, rim - height) * (1 / flat - 1), whole), whole * q**2)
    seen = ((rim - height) / (0.6 * LASHES[1] * eye.width) + 1 / 0.6).clip(0, 1)
    seen *= ((height - top) / 2).clip(0, 1) * ((1.15 - np.abs(at)) / 0.15).clip(0, 1) * (way > 0)
    skin = ((rim - height) / np.maximum(eye.lashes * flat, 1e-3) - 0.5).clip(0, 1) * shut
    skin *= ((height - top) / max(1.0, eye.reach)).clip(0, 1) * ((1.1 - np.abs(at)) / 0.4).clip(0, 1)
    return _Lid(np.where(height > rim, way, down), seen, skin, height > rim)


def _skin(plane: Plane, part: _Part, at: Doubles, height: Doubles) -> Doubles:
    """What a lid's skin looks like there: as it does above the lashes, and more and more as it does below the eye."""
    eye, spots = part.eye, np.linspace(-BESIDE, BESIDE, SPOTS)
    looks = (np.median(lines, axis=0) for lines in (_above(plane, part, spots), _under(plane, part, spots)))
    lid, under = (np.interp(at, spots, gaussian_filter1d(look, SMOOTH, mode="nearest")) for look in looks)
    upper, lower = eye.lids(at)
    down = ((height - upper + eye.lashes) / np.maximum(lower - upper + eye.lashes, 1e-3)).clip(0, 1)
    least, most = LIKE_UNDER[part.step - 1]
    return np.asarray(lid + (least + (most - least) * down) * (under - lid))


def _above(plane: Plane, part: _Part, at: Doubles) -> Doubles:
    """(lines, places) of what may come down over the eye."""
    eye, share = part.eye, np.linspace(0.08, 0.72, 9)[:, None]
    return _rows(plane, part, at, eye.lids(at)[0] - eye.lashes - share * eye.reach)


def _under(plane: Plane, part: _Part, at: Doubles) -> Doubles:
    """(lines, places) of skin below the eye."""
    return _rows(plane, part, at, part.eye.lids(at)[1] + np.array(UNDER)[:, None] * part.eye.width)


def _rows(plane: Plane, part: _Part, at: Doubles, height: Doubles) -> Doubles:
    return _look(plane, *part.samples(*part.eye.pixels(np.broadcast_to(at, height.shape), height)))


def _look(plane: Plane, x: Doubles, y: Doubles) -> Doubles:
    places = x.astype(np.float32), y.astype(np.float32)
    return cv2.remap(plane, *places, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE).astype(np.float64)
