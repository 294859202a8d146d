"""The face landmarker, which reads the points of one face from the square around it.

Where that square lies is as MediaPipe's public graphs `face_landmarks_detector_graph` and `face_landmark_front` say:
half as long again as the face, turned with the eyes; first around what BlazeFace sees, then around the last points.
"""

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
import numpy.typing as npt

from heygem.face.blaze import Sighting
from heygem.face.landmarks import LEFT_EYE, RIGHT_EYE
from heygem.face.networks import Network
from heygem.face.view import Rgb

PRESENT = 0.0  # how sure it must be that it looks at a face: log odds
AROUND = 1.5  # side of the square by the longer side of the face

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Square:
    """Around `middle` (2,), `side` pixels long, turned by `angle` radians (clockwise, as pictures have it)."""

    middle: Floats
    side: float
    angle: float

    @classmethod
    def around(cls, corners: Floats, eyes: Floats) -> Self:
        """A face's box (2, 2) and its eyes (2, 2), the person's right one first."""
        across = eyes[1] - eyes[0]
        return cls(
            corners.mean(axis=0), AROUND * float(np.ptp(corners, axis=0).max()), float(np.arctan2(*across[::-1]))
        )

    @classmethod
    def of_points(cls, points: Floats) -> Self:
        """Around all points (N, 3) of a face."""
        flat = points[:, :2]
        return cls.around(np.stack([flat.min(axis=0), flat.max(axis=0)]), flat[[RIGHT_EYE[0], LEFT_EYE[1]]])

    @classmethod
    def of_sighting(cls, seen: Sighting) -> Self:
        return cls.around(np.array([(seen.box.x0, seen.box.y0), (seen.box.x1, seen.box.y1)], np.float32), seen.eyes)

    def to_picture(self, pixels: int) -> Floats:
        """(2, 3): from a square of `pixels` to the picture that this one lies in."""
        cos, sin = np.cos(self.angle) * self.side / pixels, np.sin(self.angle) * self.side / pixels
        x, y = self.middle - np.array([cos - sin, sin + cos]) * pixels / 2
        return np.array([(cos, -sin, x), (sin, cos, y)], np.float32)


class Landmarker:
    def __init__(self, network: Network) -> None:
        """`network` says points, each x, y and depth in pixels of its picture, and how sure it is of a face."""
        self._network = network

    def read(self, picture: Rgb, square: Square) -> Floats | None:
        """Points (N, 3) in pixels of the picture, depth towards the camera negative; None where there is no face."""
        side = self._network.side
        back = square.to_picture(side)
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        inside = cv2.warpAffine(picture, back, (side, side), flags=how, borderMode=cv2.BORDER_REPLICATE)
        points, present, *_ = self._network(np.asarray(inside, np.uint8), 0.0, 1.0)
        if present.item() < PRESENT:
            return None
        points = points.reshape(-1, 3)
        points[:, :2] = points[:, :2] @ back[:, :2].T + back[:, 2]
        points[:, 2] *= np.float32(square.side / side)
        return points
