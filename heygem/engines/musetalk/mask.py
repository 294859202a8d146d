"""Which part of the made face is taken: jaw, chin and mouth by the landmarks, instead of a face parsing network."""

import cv2
import numpy as np
import numpy.typing as npt

from heygem.media.rgb import Box

SIDE = 96  # a mask is soft, so it is kept small and stretched over the box
SOFT = 0.022  # of the box: standard deviation of the edge; upstream's is between 0.011 and 0.023
BORDER = 0.05  # of the box: left alone at its sides, and faded out at its bottom, where the made face ends
NARROW = 0.95  # of the jaw's width: the silhouette stays the frame's own
DROP = 0.07  # of the box: how far a chin may go down
JAW = slice(0, 17)  # of the 68 points


def jaw_mask(points: npt.NDArray[np.float32], box: Box) -> npt.NDArray[np.uint8]:
    """A mask (SIDE, SIDE) of 0..255 over `box`, from points (68, 2) in the same pixels.

    It covers the lower half of the face, which the network has made without seeing it, and is 0 on the box's borders.
    """
    left, top, right, bottom = box
    jaw = (points[JAW] - np.array([left, top], np.float32)) / np.array([right - left, bottom - top], np.float32)
    middle = float(jaw[:, 0].mean())
    jaw[:, 0] = middle + NARROW * (jaw[:, 0] - middle)
    lower = jaw + np.array([0, DROP], np.float32)
    outline = cv2.convexHull(np.concatenate([jaw, lower]))
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.fillConvexPoly(mask, np.round(outline * SIDE * 16).astype(np.int32), (255,), cv2.LINE_AA, 4)
    mask[: SIDE // 2] = 0
    border = round(BORDER * SIDE)
    mask[:, :border] = mask[:, -border:] = 0
    soft = cv2.GaussianBlur(mask, (0, 0), SOFT * SIDE)
    soft[:, :1] = soft[:, -1:] = 0
    soft[-border:] = soft[-border:] * np.linspace(1, 0, border)[:, None]
    return np.asarray(soft, np.uint8)
