"""Light and shade that lips make when they are pushed forward."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from heygem.engines.mesh.aim import Aim
from heygem.engines.mesh.place import around, coordinates_in, cut, seen_from
from heygem.face.landmarks import CORNERS_AT, INNER_LOWER_AT, OUTER_LOWER_AT, OUTER_UPPER_AT
from heygem.face.mouth.tissue import BLACK
from heygem.face.pose import to_pixels
from heygem.media.frame import Plane
from heygem.media.rgb import Box

# Of the light, at full rounding: gained on the lower lip's crest, lost below that lip and beside the corners.
CREST, BELOW, BESIDE = 0.08, -0.14, -0.11
CREST_SIZE, BELOW_SIZE, BESIDE_SIZE = (0.45, 0.022), (0.75, 0.036), (0.05, 0.07)  # half widths and heights
REACH = 0.16  # face units around the lips


def purse(luma: Plane, pose: npt.NDArray[np.floating[Any]], aim: Aim, within: Box) -> None:
    """Shade `luma`, the plane over the box `within`, in place. Sizes are in face units, widths of what lies under the
    lip in halves of the mouth."""
    lips = aim.target[np.r_[OUTER_UPPER_AT, OUTER_LOWER_AT]]
    corners = lips.min(axis=0) - REACH, lips.max(axis=0) + REACH
    frame = np.array([(x[0], y[1]) for x in corners for y in corners])
    box = around(to_pixels(frame, pose), within)
    if box is None:
        return
    x, y = coordinates_in(box, pose)
    right, left = aim.target[CORNERS_AT].tolist()
    edge, inner = aim.target[[OUTER_LOWER_AT[5], INNER_LOWER_AT[5]]].tolist()
    crest = (edge[0] + inner[0]) / 2, (edge[1] + inner[1]) / 2
    half = (left[0] - right[0]) / 2
    gain = CREST * _spot(x, y, crest, (CREST_SIZE[0] * half, CREST_SIZE[1]))
    gain += BELOW * _spot(x, y, (edge[0], edge[1] + BELOW_SIZE[1]), (BELOW_SIZE[0] * half, BELOW_SIZE[1]))
    for corner, outwards in (right, -1), (left, 1):
        gain += BESIDE * _spot(x, y, (corner[0] + outwards * BESIDE_SIZE[0], corner[1]), BESIDE_SIZE)
    here = cut(luma, seen_from(within, box))
    lit = (here - np.float32(BLACK)) * (1 + aim.pursed * gain)
    here[:] = cv2.convertScaleAbs(np.maximum(lit, -BLACK), beta=BLACK)


def _spot(
    x: npt.NDArray[np.floating[Any]],
    y: npt.NDArray[np.floating[Any]],
    middle: tuple[float, float],
    size: tuple[float, float],
) -> npt.NDArray[np.floating[Any]]:
    across, down = (x - middle[0]) / size[0], (y - middle[1]) / size[1]
    return np.asarray(np.exp(-(across * across + down * down)))
