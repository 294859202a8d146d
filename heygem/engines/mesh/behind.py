"""What is seen behind and below the upper teeth: the dark, the tongue, the lower lip's wet side."""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]

CAVITY, TONGUE = 0.20, 0.58  # luma, of the lips'
TONGUE_FROM = (0.03, 0.08)  # face units below the teeth where the tongue begins to be seen, and until it is full
TONGUE_ROOM = 0.14  # face units below the teeth with which these hold; a tongue in less room lies nearer
TONGUE_REACH = 0.62  # of half the mouth's width: the tongue is darker to the sides
CREVICE = (0.5, 0.08)  # luma of a narrow gap below the teeth, and face units at which it is as dark as the cavity
LIP_INSIDE = (0.6, 0.05)  # luma of the lower lip's wet side, and how far up it reaches, face units


def behind(x: Floats, y: Floats, upper: Floats, bottom: Floats, edge: float, lip: float) -> Floats:
    """Luma (h, w), of the lips'. `x` and `y` (h, w) in face units, as all else; `upper` (N, 2) the inner upper lip,
    `bottom` (h, w) the lower lip's line above or below each place; `edge` y of the upper teeth's edges, `lip` of the
    lower lip's middle."""
    middle, half = upper[[0, -1], 0].mean(), np.ptp(upper[[0, -1], 0]) / 2
    sideways, room = (x - middle) / half, lip - edge
    tongue = _tongue(sideways / TONGUE_REACH, y - edge, float(np.clip(room / TONGUE_ROOM, 0.1, 1)))
    luma = CREVICE[0] + np.clip(room / CREVICE[1], 0, 1) * (CAVITY + (TONGUE - CAVITY) * tongue - CREVICE[0])
    reach = LIP_INSIDE[1] * np.maximum(1 - sideways**2, 1e-3)
    wet = np.clip(1 - (bottom - y) / reach, 0, 1)
    return np.asarray(np.maximum(luma, LIP_INSIDE[0] * wet * (2 - wet)))


def _tongue(across: Floats, below: Floats, near: float) -> Floats:
    """0..1, how much of the tongue is seen: a dome some way below the teeth's edges."""
    square = across**2
    begins = (TONGUE_FROM[0] + 0.03 * square) * near
    light = np.clip((below - begins) / (TONGUE_FROM[1] * near), 0, 1)
    return np.asarray(light * np.exp(-(square**2) / 2))
