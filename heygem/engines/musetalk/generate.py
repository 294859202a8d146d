"""The frames' step: batches of faces through the networks, while the batch before is put into its frames."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from heygem.engines.musetalk.networks import Networks
from heygem.engines.musetalk.paste import colours, even, paste, planes
from heygem.engines.musetalk.template import Template
from heygem.engines.musetalk.voice import window
from heygem.media.frame import Colour, Frame
from heygem.media.rgb import Box
from heygem.storage.cache import Arrays
from heygem.weights.device import Arriving, Room

_PASTERS = 4  # threads that put faces into frames: one is not enough for a fast GPU and full HD


@dataclass(frozen=True)
class _Batch:
    """Frames in order, and which of them get a face; `faces` are on their way."""

    frames: list[Frame]
    driven: list[int]
    faces: Arriving | None


class MuseTalkGenerator:
    """A render's last step. `states` (S, layers, width) is what Whisper heard, `width` x `height` the output."""

    def __init__(
        self,
        states: npt.NDArray[Any],
        frames: int,
        template: Template,
        networks: Networks,
        batch: int,
        size: tuple[int, int],
    ) -> None:
        self._states = states
        self._frames = frames
        self._template = template
        self._networks = networks
        self._room = Room(batch)
        self._size = size
        self._scale = np.array(size * 2) / np.tile(template.size, 2)
        self._found: list[bool] = []
        self._boxes: list[Box] = []
        self._matrices: dict[Colour, Tensor] = {}

    @property
    def frames(self) -> int:
        return self._frames

    @property
    def several_faces(self) -> bool:
        return bool(self._template.several_faces)

    def generate(self, frames: Iterator[Frame]) -> Iterator[tuple[Frame, bool]]:
        with _one_thread_each(), ThreadPoolExecutor(_PASTERS) as pasters:
            before: _Batch | None = None
            first = 0
            while some := list(islice(frames, self._room.size)):
                batch = self._begin(some, first)
                first += len(some)
                yield from self._end(before, pasters)
                before = batch
            yield from self._end(before, pasters)

    def trace(self) -> Arrays:
        """Per output frame (T,): `face_found`, and `mask_box` (T, 4), zeros where nothing is driven."""
        return {
            "face_found": np.array(self._found, bool),
            "mask_box": np.array(self._boxes, np.int32).reshape(-1, 4),
        }

    def _begin(self, frames: list[Frame], first: int) -> _Batch:
        driven = [k for k, frame in enumerate(frames) if self._template.row[frame.index] >= 0]
        if not driven:
            return _Batch(frames, driven, None)
        rows = [self._template.row[frames[k].index] for k in driven]
        latents = self._pinned([self._template.latents[row] for row in rows])
        windows = self._pinned([window(self._states, first + k) for k in driven])

        matrix = self._matrix(frames[0])

        def speak(latents: Tensor, windows: Tensor) -> Tensor:
            return planes(self._networks.speak(latents, windows), matrix)

        return _Batch(frames, driven, Arriving(self._room.run(speak, latents, windows)))

    def _end(self, batch: _Batch | None, pasters: ThreadPoolExecutor) -> Iterator[tuple[Frame, bool]]:
        if batch is None:
            return
        boxes: list[Box] = [(0, 0, 0, 0)] * len(batch.frames)
        if batch.faces:
            for k in batch.driven:
                boxes[k] = self._box(batch.frames[k])
            list(pasters.map(self._paste, [batch.frames[k] for k in batch.driven], batch.faces.wait()))
        for k, frame in enumerate(batch.frames):
            self._boxes.append(boxes[k])
            self._found.append(any(boxes[k]))
            yield frame, self._found[-1]

    def _paste(self, frame: Frame, face: npt.NDArray[np.uint8]) -> None:
        template, t = self._template, frame.index
        paste(frame, face, self._box(frame), template.mask[template.row[t]], float(template.drive[t]))

    def _box(self, frame: Frame) -> Box:
        left, top, right, bottom = self._template.box[frame.index] * self._scale
        return even((left, top, right, bottom), *self._size)

    def _matrix(self, frame: Frame) -> Tensor:
        """Made before a batch is on its way: sending anything from pageable memory would wait for the device."""
        if frame.colour not in self._matrices:
            self._matrices[frame.colour] = colours(frame, self._networks.compute.device)
        return self._matrices[frame.colour]

    def _pinned(self, arrays: Sequence[npt.NDArray[Any]]) -> Tensor:
        tensor = torch.from_numpy(np.stack(arrays))
        return tensor.pin_memory() if self._networks.compute.device.type == "cuda" else tensor


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """OpenCV's own threads off: the frames are shared out already, and decoding and encoding want cores too."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)
