"""What is seen behind and below the upper teeth: the dark, the tongue, the lower lip's wet side."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

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
    (left, right), room = upper[[0, -1], 0].tolist(), lip - edge
    sideways = (x - (left + right) / 2) / ((right - left) / 2)
    tongue = _tongue(sideways / TONGUE_REACH, y - edge, min(max(room / TONGUE_ROOM, 0.1), 1.0))
    wide = min(max(room / CREVICE[1], 0.0), 1.0)
    luma = CREVICE[0] + wide * (CAVITY - CREVICE[0] + (TONGUE - CAVITY) * tongue)
    reach = LIP_INSIDE[1] * np.maximum(1 - sideways**2, 1e-3)
    wet = (1 - (bottom - y) / reach).clip(0, 1)
    return np.asarray(np.maximum(luma, LIP_INSIDE[0] * wet * (2 - wet)))


def _tongue(across: Floats, below: Floats, near: float) -> Floats:
    """0..1, how much of the tongue is seen: a dome some way below the teeth's edges."""
    square = across**2
    begins = (TONGUE_FROM[0] + 0.03 * square) * near
    light = ((below - begins) / (TONGUE_FROM[1] * near)).clip(0, 1)
    return np.asarray(light * np.exp(-(square**2) / 2))
