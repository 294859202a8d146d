"""One picture of a video in memory."""

from dataclasses import dataclass

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
    """An upright 8-bit YUV 4:2:0 picture. The planes are writable, C-contiguous and nobody else's.

    `y` has shape (H, W), `u` and `v` (H/2, W/2), with H and W even. `index` is the frame's number in the template
    at 25 fps; in a looped template the same number comes again.
    """

    y: Plane
    u: Plane
    v: Plane
    index: int
    colour: Colour = Colour()

    @property
    def width(self) -> int:
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        return int(self.y.shape[0])

    def copy(self) -> "Frame":
        return Frame(self.y.copy(), self.u.copy(), self.v.copy(), self.index, self.colour)
