"""One picture of a video in memory."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Colour:
    """How the numbers in the planes mean light: libav's integer codes, copied from source to output untouched."""

    range: int = 0  # 1 limited, 2 full, 0 not said
    space: int = 2  # 1 BT.709, 5/6 BT.601, 9 BT.2020; 2 not said
    primaries: int = 2
    trc: int = 2


@dataclass(slots=True)
class Frame:
    """An upright 8-bit YUV 4:2:0 picture in one piece of memory, which encoders read as it lies.

    `planes` has shape (3H/2, W), with H and W even (I420), is writable, C-contiguous and nobody else's; `y` (H, W), `u`
    and `v` (H/2, W/2) are views of it. `index` is the frame's number in the template at 25 fps; in a looped template
    the same number comes again.
    """

    planes: Plane
    index: int
    colour: Colour = Colour()
    y: Plane = field(init=False)
    u: Plane = field(init=False)
    v: Plane = field(init=False)

    def __post_init__(self) -> None:
        height, width = self.planes.shape[0] // 3 * 2, self.planes.shape[1]
        quarters = self.planes.reshape(6, height // 2 * (width // 2))
        self.y = self.planes[:height]
        self.u, self.v = (quarters[row].reshape(height // 2, width // 2) for row in (4, 5))

    @classmethod
    def of(cls, y: Plane, u: Plane, v: Plane, index: int, colour: Colour = Colour()) -> Self:
        """A frame with copies of these planes, which may be views with gaps between their lines."""
        height, width = y.shape
        frame = cls(np.empty((height * 3 // 2, width), np.uint8), index, colour)
        frame.y[:], frame.u[:], frame.v[:] = y, u, v
        return frame

    @property
    def width(self) -> int:
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        return int(self.y.shape[0])

    def copy(self) -> "Frame":
        return Frame(self.planes.copy(), self.index, self.colour)
