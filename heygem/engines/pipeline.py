"""What frame engines share: decode, generate and encode at the same time, with a bounded number of frames.

A frame engine fills in three steps. The first two are cached by content; the third edits a stream of frames.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from heygem.cache import Arrays
from heygem.engines.base import RenderJob
from heygem.media.frame import Frame


class Generator(Protocol):
    """One render's last step, made by `FrameEngine.generator`."""

    @property
    def frames(self) -> int:
        """Number of output frames at 25 fps: ceil(voice seconds x 25)."""
        ...

    @property
    def several_faces(self) -> bool:
        """Whether the template shows more faces than the one that speaks."""
        ...

    def generate(self, frames: Iterator[Frame]) -> Iterator[tuple[Frame, bool]]:
        """Yield every frame of `frames` once, in order, with whether a mouth was driven in it.

        `frames` yields up to `self.frames` frames (fewer where a short template cuts the voice). They may be edited
        in place and taken in batches; holding more than a few dozen breaks the promise of bounded memory.
        Called once, in the thread that called `render`.
        """
        ...

    def trace(self) -> Arrays:
        """What was aimed at, asked for after `generate`: arrays whose first axis is the output frame."""
        ...


class FrameEngine(Protocol):
    """An engine that changes a mouth frame by frame.

    `recipe` changes whenever `encode_voice` or `analyze_template` would answer differently.
    """

    @property
    def name(self) -> str: ...

    @property
    def recipe(self) -> str: ...

    def encode_voice(self, waveform: npt.NDArray[np.float32], transcript: str | None) -> Arrays:
        """Speech features of a mono waveform (samples,) at 16 kHz, -1..1. Cached."""
        ...

    def analyze_template(
        self, path: Path, name: str, report: Callable[[float], None], cancelled: Callable[[], bool]
    ) -> Arrays:
        """The face track of a template at its source size. Cached.

        `report` takes the share done, 0..1. Raises NO_FACE, and CANCELLED soon after `cancelled()` turns true.
        """
        ...

    def generator(self, speech: Arrays, face: Arrays, job: RenderJob, width: int, height: int) -> Generator:
        """Prepare the frames' step for an output of `width` x `height` pixels (the face track knows the source's)."""
        ...
