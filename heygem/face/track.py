"""What an engine takes from a template."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from heygem.face.mouth.layers import Mouth
from heygem.storage.cache import Arrays

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class FaceTrack:
    """The speaking face in T frames at 25 fps, in pixels of the upright source picture.

    `size` (2,) width and height of that picture; `pose` (T, 4), see `heygem.face.pose`; `shape` (T, P, 2) the
    `landmarks.MOVED` points in face units; `depth` (P,) their median depth, towards the camera negative, face units;
    `opening` and `width` (T,) of the template's own mouth, face units; `yaw` (T,) radians; `light` (T,) luma of the
    skin; `edges` (T, 2, 3) how far into the upper and the lower lip teeth may be seen at its
    right, middle and left, face units; `found` (T,) a face was
    seen, or missing for a moment only; `drive` (T,) 0 … 1, how far a mouth may be driven: it fades to 0 where there is
    no face, where something covers the mouth and in profile; `shot` (T,) number of the shot, over which nothing is
    smoothed. `closed` and `widest` () are the openings, in face units, that 0 and 1 stand for; `talks` () whether the
    template's own mouth moves; `several_faces` (); `portrait` (P, 3) of a
    face that never moves, else (0, 3), see `heygem.face.portrait`.
    """

    size: npt.NDArray[np.int32]
    pose: Floats
    shape: Floats
    depth: Floats
    opening: Floats
    width: Floats
    yaw: Floats
    light: Floats
    edges: Floats
    found: Bools
    drive: Floats
    shot: npt.NDArray[np.int32]
    closed: Floats
    widest: Floats
    talks: Bools
    several_faces: Bools
    portrait: Floats
    mouth: Mouth

    def __len__(self) -> int:
        return len(self.pose)

    def to_arrays(self) -> Arrays:
        own = {name: value for name, value in vars(self).items() if name != "mouth"}
        return own | dict(self.mouth.to_arrays("mouth_"))

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        own = {name: array for name, array in arrays.items() if not name.startswith("mouth_")}
        return cls(**own, mouth=Mouth.from_arrays(arrays, "mouth_"))
