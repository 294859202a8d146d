"""The mask that MuseTalk's makers take from a face parsing network, from the classes that such a network finds.

Rendering makes its mask from landmarks (`heygem.engines.musetalk.mask`); the blend is checked with this one.
"""

from functools import cache
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.uint8]
Mode = Literal["raw", "neck", "jaw"]

SIDE = 512
_SKIN, _NOSE, _MOUTH, _NECK = 1, 10, (11, 12, 13), 14
_TIP, _CONE, _TAIL = 10, 21, 12  # rows of the kernel: empty, widening until, then as wide


def parsing_mask(classes: Mask, mode: Mode = "jaw", cheeks: int = 90) -> Mask:
    """Mask (512, 512), 0 or 255, of a class map (512, 512).

    `cheeks`: half the width, in pixels, of the middle in which the mode "jaw" leaves the cheeks alone.
    """
    if mode == "jaw":
        face = _jaw(np.where(classes == _SKIN, 255, 0).astype(np.uint8), cheeks)
        chosen = ((face == 255) & (classes != _NOSE)) | np.isin(classes, _MOUTH)
    else:
        chosen = np.isin(classes, (_SKIN, *_MOUTH, *((_NECK,) if mode == "neck" else ())))
    return np.where(chosen, 255, 0).astype(np.uint8)


def _jaw(skin: Mask, cheeks: int) -> Mask:
    """Skin that reaches further down, for a chin that drops, and less far into the cheeks."""
    lower = cv2.dilate(skin, _downwards())
    narrow = cv2.erode(lower, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (35, 3)), iterations=2)
    column = np.arange(SIDE)
    outside = (column <= SIDE // 2 - cheeks) | (column >= SIDE // 2 + cheeks)
    return np.where(outside, narrow, lower).astype(np.uint8)


@cache
def _downwards() -> Mask:
    side = _CONE + _TAIL
    kernel = np.zeros((side, side), np.uint8)
    for row in range(_TIP, side):
        reach = min(row, _CONE - 1) - _TIP
        kernel[row, side // 2 - reach : side // 2 + reach + 1] = 1
    return kernel
