"""Which part of a frame the networks see: from the middle of the nose down to the chin, and as far up.

Boxes are (left, top, right, bottom) in pixels, right and bottom outside. Points are the 68 of iBUG's annotation.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from heygem.media.rgb import Box

NOSE = 29  # the box's half line goes through this point
MARGIN = 10  # pixels that version 1.5 adds below the chin
EXPAND = 1.5  # side of the blend's square by the box's longer side


def face_box(points: npt.NDArray[np.floating[Any]], otherwise: Box, shift: int = 0) -> Box:
    """The box of points (68, 2), which are cut to whole pixels first.

    `otherwise` is what it is where the points make no box or leave the frame on its left; `shift` moves the half
    line down.
    """
    x, y = points.astype(np.int32).T
    half = int(y[NOSE]) + shift
    bottom = int(max(np.delete(y, NOSE).max(), half))
    left, top, right = int(x.min()), max(0, half - (bottom - half)), int(x.max())
    return (left, top, right, bottom) if bottom > top and right > left and left >= 0 else otherwise


def chin_margin(box: Box) -> int:
    """Room below the chin for a box of any size: as version 1.5 has it, and as much of a larger face."""
    return max(MARGIN, round((box[3] - box[1]) / 30))


def crop_box(box: Box, height: int, margin: int = MARGIN) -> Box:
    """The box with the room below the chin, within a frame of that height."""
    left, top, right, bottom = box
    return left, top, right, min(bottom + margin, height)


def blend_box(box: Box, expand: float = EXPAND) -> Box:
    """The square around a box in which the blend's mask is made; it may leave the frame."""
    left, top, right, bottom = box
    x, y = (left + right) // 2, (top + bottom) // 2
    reach = int(max(right - left, bottom - top) // 2 * expand)
    return x - reach, y - reach, x + reach, y + reach
