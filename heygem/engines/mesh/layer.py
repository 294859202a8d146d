"""What is laid between the lips: the mouth's inside where they are open, a shade where they touch."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from heygem.engines.mesh.aim import Aim
from heygem.engines.mesh.behind import behind
from heygem.engines.mesh.inside import Inside, sample
from heygem.engines.mesh.place import blend, coordinates_in, cut, half, halved, height_at, seen_from
from heygem.face.landmarks import INNER_LOWER_AT, INNER_UPPER_AT
from heygem.face.mouth.tissue import BLACK
from heygem.media.frame import Plane
from heygem.media.rgb import Box

Floats = npt.NDArray[np.float32]


def _bends(at: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(n, 11) what a cubic spline through 11 points, its outermost two pieces each being one, is a sum of."""
    return np.concatenate([np.vander(at, 4), np.clip(at[:, None] - np.arange(2, 9), 0, None) ** 3], axis=1)


# A lip's points, and round between them. scipy.interpolate would take longer to load than all of this room.
_BENT = (_bends(np.linspace(0, 10, 41)) @ np.linalg.inv(_bends(np.arange(11.0)))).astype(np.float32)

SHADOW = (0.55, 0.04)  # light just under the upper lip, and face units until it is full
UNDER = (0.6, 0.09)  # light just under the upper teeth, and face units until it is full
NARROW = (0.6, 0.08)  # light in the narrowest gap, and face units of a gap that lets all in
SOFT = 0.011  # face units over which lips end
CORNER = 0.045  # and over which an opening fades towards its corners
SEAM = 0.5, 0.5, 0.014, 0.08  # how much, its luma of the lips', and face units of its half height and its ends
RED = (-14.0, -7.0), (22.0, 30.0)  # chroma of a mouth's inside: that of the lips within this, lest it wear lipstick


@dataclass(frozen=True)
class Layer:
    """The inside over a small box of the picture: `luma` (h, w), `chroma` (h/2, w/2, 2) and, for each, `alpha`."""

    box: Box
    luma: Plane
    chroma: Plane
    alpha: Floats
    alpha_half: Floats


def mouth_layer(
    pose: npt.NDArray[np.floating[Any]], aim: Aim, inside: Inside, row: int, light: float, box: Box
) -> Layer:
    """What frame `row` of the template shows between its lips in a light that gives skin the luma `light`."""
    mouth, lips = inside.mouth, inside.mouth.lips
    upper, lower = _BENT @ aim.target[INNER_UPPER_AT], _BENT @ aim.target[INNER_LOWER_AT]
    x, y = coordinates_in(box, pose)
    top, bottom = height_at(x, upper), height_at(x, lower)
    across, down = x - inside.origin[row, 0], y - inside.origin[row, 1]
    edge, lip = float(inside.origin[row, 1]) + inside.edge, float(lower[len(lower) // 2, 1])
    dark = behind(x, y, upper, bottom, edge, lip)
    luma, chroma = (float(lips[0]) - BLACK) * dark, _wet(lips, halved(dark)).astype(np.float32)
    follows, begins = mouth.jaw.tolist()
    jaw = follows * max(0.0, lip - float(inside.origin[row, 1]) - begins)
    under = _lit(y - edge, UNDER)
    gain = np.float32(min(max(light / max(1.0, float(mouth.light)), 0.75), 1.3))
    sunk, still = inside.places(across, down - jaw), inside.places(across, down)
    for layer, places, shade in (mouth.floor, sunk, under), (mouth.lower, sunk, under), (mouth.upper, still, 1.0):
        if layer.empty:
            continue
        seen = sample(layer, places)
        luma += seen.alpha * ((seen.luma - np.float32(BLACK)) * gain * shade - luma)
        chroma += seen.alpha_half[..., None] * (seen.chroma - chroma)
    luma *= _lit(y - top, SHADOW) * _lit(bottom - top, NARROW)
    alpha = _between(x, y, upper, top, bottom, max(SOFT, 0.8 / float(np.hypot(pose[0], pose[1]))))
    shown = np.asarray(cv2.convertScaleAbs(luma, beta=BLACK), np.uint8)
    return Layer(box, shown, (chroma + 0.5).astype(np.uint8), alpha, halved(alpha))


def seam_layer(pose: npt.NDArray[np.floating[Any]], aim: Aim, lips: Floats, box: Box) -> Layer:
    """The shade in which lips touch; it also hides the last of what was seen between them."""
    line = _BENT @ (aim.target[INNER_UPPER_AT] + aim.target[INNER_LOWER_AT]) / 2
    x, y = coordinates_in(box, pose)
    away = (y - height_at(x, line)) / SEAM[2]
    ends = (np.minimum(x - float(line[0, 0]), float(line[-1, 0]) - x) / SEAM[3]).clip(0, 1)
    alpha = (SEAM[0] * aim.sealed) * ends * np.exp(-(away**2))
    height, width = alpha.shape
    luma = np.full((height, width), BLACK + SEAM[1] * (lips[0] - BLACK) + 0.5, np.uint8)
    chroma = np.full((height // 2, width // 2, 2), lips[1:] + 0.5, np.uint8)
    return Layer(box, luma, chroma, alpha, halved(alpha))


def lay(planes: tuple[Plane, Plane, Plane], layer: Layer, within: Box) -> None:
    """Lay a layer over the planes Y, U and V of the box `within`."""
    box = seen_from(within, layer.box)
    blend(cut(planes[0], box), layer.luma, layer.alpha)
    for plane, new in zip(planes[1:], cv2.split(layer.chroma), strict=True):
        blend(cut(plane, half(box)), np.asarray(new, np.uint8), layer.alpha_half)


def _lit(room: Floats, shade: tuple[float, float]) -> Floats:
    """0..1, the light that comes through so much room; `shade` is what comes through none, and the room for all."""
    return np.asarray(shade[0] + (1 - shade[0]) * (room / shade[1]).clip(0, 1), np.float32)


def _wet(lips: Floats, dark: Floats) -> Plane:
    """Chroma (h, w, 2) of what is as red as the lips, but no lipstick, and so `dark`."""
    red = 0.45 + 0.9 * dark
    usual = [min(max(float(own) - 128, least), most) for own, (least, most) in zip(lips[1:], RED, strict=True)]
    return np.asarray(cv2.merge([cv2.convertScaleAbs(red, alpha=share, beta=128) for share in usual]), np.uint8)


def _between(x: Floats, y: Floats, upper: Floats, top: Floats, bottom: Floats, soft: float) -> Floats:
    """1 between the lips, fading over `soft` face units where they end, and towards the corners, where they meet."""
    alpha = ((y - top) / soft + 0.4).clip(0, 1) * ((bottom - y) / (1.5 * soft) + 0.5).clip(0, 1)
    alpha *= (np.minimum(x - float(upper[0, 0]), float(upper[-1, 0]) - x) / CORNER).clip(0, 1)
    return np.asarray(alpha)
