"""Any engine's last step, with a picture that lives."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from heygem.engines.alive.still import NOWHERE, Still
from heygem.media.frame import Frame
from heygem.media.rgb import Box
from heygem.storage.cache import Arrays

if TYPE_CHECKING:
    from heygem.engines.pipeline import Generator


class Enlivened:
    """A `heygem.engines.pipeline.Generator` of a still: what it has painted is moved as one picture, so that mouth and
    teeth go with the head."""

    def __init__(self, generator: "Generator", still: Still) -> None:
        self._generator = generator
        self._still = still
        self._boxes: list[Box] = []

    @property
    def frames(self) -> int:
        return self._generator.frames

    @property
    def several_faces(self) -> bool:
        return self._generator.several_faces

    def generate(self, frames: Iterator[Frame]) -> Iterator[tuple[Frame, bool]]:
        for t, (frame, driven) in enumerate(self._generator.generate(frames)):
            self._boxes.append(self._still.move(frame, t) if driven else NOWHERE)
            yield frame, driven

    def trace(self) -> Arrays:
        """The same, but that `mask_box` holds what has moved besides."""
        trace = self._generator.trace()
        if "mask_box" not in trace:
            return trace
        return {**trace, "mask_box": _both(trace["mask_box"], np.array(self._boxes, np.int32).reshape(-1, 4))}


def _both(one: npt.NDArray[np.int32], two: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """(T, 4) boxes around both; those of zeros hold nothing."""
    around = np.concatenate([np.minimum(one, two)[:, :2], np.maximum(one, two)[:, 2:]], axis=1)
    some, more = one.any(axis=1, keepdims=True), two.any(axis=1, keepdims=True)
    return np.where(some, np.where(more, around, one), two)
