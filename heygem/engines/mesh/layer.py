"""What is laid between the lips: the mouth's inside where they are open, a shade where they touch."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline

from heygem.engines.mesh.aim import Aim
from heygem.engines.mesh.behind import behind
from heygem.engines.mesh.inside import BLACK, Inside
from heygem.engines.mesh.place import Box, face_coordinates, halved
from heygem.face.exemplars import ABOVE, HALF_WIDTH
from heygem.face.landmarks import INNER_LOWER_AT, INNER_UPPER_AT
from heygem.media.frame import Plane

Floats = npt.NDArray[np.float32]

_BENT = CubicSpline(np.arange(11), np.eye(11))(np.linspace(0, 10, 41))  # a lip's points, and round between them

SHADOW = (0.55, 0.04)  # light just under the upper lip, and face units until it is full
NARROW = (0.6, 0.08)  # light in the narrowest gap, and face units of a gap that lets all in
SOFT = 0.007  # face units over which lips end
SEAM = 0.5, 0.5, 0.014, 0.08  # how much, its luma of the lips', and face units of its half height and its ends
STRETCH = 1.45  # an exemplar's lower part, at most
RED = (-14.0, -7.0), (22.0, 30.0)  # chroma of a mouth's inside: that of the lips within this, lest it wear lipstick


@dataclass(frozen=True)
class Layer:
    """The inside over a small box of the picture: planes as floats and `alpha`, at luma and at chroma size."""

    box: Box
    y: Floats
    u: Floats
    v: Floats
    alpha: Floats
    alpha_half: Floats


def mouth_layer(
    pose: npt.NDArray[np.floating[Any]], aim: Aim, inside: Inside, lips: Floats, light: float, box: Box
) -> Layer:
    upper, lower = _BENT @ aim.target[INNER_UPPER_AT], _BENT @ aim.target[INNER_LOWER_AT]
    x, y = face_coordinates(box, pose)
    soft = max(SOFT, 0.8 / float(np.hypot(pose[0], pose[1])))
    top, bottom = np.interp(x, upper[:, 0], upper[:, 1]), np.interp(x, lower[:, 0], lower[:, 1])
    alpha = np.clip((y - top) / soft + 0.3, 0, 1) * np.clip((bottom - y) / soft + 0.3, 0, 1)
    alpha *= np.clip((x - upper[0, 0]) / soft, 0, 1) * np.clip((upper[-1, 0] - x) / soft, 0, 1)
    px, py = _patch_coordinates(x, y, aim, inside, float(lower[len(lower) // 2, 1]))
    valid = np.asarray(cv2.remap(inside.valid, px, py, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)
    shadow = SHADOW[0] + (1 - SHADOW[0]) * np.clip((y - top) / SHADOW[1], 0, 1)
    shadow *= NARROW[0] + (1 - NARROW[0]) * np.clip((bottom - top) / NARROW[1], 0, 1)
    dark = behind(x, y, upper, bottom, aim.teeth - inside.rest + inside.bottom, float(lower[len(lower) // 2, 1]))
    teeth = cv2.remap(inside.y, px, py, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    gain = float(np.clip(light / max(1.0, inside.light), 0.75, 1.3))
    luma = (lips[0] - BLACK) * dark + valid * ((teeth - BLACK) * gain - (lips[0] - BLACK) * dark)
    half = [halved(part) for part in (px, py, valid, alpha, dark)]
    half[0], half[1] = (half[0] - 0.5) / 2, (half[1] - 0.5) / 2
    chroma = []
    reds = [float(np.clip(own - 128, *usual)) for own, usual in zip(lips[1:], RED, strict=True)]
    for plane, red in zip((inside.u, inside.v), reds, strict=True):
        own = cv2.remap(plane, half[0], half[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        dim = 128 + red * (0.45 + 0.9 * half[4])
        chroma.append((dim + half[2] * (own - dim)).astype(np.float32))
    return Layer(
        box, (BLACK + luma * shadow).astype(np.float32), chroma[0], chroma[1], alpha.astype(np.float32), half[3]
    )


def seam_layer(pose: npt.NDArray[np.floating[Any]], aim: Aim, lips: Floats, box: Box) -> Layer:
    """The shade in which lips touch; it also hides the last of what was seen between them."""
    line = _BENT @ (aim.target[INNER_UPPER_AT] + aim.target[INNER_LOWER_AT]) / 2
    x, y = face_coordinates(box, pose)
    away = (y - np.interp(x, line[:, 0], line[:, 1])) / SEAM[2]
    ends = np.clip(np.minimum(x - line[0, 0], line[-1, 0] - x) / SEAM[3], 0, 1)
    alpha = (SEAM[0] * aim.sealed * ends * np.exp(-(away**2))).astype(np.float32)
    luma, u, v = (
        np.broadcast_to(np.float32(part), (1, 1)) for part in (BLACK + SEAM[1] * (lips[0] - BLACK), *lips[1:])
    )
    return Layer(box, luma, u, v, alpha, halved(alpha))


def lay(planes: tuple[Plane, Plane, Plane], layer: Layer, within: Box) -> None:
    x0, y0, x1, y1 = layer.box
    left, top = x0 - within[0], y0 - within[1]
    for plane, new, alpha, part in (
        (planes[0], layer.y, layer.alpha, 1),
        (planes[1], layer.u, layer.alpha_half, 2),
        (planes[2], layer.v, layer.alpha_half, 2),
    ):
        here = plane[top // part : (top + y1 - y0) // part, left // part : (left + x1 - x0) // part]
        here[:] = np.clip(here + alpha * (new - here) + 0.5, 0, 255)


def _patch_coordinates(
    x: npt.NDArray[np.floating[Any]], y: npt.NDArray[np.floating[Any]], aim: Aim, inside: Inside, bottom: float
) -> tuple[Floats, Floats]:
    """Where in the patch each place is. Teeth move with the skull, not with the lip that uncovers them."""
    across = x - aim.target[INNER_UPPER_AT[5], 0]
    down = y - aim.teeth + inside.rest
    if inside.deep:
        floor = bottom - aim.teeth + inside.rest
        knee = min(0.1, 0.5 * inside.bottom)
        if floor > inside.bottom:  # the exemplar is less open: draw its lower part out
            stretch = min(STRETCH, (floor - knee) / max(1e-3, inside.bottom - knee))
            down = np.where(down > knee, knee + (down - knee) / stretch, down)
    ceiling = np.interp(across, inside.upper[:, 0], inside.upper[:, 1]) + 0.012
    down = np.maximum(down, ceiling)
    return (
        ((across + HALF_WIDTH) * inside.scale).astype(np.float32),
        ((down + ABOVE) * inside.scale).astype(np.float32),
    )
