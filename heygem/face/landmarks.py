"""Which of the mesh's 478 points mean what, and which of them a track keeps.

The numbers are the public vertex numbers of mediapipe's face mesh. "Right" is the person's right, left in the picture.
Of them the room reads only the `READ` ones: first the `MOVED`, around mouth and jaw, which a track keeps, then the rest
of the `STABLE`, which tell where the head is, then what the `SIXTY_EIGHT` need besides, then the eyes, brows and
outline that a `portrait` needs. The `*_AT` arrays index into that order.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

RIGHT_EYE = (33, 133)
LEFT_EYE = (362, 263)
# What moves with the skull and not with the mouth: eye corners, nose bridge, brow centre, temples.
STABLE = (33, 133, 362, 263, 168, 6, 197, 195, 127, 356, 9, 8, 193, 417)
TEMPLES = (127, 356)

# Lips run from the right corner to the left one; the corners belong to both the upper and the lower row.
OUTER_UPPER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
OUTER_LOWER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
INNER_UPPER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
INNER_LOWER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
GAPS = ((13, 14), (82, 87), (312, 317))  # upper and lower inner lip, whose mean distance is the opening
CORNERS = (61, 291)

JAW = (132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361)
CHIN = (18, 200, 199, 175, 83, 313, 201, 421, 194, 418, 204, 424, 182, 406, 211, 431, 32, 262, 208, 428)
CHEEKS = (205, 425, 187, 411, 50, 280, 207, 427, 216, 436, 212, 432, 214, 434, 202, 422, 43, 273, 210, 430, 192, 416)
NOSE = (2, 98, 327, 4)
NOSE_BASE = (2, 98, 327)  # where the lip ends above: it hardly moves with the mouth, and turns with the teeth
CHIN_TIP = (152, 148, 377)
BELOW_LIP = (18, 83, 313, 182, 406)
UPPER_LIP_SKIN = (164, 167, 393, 165, 391, 92, 322)
BESIDE_CORNERS = (186, 410)

_LIPS = OUTER_UPPER + OUTER_LOWER + INNER_UPPER + INNER_LOWER
_SKIN = CHIN + CHEEKS + NOSE + UPPER_LIP_SKIN + BESIDE_CORNERS
MOVED: tuple[int, ...] = tuple(dict.fromkeys(_LIPS + JAW + _SKIN))
MIDDLE = (0, 17, 18, 200, 199, 175, 164, 2, 4)  # from nose to chin
LEFT_FROM = 248  # the mesh numbers its right half and its middle first
BRIDGE = (9, 8, 168, 6, 193, 417, 197)  # of the nose, up to between the brows: there every face is bare
CHEEKBONES = (50, 280)
# The mesh's vertices nearest to the 68 points of the iBUG annotation, in its order: jaw from the person's right ear
# to the left one, brows, nose, eyes, outer and inner lips.
SIXTY_EIGHT = (
    *(127, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 356),
    *(70, 63, 105, 66, 107, 336, 296, 334, 293, 300),
    *(168, 197, 5, 4, 75, 97, 2, 326, 305),
    *(33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380),
    *(61, 40, 37, 0, 267, 270, 291, 321, 314, 17, 84, 91),
    *(78, 81, 13, 311, 308, 402, 14, 178),
)
# Lids run from the left to the right of the picture; an eye's corners belong to both of them.
RIGHT_UPPER_LID = (33, 246, 161, 160, 159, 158, 157, 173, 133)
RIGHT_LOWER_LID = (33, 7, 163, 144, 145, 153, 154, 155, 133)
LEFT_UPPER_LID = (362, 398, 384, 385, 386, 387, 388, 466, 263)
LEFT_LOWER_LID = (362, 382, 381, 380, 374, 373, 390, 249, 263)
RIGHT_BROW = (46, 53, 52, 65, 55)  # lower edges
LEFT_BROW = (285, 295, 282, 283, 276)
MENTON = (152,)
EARS = (234, 454)
OUTLINE = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)
_LIDS = RIGHT_UPPER_LID + RIGHT_LOWER_LID + LEFT_UPPER_LID + LEFT_LOWER_LID
READ: tuple[int, ...] = tuple(dict.fromkeys(MOVED + STABLE + SIXTY_EIGHT + _LIDS + RIGHT_BROW + LEFT_BROW + OUTLINE))
BOXED = len(set(MOVED + STABLE))  # of those read: the face's box is drawn around the first so many

Indices = npt.NDArray[np.intp]


def at(points: tuple[int, ...]) -> Indices:
    """Where mesh points stand among those read."""
    return np.array([READ.index(point) for point in points], np.intp)


RIGHT_EYE_AT = at(RIGHT_EYE)
LEFT_EYE_AT = at(LEFT_EYE)
STABLE_AT = at(STABLE)
TEMPLES_AT = at(TEMPLES)
NOSE_BASE_AT = at(NOSE_BASE)
CHIN_AT = at(CHIN_TIP)
BRIDGE_AT = at(BRIDGE)
CHEEKBONES_AT = at(CHEEKBONES)
SKIN_AT = at(_SKIN)
SIXTY_EIGHT_AT = at(SIXTY_EIGHT)
OUTER_UPPER_AT = at(OUTER_UPPER)
OUTER_LOWER_AT = at(OUTER_LOWER)
INNER_UPPER_AT = at(INNER_UPPER)
INNER_LOWER_AT = at(INNER_LOWER)
CORNERS_AT = at(CORNERS)
GAPS_AT = np.array([at(pair) for pair in GAPS])


def opening(points: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.floating[Any]]:
    """Mean gap between the inner lips of points (..., P, 2), in their unit; below 0 where lips press."""
    upper, lower = points[..., GAPS_AT[:, 0], 1], points[..., GAPS_AT[:, 1], 1]
    return np.asarray((lower - upper).mean(axis=-1))


def width(points: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.floating[Any]]:
    """Distance of the mouth's corners of points (..., P, 2), in their unit."""
    return np.asarray(np.linalg.norm(points[..., CORNERS_AT[1], :] - points[..., CORNERS_AT[0], :], axis=-1))
