"""Where one shot ends and another begins."""

import cv2
import numpy as np
import numpy.typing as npt

from heygem.media.frame import Frame

SIZE = (24, 24)
LEAST = 14.0  # mean difference of thumbnails in grey levels, below which nothing is a cut
FACTOR = 4.0  # and how much it must exceed what moved lately


class ShotCuts:
    """Tells, frame by frame, whether the picture is a new shot."""

    def __init__(self) -> None:
        self._last: npt.NDArray[np.float32] | None = None
        self._usual = 2.0

    def step(self, frame: Frame) -> bool:
        stride = max(1, min(frame.y.shape) // 240)
        small = cv2.resize(frame.y[::stride, ::stride], SIZE, interpolation=cv2.INTER_AREA).astype(np.float32)
        last, self._last = self._last, small
        if last is None:
            return False
        change = float(np.abs(small - last - np.median(small - last)).mean())  # a flash alone is no cut
        cut = change > max(LEAST, FACTOR * self._usual)
        self._usual += 0.15 * (min(change, 3 * self._usual) - self._usual)
        return cut
