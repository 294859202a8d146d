"""How a mouth moves over time, independent of any face."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from heygem.storage.cache import Arrays

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class MouthTrack:
    """One row per output frame at 25 fps; row t is shown from t/25 s. All arrays have shape (T,).

    `opening` 0 (shut) … 1 (as wide as this template opens); `width` -1 (rounded, puckered) … +1 (spread), 0 at rest;
    `tuck` 0 … 1, lower lip under the upper teeth (F, V); `closure` frames whose lips must touch (M, B, P);
    `speaking` False in silence, where opening, width and tuck are 0.
    T is ceil(duration x 25), so that the video ends with the voice to within one frame.
    """

    opening: Floats
    width: Floats
    tuck: Floats
    closure: Bools
    speaking: Bools

    def __len__(self) -> int:
        return len(self.opening)

    def to_arrays(self) -> Arrays:
        return dict(vars(self))

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        return cls(**{name: arrays[name] for name in ("opening", "width", "tuck", "closure", "speaking")})
