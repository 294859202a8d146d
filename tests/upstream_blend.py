"""How MuseTalk's makers put a face back: in RGB, through the mask of a whole square around it.

Rendering goes another way to the same sum (`heygem.engines.musetalk.paste`): on the frame's own planes, and only where
the mask is. These functions are what the two are checked against.
"""

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from heygem.engines.musetalk.boxes import blend_box
from heygem.media.rgb import Box

Picture = npt.NDArray[np.uint8]  # (H, W, 3)

KEEP = 0.5  # of the square, from above, that always stays
OFFLINE_BLUR, REALTIME_BLUR = 0.05, 0.1  # of the square's side


def square_mask(mask: npt.NDArray[np.uint8], box: Box, blur: float) -> npt.NDArray[np.uint8]:
    """The soft mask (side, side) of the square around a box, from one of any size for that square."""
    left, top, right, bottom = box
    x, y, x_end, y_end = blend_box(box)
    side = x_end - x, y_end - y
    whole = np.asarray(Image.fromarray(mask).resize(side))
    kept = np.zeros_like(whole)
    first = max(top - y, int(side[1] * KEEP))
    inside = (slice(first, bottom - y), slice(left - x, right - x))
    kept[inside] = whole[inside]
    kernel = int(blur * side[0] // 2 * 2) + 1
    return np.asarray(cv2.GaussianBlur(kept, (kernel, kernel), 0), np.uint8)


def blended(frame: Picture, face: Picture, box: Box, mask: npt.NDArray[np.uint8]) -> Picture:
    """The frame with the face, as large as its box, behind the mask of the square. The square may leave the frame."""
    x, y, x_end, y_end = blend_box(box)
    body = Image.fromarray(frame)
    square = body.crop((x, y, x_end, y_end))
    square.paste(Image.fromarray(face), (box[0] - x, box[1] - y))
    body.paste(square, (x, y), Image.fromarray(mask))
    return np.asarray(body)
