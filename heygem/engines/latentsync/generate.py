"""The frames' step: clips of sixteen frames go through the network while others are cropped and pasted.

At most three clips are in memory, whatever the length.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from torch import Tensor

from heygem.engines.latentsync.align import Rgb, crop_face
from heygem.engines.latentsync.audio import windows
from heygem.engines.latentsync.denoise import Sampler, first_noise
from heygem.engines.latentsync.models import SHRINK, Models
from heygem.engines.latentsync.restore import Laid, lay, reach
from heygem.engines.latentsync.speak import Rooms, speak
from heygem.media.frame import Frame
from heygem.media.rgb import Box, to_rgb, yuv_of_rgb
from heygem.storage.cache import Arrays

_HELPERS = 4  # threads that crop and paste
_NOWHERE = (0, 0, 0, 0)


@dataclass(frozen=True)
class Faces:
    """Of each template frame (T, …), in the output's size: `matrix` to the crop and `drive`, 0 keeps the original."""

    matrix: npt.NDArray[np.float32]
    drive: npt.NDArray[np.float32]
    found: npt.NDArray[np.bool_]

    def row(self, frame: Frame) -> int:
        return min(frame.index, len(self.drive) - 1)


@dataclass
class _Clip:
    """Frames in a row that are all driven or all not; `first` is the number of the first in the output."""

    first: int
    driven: bool
    frames: list[Frame] = field(default_factory=list)
    crops: "list[Future[Rgb]]" = field(default_factory=list)
    pastes: "list[Future[None]]" = field(default_factory=list)


class LatentSyncGenerator:
    """A render's last step."""

    def __init__(
        self,
        models: Models,
        heard: npt.NDArray[np.floating[Any]],
        faces: Faces,
        frames: int,
        sampler: Sampler,
        several_faces: bool,
        check: Callable[[], None],
    ) -> None:
        """`heard` (n, 5, 384) features of the voice; `check` raises when the render is to end."""
        self.frames = frames
        self.several_faces = several_faces
        self._models, self._heard, self._faces = models, heard, faces
        self._sampler, self._check = sampler, check
        self._noise = first_noise(models.resolution // SHRINK)
        self._rooms = Rooms.of(models.data.num_frames)
        self._boxes: list[Box] = []
        self._found: list[bool] = []

    def generate(self, frames: Iterator[Frame]) -> Iterator[tuple[Frame, bool]]:
        with ThreadPoolExecutor(min(_HELPERS, os.cpu_count() or 1)) as pool:
            cropping: _Clip | None = None
            pasting: _Clip | None = None
            for clip in chain(self._clips(frames), (None, None)):
                if clip:
                    self._crop(clip, pool)
                made = self._make(cropping, pool) if cropping else None
                if pasting:
                    yield from self._finished(pasting)
                cropping, pasting = clip, made

    def trace(self) -> Arrays:
        """Per output frame (T,): `face_found`, and `mask_box` (T, 4) x0, y0, x1, y1, all 0 where nothing was changed.

        What the mouth aims at is known to nobody before it is seen.
        """
        return {"face_found": np.array(self._found, bool), "mask_box": np.array(self._boxes, np.int32).reshape(-1, 4)}

    def _clips(self, frames: Iterator[Frame]) -> Iterator[_Clip]:
        """A missing face ends a clip: what comes after it is not the next moment."""
        clip: _Clip | None = None
        for number, frame in enumerate(frames):
            row = self._faces.row(frame)
            driven = bool(self._faces.drive[row] > 0)
            box = self._box(frame, row) if driven else _NOWHERE
            driven = driven and box[0] < box[2] and box[1] < box[3]
            self._found.append(bool(self._faces.found[row]))
            self._boxes.append(box if driven else _NOWHERE)
            if clip and (clip.driven != driven or len(clip.frames) == self._models.data.num_frames):
                yield clip
                clip = None
            clip = clip or _Clip(number, driven)
            clip.frames.append(frame)
        if clip:
            yield clip

    def _box(self, frame: Frame, row: int) -> Box:
        return reach(self._faces.matrix[row], self._models.crop, frame.width, frame.height)

    def _crop(self, clip: _Clip, pool: ThreadPoolExecutor) -> None:
        if clip.driven:
            clip.crops = [
                pool.submit(self._cropped, frame, self._boxes[clip.first + offset])
                for offset, frame in enumerate(clip.frames)
            ]

    def _cropped(self, frame: Frame, box: Box) -> Rgb:
        matrix = self._faces.matrix[self._faces.row(frame)]
        return crop_face(to_rgb(frame, box), matrix, self._models.crop, self._models.resolution, box[:2])

    def _make(self, clip: _Clip, pool: ThreadPoolExecutor) -> _Clip:
        if clip.driven:
            faces = self._speak([crop.result() for crop in clip.crops], clip.first)
            clip.crops = []
            clip.pastes = [
                pool.submit(self._pasted, frame, face, self._boxes[clip.first + offset])
                for offset, (frame, face) in enumerate(zip(clip.frames, faces, strict=True))
            ]
        return clip

    def _speak(self, crops: list[Rgb], first: int) -> Tensor:
        sound = windows(self._heard, np.arange(first, first + len(crops)), self._models.data.audio_feat_length)
        return speak(self._models, np.stack(crops), sound, self._noise, self._sampler, self._rooms, self._check)

    def _pasted(self, frame: Frame, face: Tensor, box: Box) -> None:
        row = self._faces.row(frame)
        laid = lay(face, self._faces.matrix[row], self._models.crop, box)
        blend(frame, laid, box, float(self._faces.drive[row]))

    def _finished(self, clip: _Clip) -> Iterator[tuple[Frame, bool]]:
        for paste in clip.pastes:
            paste.result()
        for frame in clip.frames:
            yield frame, clip.driven


def blend(frame: Frame, laid: Laid, box: Box, drive: float = 1.0) -> None:
    """Lay a face over the part `box` of a frame, in its own colours. Where the soft mask is 0 no number changes."""
    left, top, right, bottom = box
    soft = laid.soft * np.float32(drive)
    new = cv2.transform(laid.rgb, yuv_of_rgb(frame))
    half = (right - left) // 2, (bottom - top) // 2
    small_soft = cv2.resize(soft, half, interpolation=cv2.INTER_AREA)
    small = cv2.resize(new, half, interpolation=cv2.INTER_AREA)
    _mix(frame.y[top:bottom, left:right], new[..., 0], soft)
    for plane, channel in ((frame.u, 1), (frame.v, 2)):
        _mix(plane[top // 2 : bottom // 2, left // 2 : right // 2], small[..., channel], small_soft)


def _mix(plane: npt.NDArray[np.uint8], new: npt.NDArray[Any], soft: npt.NDArray[Any]) -> None:
    mixed = soft * new + (1 - soft) * plane
    plane[...] = np.clip(np.rint(mixed), 0, 255)
