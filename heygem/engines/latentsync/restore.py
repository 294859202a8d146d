"""A generated face back into the picture it was cropped from.

The measures follow bytedance/LatentSync, latentsync/utils/affine_transform.py and pipelines/lipsync_pipeline.py
(Apache-2.0); what lies outside the soft mask keeps its very numbers.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from heygem.engines.latentsync.align import Crop, Matrix, Rgb, inverse, moved, warp
from heygem.media.rgb import Box

_FIRST_EROSION = np.ones((2, 2), np.uint8)
_EDGE = 20  # the seam is this part of the face's side wide
_MARGIN = 2  # pixels around the warped crop
_BEYOND = 127.0  # upstream's grey, though faces are -1..1 here: it counts under the last thousandths of the mask

Soft = npt.NDArray[np.float32]  # (H, W), 1 where only the new face shows


def keep_surroundings(made: Tensor, pictures: Tensor, mask: Tensor) -> Tensor:
    """Made faces (N, 3, R, R) where the mask (R, R) is 0, the pictures they were made for where it is 1; -1..1."""
    changed = 1 - mask
    return made * changed + pictures * (1 - changed)


def to_pixels(faces: Tensor) -> npt.NDArray[np.uint8]:
    """Faces (N, 3, R, R), -1..1, as RGB (N, R, R, 3); cut off, not rounded, as upstream does."""
    return (faces / 2 + 0.5).clamp(0, 1).mul(255).to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()


def reach(matrix: Matrix, crop: Crop, width: int, height: int) -> Box:
    """The part of a picture that the crop covers; maybe empty. In pairs of pixels, for colours come in pairs."""
    corners = np.array([[0, 0, 1], [crop.width, 0, 1], [0, crop.height, 1], [crop.width, crop.height, 1]])
    places = corners @ inverse(matrix).astype(np.float64).T
    low, high = np.floor(places.min(axis=0)) - _MARGIN, np.ceil(places.max(axis=0)) + _MARGIN + 1
    left, right = np.clip([low[0], high[0] + 1], 0, width).astype(int) & ~1
    top, bottom = np.clip([low[1], high[1] + 1], 0, height).astype(int) & ~1
    return int(left), int(top), int(right), int(bottom)


@dataclass(frozen=True)
class Laid:
    """A face laid over a picture: `rgb` (H, W, 3), 0..255, and `soft` (H, W), from 0, nothing of it, to 1, only it."""

    rgb: npt.NDArray[np.float32]
    soft: Soft

    def over(self, picture: Rgb) -> Rgb:
        """The picture (H, W, 3) with the face in it; cut off, not rounded, as upstream does."""
        soft = self.soft[..., None]
        return (soft * self.rgb + (1 - soft) * picture.astype(np.float32)).astype(np.uint8)


def lay(face: Tensor, matrix: Matrix, crop: Crop, box: Box) -> Laid:
    """A face (3, R, R), -1..1, where it belongs in the part `box` of the picture that the matrix is about."""
    size = box[2] - box[0], box[3] - box[1]
    back = inverse(moved(matrix, box[:2]))
    sized = functional.interpolate(
        face[None].float(), (crop.height, crop.width), mode="bicubic", antialias=True, align_corners=False
    )
    new = (warp(sized, back, size, _BEYOND)[0] / 2 + 0.5).clamp(0, 1) * 255
    whole, soft = soft_mask(back, crop, size)
    return Laid(new.permute(1, 2, 0).numpy() * whole[..., None], soft)


def soft_mask(back: Matrix, crop: Crop, size: tuple[int, int]) -> tuple[Soft, Soft]:
    """Where the crop lies in a picture of `size` (width, height), and the same with a soft edge inside it."""
    covered = warp(torch.ones(1, 1, crop.height, crop.width), back, size, 0.0)[0, 0].numpy()
    whole = cv2.erode(covered, _FIRST_EROSION)
    edge = int(float(torch.from_numpy(whole).sum()) ** 0.5) // _EDGE
    core = cv2.erode(whole, np.ones((edge * 2, edge * 2), np.uint8))
    blur = edge * 2 + 1
    sigma = 0.3 * ((blur - 1) * 0.5 - 1) + 0.8
    soft = cv2.GaussianBlur(core, (blur, blur), sigma, borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(whole, np.float32), np.asarray(soft, np.float32)
