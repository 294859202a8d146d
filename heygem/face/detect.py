"""mediapipe's two networks: where faces are in a picture, and the mesh of one of them."""

from contextlib import nullcontext
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from heygem.face.landmarks import READ
from heygem.face.plots import no_plots
from heygem.face.quiet import quiet
from heygem.face.view import Region, Rgb, view, whole
from heygem.media.frame import Frame

CONFIDENCE = 0.45
DETECTION_PIXELS = 384  # of whatever is looked into: what is found must not depend on a clip's resolution
SURELY = 0.15  # better score the other way up
MESH_PIXELS = 384

Points = npt.NDArray[np.float32]


class FaceFinder:
    """Finds faces, small ones too, in a whole frame."""

    def __init__(self) -> None:
        with quiet(), no_plots():
            from mediapipe.python.solutions.face_detection import FaceDetection  # slow, and an extra

            self._far = FaceDetection(model_selection=1, min_detection_confidence=CONFIDENCE)
            self._near = FaceDetection(model_selection=0, min_detection_confidence=CONFIDENCE)
            for model in self._far, self._near:
                _wake(model)

    def find(self, frame: Frame) -> list[Region]:
        """All faces, the largest first. The upper half is looked at by itself: there a small face is twice as large."""
        everything = whole(frame)
        upper = Region(0, 0, frame.width, frame.height * 0.55)
        boxes = self._in(self._far, frame, everything) + self._in(self._far, frame, upper)
        if not boxes:
            boxes = self._in(self._near, frame, everything)
        return _distinct(sorted(boxes, key=lambda box: -box.area))

    def upside_down(self, frame: Frame) -> bool | None:
        """Whether faces stand on their heads, which the mesh would not notice; None where none is surely seen."""
        picture, _ = view(frame, whole(frame), DETECTION_PIXELS)
        upright, turned = (_best(self._far, np.ascontiguousarray(way)) for way in (picture, picture[::-1, ::-1]))
        return turned > upright + SURELY if max(upright, turned) else None

    def close(self) -> None:
        self._far.close()
        self._near.close()

    def _in(self, model: Any, frame: Frame, region: Region) -> list[Region]:
        picture, _ = view(frame, region, DETECTION_PIXELS, enlarged=True)
        found = [d.location_data.relative_bounding_box for d in model.process(picture).detections or []]
        return [
            Region(
                region.x0 + box.xmin * region.width,
                region.y0 + box.ymin * region.height,
                region.x0 + (box.xmin + box.width) * region.width,
                region.y0 + (box.ymin + box.height) * region.height,
            )
            for box in found
        ]


class MeshReader:
    """Reads the mesh of one face from frame to frame, within a crop that stays the same while it can."""

    def __init__(self) -> None:
        with quiet(), no_plots():
            from mediapipe.python.solutions.face_mesh import FaceMesh  # slow, and an extra

            self._model = FaceMesh(static_image_mode=False, max_num_faces=1, refine_landmarks=True)
            _wake(self._model)
        self._met = False

    def forget(self) -> None:
        """The next picture shows another place: don't follow the last face into it."""
        with quiet():
            self._model.reset()
            _wake(self._model)

    def read(self, frame: Frame, crop: Region) -> Points | None:
        """The `landmarks.READ` points (P, 3) in pixels of the frame, or None where the network sees no face."""
        picture, scale = view(frame, crop, MESH_PIXELS)
        with nullcontext() if self._met else quiet():  # the first face makes it talk once more
            found = self._model.process(picture).multi_face_landmarks
        if not found:
            return None
        self._met = True
        height, width = picture.shape[:2]
        mesh = found[0].landmark
        points = np.array([(mesh[i].x * width, mesh[i].y * height, mesh[i].z * width) for i in READ], np.float32)
        return points / np.float32(scale) + np.array([crop.x0, crop.y0, 0], np.float32)

    def close(self) -> None:
        self._model.close()


class Detectors:
    """Both networks, closed together."""

    def __init__(self) -> None:
        self.finder = FaceFinder()
        self.mesh = MeshReader()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.finder.close()
        self.mesh.close()


def _wake(model: Any) -> None:
    """A graph's threads start, and talk, until its first picture is through."""
    model.process(np.zeros((64, 64, 3), np.uint8))


def _best(model: Any, picture: Rgb) -> float:
    """The highest score of a face in a picture, 0 … 1; 0 without any."""
    return max((float(found.score[0]) for found in model.process(picture).detections or []), default=0.0)


def _distinct(boxes: list[Region]) -> list[Region]:
    kept: list[Region] = []
    for box in boxes:
        if all(box.overlap(other) < 0.3 for other in kept):
            kept.append(box)
    return kept
