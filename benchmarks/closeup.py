"""A mouth as seen from its own skull: upright, in the middle, as many pixels to a face unit as asked for."""

from dataclasses import dataclass
from typing import Any, Self

import cv2
import numpy as np
import numpy.typing as npt

from heygem.face.landmarks import INNER_LOWER_AT, INNER_UPPER_AT
from heygem.face.pose import inverse, matrix, to_pixels
from heygem.face.track import FaceTrack
from heygem.media.frame import Plane

Floats = npt.NDArray[np.floating[Any]]

HALF_WIDTH, ABOVE, BELOW = 0.55, 0.3, 0.6  # face units seen beside, above and below the middle of the resting mouth


@dataclass(frozen=True)
class Closeup:
    """What of a picture is shown: `middle` (2,) of the resting mouth in face units, and `scale`, pixels per unit."""

    middle: Floats
    scale: float

    @classmethod
    def of(cls, face: FaceTrack, scale: float) -> Self:
        lips = face.shape[face.found][:, np.r_[INNER_UPPER_AT, INNER_LOWER_AT]]
        return cls(np.median(lips, axis=(0, 1)), scale)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return round(2 * HALF_WIDTH * self.scale), round((ABOVE + BELOW) * self.scale)

    def view(self, plane: Plane, pose: Floats, *, half: bool = False) -> npt.NDArray[np.float32]:
        """The mouth in a plane of luma or, with `half`, of chroma; grey levels."""
        a, b, tx, ty = (float(part) for part in pose)
        if half:
            a, b, tx, ty = a / 2, b / 2, (tx - 0.5) / 2, (ty - 0.5) / 2
        shrunk = float(np.hypot(a, b)) / self.scale
        seen = cv2.GaussianBlur(plane, (0, 0), 0.5 * np.sqrt(shrunk**2 - 1)) if shrunk > 1.25 else plane
        back = matrix(np.array([a, b, tx, ty])) @ np.vstack([self._placed(), [0, 0, 1]])
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        return np.asarray(
            cv2.warpAffine(seen.astype(np.float32), back, self.size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        )

    def places(self) -> tuple[Floats, Floats]:
        """x and y of every pixel, face units, to be broadcast."""
        width, height = self.size
        corner = self._placed()[:, 2]
        return np.arange(width) / self.scale + corner[0], (np.arange(height) / self.scale + corner[1])[:, None]

    def between_lips(self, shape: Floats, seen_by: Floats, pose: Floats) -> npt.NDArray[np.bool_]:
        """Where the picture shows the inside of a mouth whose points (P, 2) are in the face units of pose `seen_by`."""
        ring = np.concatenate([shape[INNER_UPPER_AT], shape[INNER_LOWER_AT][::-1]])
        ring = to_pixels(to_pixels(ring, seen_by), inverse(pose))
        corner = self._placed()[:, 2]
        inside = np.zeros(self.size[::-1], np.uint8)
        cv2.fillPoly(inside, [np.round((ring - corner) * self.scale * 16).astype(np.int32)], 1, shift=4)
        return inside > 0

    def _placed(self) -> Floats:
        """The 2x3 matrix from pixels of the closeup to face units."""
        step = 1 / self.scale
        return np.array([[step, 0, self.middle[0] - HALF_WIDTH], [0, step, self.middle[1] - ABOVE]])
