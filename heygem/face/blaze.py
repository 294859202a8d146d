"""BlazeFace, which finds faces in a small picture.

What surrounds the network is written after MediaPipe's public graphs `face_detection_short_range` and
`face_detection_full_range`: their `SsdAnchorsCalculator`, `TensorsToDetectionsCalculator` and
`NonMaxSuppressionCalculator` (weighted) with the options that stand there.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from heygem.face.networks import Network, far_faces, near_faces
from heygem.face.view import Region, Rgb

SAME = 0.3  # overlap from which two sightings are of one face
_RAW = -80.0, 80.0  # of a score: beyond them exp() has no float

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Sighting:
    """A face in pixels of the picture; `score` 0 … 1; `eyes` (2, 2): the person's right one, then the left one."""

    box: Region
    score: float
    eyes: Floats


class BlazeFace:
    def __init__(self, network: Network, anchors: Floats, confidence: float) -> None:
        """`anchors` (N, 2), of the picture's sides; `confidence` 0 … 1, below which nothing is a face."""
        self._network = network
        self._anchors = anchors
        self._confidence = confidence
        self.side = network.side

    @classmethod
    def near(cls, confidence: float) -> "BlazeFace":
        """For faces that fill a good part of the picture."""
        return cls(near_faces(), np.concatenate([_grid(16, 2), _grid(8, 6)]), confidence)

    @classmethod
    def far(cls, confidence: float) -> "BlazeFace":
        """For small faces too."""
        return cls(far_faces(), _grid(48, 1), confidence)

    def find(self, picture: Rgb) -> list[Sighting]:
        """All faces in a picture (H, W, 3), the surest first."""
        square, scale, left, top = _boxed(picture, self.side)
        values, raw = self._network(square, -1.0, 1.0)
        scores = np.asarray(1 / (1 + np.exp(-raw[0, :, 0].clip(*_RAW))), np.float32)
        sure = np.flatnonzero(scores >= self._confidence)
        sure = sure[np.argsort(-scores[sure], kind="stable")]
        near = values[0, sure].reshape(-1, 8, 2) / self.side
        near[:, [0, 2, 3, 4, 5, 6, 7]] += self._anchors[sure, None]
        corners = np.stack([near[:, 0] - near[:, 1] / 2, near[:, 0] + near[:, 1] / 2, near[:, 2], near[:, 3]], axis=1)
        return [
            _sighting((corner * self.side - (left, top)) / scale, score)
            for corner, score in _merged(corners, scores[sure])
        ]


def _boxed(picture: Rgb, side: int) -> tuple[Rgb, float, int, int]:
    """The picture whole in the middle of a black square; its scale there and where it begins."""
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    inner = (max(1, round(width * scale)), max(1, round(height * scale)))
    left, top = (side - inner[0]) // 2, (side - inner[1]) // 2
    square = np.zeros((side, side, 3), np.uint8)
    square[top : top + inner[1], left : left + inner[0]] = (
        picture if inner == (width, height) else cv2.resize(picture, inner, interpolation=cv2.INTER_AREA)
    )
    return square, scale, left, top


def _grid(cells: int, each: int) -> Floats:
    """The middles (cells² x each, 2) of a picture's cells, row by row."""
    middles = (np.arange(cells, dtype=np.float32) + np.float32(0.5)) / np.float32(cells)
    x, y = np.meshgrid(middles, middles)
    return np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), each, axis=0)


def _merged(corners: Floats, scores: Floats) -> list[tuple[Floats, float]]:
    """What overlaps is one face, whose places are the mean by score; `corners` (N, 4, 2) come surest first."""
    merged, left = [], np.arange(len(scores))
    while len(left):
        same = _overlaps(corners[left[0]], corners[left]) > SAME
        same[0] = True
        ours = left[same]
        weights = scores[ours] / scores[ours].sum()
        merged.append((np.tensordot(weights, corners[ours], 1).astype(np.float32), float(scores[ours[0]])))
        left = left[~same]
    return merged


def _overlaps(one: Floats, others: Floats) -> Floats:
    shared = np.clip(np.minimum(one[1], others[:, 1]) - np.maximum(one[0], others[:, 0]), 0, None).prod(axis=-1)
    return np.asarray(shared / ((one[1] - one[0]).prod() + (others[:, 1] - others[:, 0]).prod(axis=-1) - shared))


def _sighting(corners: Floats, score: float) -> Sighting:
    (x0, y0), (x1, y1) = corners[:2]
    return Sighting(Region(float(x0), float(y0), float(x1), float(y1)), score, corners[2:])
