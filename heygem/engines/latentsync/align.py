"""Where a face is brought to before the network sees it, and how.

Three points of a face, the middles of both brows and the nose, are laid on three fixed places of a crop by a
similarity. The measures and the smoothing follow bytedance/LatentSync, latentsync/utils/affine_transform.py
(Apache-2.0), except that warps are computed in single, not half precision.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

_RATIO = 2.8 / 256  # of the template's unit by the network's resolution
_TEMPLATE = np.array([[17.0, 20.0], [58.0, 20.0], [37.5, 40.0]])
_CROP = (75, 100)
_KEPT = 0.2  # of the last frame's shift
_GREY = 127.0  # beyond the picture

Points = npt.NDArray[np.floating[Any]]
Matrix = npt.NDArray[np.float32]  # (2, 3): picture to crop, pixel centres at whole numbers
Rgb = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Crop:
    """The crop of a resolution: `width` x `height`, and where the three points lie in it."""

    width: int
    height: int
    template: Points  # (3, 2)

    @classmethod
    def of(cls, resolution: int) -> "Crop":
        ratio = resolution * _RATIO
        return cls(int(_CROP[0] * ratio), int(_CROP[1] * ratio), _TEMPLATE * ratio)


@dataclass
class Aligner:
    """Follows a face from frame to frame: part of the last frame's shift stays.

    Single precision in upstream's order of operations: its crops are cut off to whole numbers, so that the last bit of
    a matrix shows.
    """

    crop: Crop
    shift: Tensor | None = None

    def matrix(self, points: Points, smooth: bool = True) -> Matrix:
        """The similarity from the three points (3, 2), in pixels, to the crop."""
        centre, spread, unit = _normal(torch.tensor(points, dtype=torch.float32))
        to_centre, to_spread, to_unit = _normal(torch.tensor(self.crop.template, dtype=torch.float32))
        scale, turn = to_spread / spread, _rotation(unit, to_unit)
        move = to_centre[:, None] - scale * (turn @ centre[:, None])
        found = torch.cat([scale * turn, move], dim=1)
        if smooth:
            own = to_unit[2] - unit[2]
            self.shift = own if self.shift is None else self.shift * _KEPT + own * (1 - _KEPT)
            found[:, 2] = found[:, 2] + self.shift
        return found.numpy()


def _normal(points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    centre = points.mean(dim=0)
    around = points - centre
    spread = around.std().clamp(min=1e-6)
    return centre, spread, around / spread


def _rotation(source: Tensor, target: Tensor) -> Tensor:
    left, _, right = torch.linalg.svd(source.T @ target)
    right = right.T
    if torch.linalg.det(right @ left.T) < 0:
        right[:, -1] = -right[:, -1]
    turn: Tensor = right @ left.T
    return turn


def crop_face(picture: Rgb, matrix: Matrix, crop: Crop, resolution: int, origin: tuple[int, int] = (0, 0)) -> Rgb:
    """The face as the network takes it (resolution, resolution, 3), of a picture (H, W, 3).

    `origin` is where the picture's first pixel lies in the one that the matrix is about.
    """
    warped = warp(_planes(picture), moved(matrix, origin), (crop.width, crop.height), _GREY)
    face = warped[0].permute(1, 2, 0).numpy().astype(np.uint8)
    return np.asarray(cv2.resize(face, (resolution, resolution), interpolation=cv2.INTER_LANCZOS4), np.uint8)


def _planes(picture: Rgb) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1))).float()[None]


def moved(matrix: Matrix, origin: tuple[int, int]) -> Matrix:
    """The matrix for a part of the picture that begins at `origin` (x, y)."""
    shifted = matrix.astype(np.float64)
    shifted[:, 2] += shifted[:, :2] @ np.array(origin, np.float64)
    return shifted.astype(np.float32)


def inverse(matrix: Matrix) -> Matrix:
    """From the crop to the picture."""
    found: Matrix = torch.linalg.inv(_square(matrix))[:2].numpy()
    return found


def warp(planes: Tensor, matrix: Matrix, size: tuple[int, int], fill: float) -> Tensor:
    """Planes (1, C, h, w) laid into `size` (width, height) by `matrix`, linearly between pixels, `fill` beyond."""
    width, height = size
    unit = _to_unit(width, height) @ (_square(matrix) @ torch.linalg.inv(_to_unit(planes.shape[3], planes.shape[2])))
    grid = functional.affine_grid(torch.linalg.inv(unit)[None, :2], [1, 1, height, width], align_corners=True)
    covered = torch.cat([planes, torch.ones_like(planes[:, :1])], dim=1)
    laid = functional.grid_sample(covered, grid, mode="bilinear", padding_mode="zeros", align_corners=True)
    return laid[:, :-1] + (1 - laid[:, -1:]) * fill


def _square(matrix: Matrix) -> Tensor:
    return torch.cat([torch.from_numpy(matrix), torch.tensor([[0.0, 0.0, 1.0]])])


def _to_unit(width: int, height: int) -> Tensor:
    """From pixels to -1..1 over a picture's outermost pixel centres."""
    sides = 2 / torch.tensor([max(width - 1, 1e-14), max(height - 1, 1e-14)])
    return torch.tensor([[sides[0], 0, -1], [0, sides[1], -1], [0, 0, 1]])
