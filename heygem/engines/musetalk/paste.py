"""A made face into its frame, on the frame's own planes; every pixel where the mask is 0 stays as it was."""

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from heygem.media.frame import Frame, Plane
from heygem.media.rgb import Box, yuv_of_rgb

Mask = npt.NDArray[np.uint8]


def colours(frame: Frame, device: torch.device) -> Tensor:
    """The matrix (3, 4) for `planes` of faces that go into frames like this one."""
    return torch.from_numpy(yuv_of_rgb(frame)).to(device)


def planes(faces: Tensor, matrix: Tensor) -> Tensor:
    """Faces (N, 3, S, S), RGB in 0..1, as the Y, U and V of a frame: (N, 3, S, S) uint8."""
    mixed = torch.einsum("oc,nchw->nohw", matrix[:, :3] * 255, faces.float())
    return (mixed + matrix[:, 3, None, None]).round().clamp(0, 255).to(torch.uint8)


def paste(frame: Frame, face: npt.NDArray[np.uint8], box: Box, mask: Mask, share: float) -> None:
    """Put `face` (3, S, S), as Y, U and V, over `box` of the frame, in place, as far as `mask` (M, M) and `share` say.

    The box lies inside the frame and has even numbers only, so that luma and chroma cover the same ground.
    """
    left, top, right, bottom = box
    for plane, made, part in ((frame.y, face[0], 1), (frame.u, face[1], 2), (frame.v, face[2], 2)):
        _blend(plane[top // part : bottom // part, left // part : right // part], made, mask, share)


def even(box: tuple[float, float, float, float], width: int, height: int) -> Box:
    """The nearest box of even numbers inside a frame of even width and height."""
    left, top, right, bottom = (2 * round(side / 2) for side in box)
    return max(left, 0), max(top, 0), min(right, width), min(bottom, height)


def _blend(old: Plane, made: npt.NDArray[np.uint8], mask: Mask, share: float) -> None:
    height, width = old.shape
    weight = cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR)
    used = np.flatnonzero(weight.any(axis=1))
    if not len(used):
        return
    rows = slice(int(used[0]), int(used[-1]) + 1)
    how = cv2.INTER_AREA if width < made.shape[1] else cv2.INTER_LINEAR
    new = cv2.resize(made, (width, height), interpolation=how)[rows]
    part = weight[rows].astype(np.float32) * np.float32(share / 255)
    old[rows] = cv2.blendLinear(new, np.ascontiguousarray(old[rows]), part, 1 - part)
