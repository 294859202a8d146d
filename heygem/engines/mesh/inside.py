"""Where the layers of a template's mouth lie in each of its frames."""

from dataclasses import dataclass
from typing import Any, Self

import cv2
import numpy as np
import numpy.typing as npt

from heygem.engines.mesh.place import halved
from heygem.face.landmarks import NOSE_BASE_AT
from heygem.face.mouth.layers import Layer, Mouth
from heygem.face.mouth.patches import ABOVE, HALF_WIDTH
from heygem.face.smooth import runs, smooth
from heygem.face.track import FaceTrack

Floats = npt.NDArray[np.float32]
Places = tuple[tuple[Floats, Floats], tuple[Floats, Floats]]  # columns and rows of luma, and of chroma

STEADY = 9  # frames over which the nose's base, from which the teeth hang, is smoothed
BEHIND_NOSE = 0.09  # face units that teeth lie deeper than the nose's base: so much they lag in a head's turn


@dataclass(frozen=True)
class Sample:
    """A layer over a box of the picture: `luma` (h, w) and `alpha` 0..1, `chroma` (h/2, w/2, 2) and `alpha_half`."""

    luma: Floats
    chroma: Floats
    alpha: Floats
    alpha_half: Floats


@dataclass(frozen=True)
class Inside:
    """`origin` (T, 2) is where the patches' middle is in each frame, face units; `edge` where the middle teeth end
    below that."""

    mouth: Mouth
    origin: Floats
    edge: float

    @classmethod
    def of(cls, face: FaceTrack) -> Self:
        nose = face.shape[:, NOSE_BASE_AT].mean(axis=1).astype(np.float64)
        nose[:, 0] -= BEHIND_NOSE * np.sin(face.yaw - float(face.mouth.yaw))
        for run in runs(face.found, face.shot):
            nose[run] = smooth(nose[run], STEADY)
        alpha = face.mouth.upper.alpha
        middle = alpha[:, alpha.shape[1] // 2 - 2 : alpha.shape[1] // 2 + 2].max(axis=1) > 127
        edge = float(np.flatnonzero(middle).max(initial=0)) / float(face.mouth.scale) - ABOVE
        return cls(face.mouth, nose.astype(np.float32), edge)

    def places(self, x: npt.NDArray[np.floating[Any]], y: npt.NDArray[np.floating[Any]]) -> Places:
        """Where in the patches is what lies at x and y (h, w) from their middle, face units."""
        scale = float(self.mouth.scale)
        full = np.asarray((x + HALF_WIDTH) * scale, np.float32), np.asarray((y + ABOVE) * scale, np.float32)
        # A chroma sample lies between two luma samples: chroma c is luma 2c + 0.5.
        columns, rows = ((halved(place) - np.float32(0.5)) * np.float32(0.5) for place in full)
        return full, (columns, rows)


def sample(layer: Layer, places: Places) -> Sample:
    full, half = places
    alpha = _pulled(layer.alpha, *full).astype(np.float32) / np.float32(255)
    chroma = _pulled(layer.chroma, *half).astype(np.float32)
    return Sample(_pulled(layer.luma, *full).astype(np.float32), chroma, alpha, halved(alpha))


def _pulled(patch: npt.NDArray[Any], x: Floats, y: Floats) -> npt.NDArray[Any]:
    return np.asarray(cv2.remap(patch, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
