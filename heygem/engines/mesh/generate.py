"""The frames' step: every frame of the template gets the mouth of its moment."""

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from heygem.engines.mesh.aim import Aims
from heygem.engines.mesh.field import Region
from heygem.engines.mesh.inside import Inside
from heygem.engines.mesh.paint import paint
from heygem.engines.mesh.plan import plan
from heygem.face.track import FaceTrack
from heygem.media.frame import Frame
from heygem.speech.mouth import MouthTrack
from heygem.storage.cache import Arrays


class MeshGenerator:
    """A render's last step. One thread, a few milliseconds a frame."""

    def __init__(self, mouth: MouthTrack, face: FaceTrack, width: int) -> None:
        self._face = face
        self._plan = plan(mouth, face)
        self._aims = Aims(face, self._plan)
        self._region = Region.of(self._aims.rest)
        self._inside = Inside.of(face)
        self._poses = scaled(face.pose, width / float(face.size[0]))
        self._trace: list[tuple[float, float, bool, bool, tuple[int, int, int, int]]] = []

    @property
    def frames(self) -> int:
        return len(self._plan)

    @property
    def several_faces(self) -> bool:
        return bool(self._face.several_faces)

    def generate(self, frames: Iterator[Frame]) -> Iterator[tuple[Frame, bool]]:
        threads = cv2.getNumThreads()
        cv2.setNumThreads(1)  # decoding and encoding want the other cores
        try:
            for t, frame in enumerate(frames):
                yield frame, self._edit(frame, min(t, len(self._plan) - 1))
        finally:
            cv2.setNumThreads(threads)

    def trace(self) -> Arrays:
        """Per output frame (T,): `opening_target_iod`, `width_target_iod`, `closure`, `face_found`, and `mask_box`
        (T, 4) x0, y0, x1, y1 in pixels. Where nothing is driven: the template's own mouth, and a box of zeros."""
        opening, width, closure, found, boxes = zip(*self._trace, strict=True) if self._trace else ([],) * 5
        return {
            "opening_target_iod": np.array(opening, np.float32),
            "width_target_iod": np.array(width, np.float32),
            "closure": np.array(closure, bool),
            "face_found": np.array(found, bool),
            "mask_box": np.array(boxes, np.int32).reshape(-1, 4),
        }

    def _edit(self, frame: Frame, t: int) -> bool:
        face, row = self._face, min(frame.index, len(self._face) - 1)
        if face.drive[row] <= 0:
            own = float(face.opening[row]), float(face.width[row])
            self._trace.append((*own, False, bool(face.found[row]), (0, 0, 0, 0)))
            return False
        aim = self._aims.aim(row, t)
        closure = bool(self._plan.closure[t]) and aim.drive >= 1
        box = paint(frame, self._poses[row], aim, self._region, self._inside, row, float(face.light[row]))
        self._trace.append((aim.opening, aim.width, closure, True, box))
        return True


def scaled(poses: npt.NDArray[np.floating[Any]], factor: float) -> npt.NDArray[np.float64]:
    """The same poses (T, 4) in a picture `factor` times the size, whose pixel centres do not coincide."""
    result = np.asarray(poses, np.float64) * factor
    result[:, 2:] += (factor - 1) / 2
    return result
