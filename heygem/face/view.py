"""Small RGB views of a frame, which is all that detection needs."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from heygem.media.frame import Frame

Rgb = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Region:
    """A region of a frame in pixels. It may reach beyond the picture, where it is grey."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    def overlap(self, other: "Region") -> float:
        """Intersection over union, 0..1."""
        shared = Region(
            max(self.x0, other.x0), max(self.y0, other.y0), min(self.x1, other.x1), min(self.y1, other.y1)
        ).area
        if self.width <= 0 or other.width <= 0 or shared == 0:
            return 0.0
        return shared / (self.area + other.area - shared)

    def holds(self, other: "Region") -> bool:
        return self.x0 <= other.x0 and self.y0 <= other.y0 and self.x1 >= other.x1 and self.y1 >= other.y1

    def square(self, factor: float) -> "Region":
        """The even-aligned square around the middle, `factor` times the longer side."""
        half = max(2, round(max(self.width, self.height) * factor / 4) * 2)
        x, y = (round((self.x0 + self.x1) / 4) * 2, round((self.y0 + self.y1) / 4) * 2)
        return Region(x - half, y - half, x + half, y + half)


def whole(frame: Frame) -> Region:
    return Region(0, 0, frame.width, frame.height)


def view(frame: Frame, box: Region, longest: int, *, enlarged: bool = False) -> tuple[Rgb, float]:
    """The box as RGB whose longer side is at most `longest` pixels, and pixels of the view per pixel of the frame.

    With `enlarged`, it has that many pixels also where the box has fewer.

    Colours are read as BT.601 limited range whatever the file says: detectors don't mind.
    """
    x0, y0, x1, y1 = (round(edge / 2) * 2 for edge in (box.x0, box.y0, box.x1, box.y1))
    scale = longest / max(x1 - x0, y1 - y0)
    scale = scale if enlarged else min(1.0, scale)
    width, height = (max(4, round((x1 - x0) * scale / 4) * 4), max(4, round((y1 - y0) * scale / 4) * 4))
    planes = [
        _resized(_cut(frame.y, x0, y0, x1, y1, 16), width, height),
        _resized(_cut(frame.u, x0 // 2, y0 // 2, x1 // 2, y1 // 2, 128), width // 2, height // 2),
        _resized(_cut(frame.v, x0 // 2, y0 // 2, x1 // 2, y1 // 2, 128), width // 2, height // 2),
    ]
    stacked = np.concatenate([plane.reshape(-1, width) for plane in planes])
    return np.asarray(cv2.cvtColor(stacked, cv2.COLOR_YUV2RGB_I420), np.uint8), width / (x1 - x0)


def _cut(plane: Rgb, x0: int, y0: int, x1: int, y1: int, fill: int) -> Rgb:
    height, width = plane.shape
    inside = plane[max(0, y0) : min(height, y1), max(0, x0) : min(width, x1)]
    margins = max(0, -y0), max(0, y1 - height), max(0, -x0), max(0, x1 - width)
    if not any(margins):
        return inside
    return np.asarray(cv2.copyMakeBorder(inside, *margins, cv2.BORDER_CONSTANT, value=[fill]), np.uint8)


def _resized(plane: Rgb, width: int, height: int) -> Rgb:
    if plane.shape == (height, width):
        return np.ascontiguousarray(plane)
    return np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
