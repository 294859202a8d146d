"""Template → what every render of it needs: boxes, masks and latents, computed once and kept in the cache."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch

from heygem.base.errors import ErrorCode, HeygemError
from heygem.engines.musetalk.boxes import chin_margin, crop_box, face_box
from heygem.engines.musetalk.mask import SIDE as MASK_SIDE
from heygem.engines.musetalk.mask import jaw_mask
from heygem.engines.musetalk.networks import SIDE, Networks
from heygem.engines.scratch import Scratch
from heygem.face.points68 import Points68
from heygem.media.rgb import Box
from heygem.media.video import Frame, VideoReader, to_rgb
from heygem.storage.cache import Arrays
from heygem.weights.device import Room

RECIPE = "template-2"
SMALLEST = 16  # pixels: a box with a shorter side is no face to work on
LATENTS = (8, SIDE // 8, SIDE // 8)

Crop = npt.NDArray[np.uint8]  # RGB (SIDE, SIDE, 3)


@dataclass(frozen=True)
class Template:
    """T frames at 25 fps, in pixels of the upright source picture; N of them show a mouth that may be driven.

    `size` (2,) width and height; `box` (T, 4), zeros where there is nothing to drive; `drive` (T,) 0 … 1; `row` (T,)
    where a frame stands among the N, -1 if it doesn't; `latents` (N, 8, 32, 32); `mask` (N, M, M) 0..255;
    `several_faces` (); `portrait` (P, 3), see `heygem.face.portrait`.
    """

    size: npt.NDArray[np.int32]
    box: npt.NDArray[np.int32]
    drive: npt.NDArray[np.float32]
    row: npt.NDArray[np.int32]
    latents: npt.NDArray[np.floating[npt.NBitBase]]
    mask: npt.NDArray[np.uint8]
    several_faces: npt.NDArray[np.bool_]
    portrait: npt.NDArray[np.float32]

    def to_arrays(self) -> Arrays:
        return dict(vars(self))


def boxes(seen: Points68) -> npt.NDArray[np.int32]:
    """The box of every frame (T, 4), zeros where no mouth is to be driven."""
    width, height = (int(side) for side in seen.size)
    found = np.zeros((len(seen.points), 4), np.int32)
    for t in np.flatnonzero(seen.drive > 0):
        face = face_box(seen.points[t], _around(seen.points[t]))
        box = _inside(crop_box(face, height, chin_margin(face)), width)
        if min(box[2] - box[0], box[3] - box[1]) >= SMALLEST:
            found[t] = box
    return found


def crop(frame: Frame, box: Box) -> Crop:
    """What the networks see of a frame. The box lies inside it."""
    return np.asarray(cv2.resize(to_rgb(frame, box), (SIDE, SIDE), interpolation=cv2.INTER_LANCZOS4), np.uint8)


def encode(
    path: Path,
    name: str,
    seen: Points68,
    networks: Networks,
    room: Room,
    report: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> Template:
    """Go through the clip again and encode every face in it. `report` takes the share done, 0..1.

    Raises:
        HeygemError: CANCELLED, OUT_OF_MEMORY, or what reading the file raises.
    """
    box = boxes(seen)
    row = np.full(len(box), -1, np.int32)
    row[box.any(axis=1)] = np.arange(int(box.any(axis=1).sum()))
    latents, masks = Scratch(LATENTS, networks.compute.stored), Scratch((MASK_SIDE, MASK_SIDE), np.uint8)
    with VideoReader(path, name=name) as reader:
        crops = ((frame.index, crop(frame, _tuple(box[frame.index]))) for frame in reader if row[frame.index] >= 0)
        while some := list(islice(crops, room.size)):
            if cancelled():
                raise HeygemError(ErrorCode.CANCELLED)
            latents.append(_latents(networks, room, [picture for _, picture in some]))
            masks.append(np.stack([jaw_mask(seen.points[t], _tuple(box[t])) for t, _ in some]))
            report(some[-1][0] / len(box))
    return Template(
        size=seen.size,
        box=box,
        drive=np.where(row >= 0, seen.drive, 0).astype(np.float32),
        row=row,
        latents=latents.array(),
        mask=masks.array(),
        several_faces=np.array(seen.several_faces),
        portrait=seen.portrait,
    )


def _latents(networks: Networks, room: Room, crops: list[Crop]) -> npt.NDArray[np.floating[npt.NBitBase]]:
    found = room.run(networks.latents, torch.from_numpy(np.stack(crops)))
    return found.float().cpu().numpy()


def _around(points: npt.NDArray[np.float32]) -> Box:
    """The box around all points, for a face that leaves the frame."""
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return int(left), max(0, int(top)), int(right), int(bottom)


def _inside(box: Box, width: int) -> Box:
    left, top, right, bottom = box
    return max(left, 0), top, min(right, width), bottom


def _tuple(box: npt.NDArray[np.int32]) -> Box:
    left, top, right, bottom = (int(side) for side in box)
    return left, top, right, bottom
