"""Where faces are in a frame, and the points of one of them."""

import numpy as np
import numpy.typing as npt

from heygem.face.blaze import BlazeFace
from heygem.face.landmarker import Landmarker, Square
from heygem.face.landmarks import READ
from heygem.face.networks import face_points
from heygem.face.view import Region, Rgb, view, whole
from heygem.media.frame import Frame

CONFIDENCE = 0.45
SURELY = 0.15  # better score the other way up
MESH_PIXELS = 384
_READ = np.array(READ)

Points = npt.NDArray[np.float32]


class FaceFinder:
    """Finds faces, small ones too, in a whole frame."""

    def __init__(self) -> None:
        self._far = BlazeFace.far(CONFIDENCE)
        self._near = BlazeFace.near(CONFIDENCE)

    def find(self, frame: Frame) -> list[Region]:
        """All faces, the largest first. The upper half is looked at by itself: there a small face is twice as large."""
        everything = whole(frame)
        upper = Region(0, 0, frame.width, frame.height * 0.55)
        boxes = _in(self._far, frame, everything) + _in(self._far, frame, upper)
        if not boxes:
            boxes = _in(self._near, frame, everything)
        return _distinct(sorted(boxes, key=lambda box: -box.area))

    def upside_down(self, frame: Frame) -> bool | None:
        """Whether faces stand on their heads, which the mesh would not notice; None where none is surely seen."""
        picture, _ = view(frame, whole(frame), self._far.side)
        upright, turned = (_best(self._far, way) for way in (picture, picture[::-1, ::-1]))
        return turned > upright + SURELY if max(upright, turned) else None


class MeshReader:
    """Reads the mesh of one face from frame to frame, within a crop that stays the same while it can."""

    def __init__(self) -> None:
        self._near = BlazeFace.near(CONFIDENCE)
        self._landmarker = Landmarker(face_points())
        self._last: Points | None = None  # all of them, in pixels of the crop's view

    def forget(self) -> None:
        """The next picture shows another place: don't follow the last face into it."""
        self._last = None

    def read(self, frame: Frame, crop: Region) -> Points | None:
        """The `landmarks.READ` points (P, 3) in pixels of the frame, or None where the network sees no face."""
        picture, scale = view(frame, crop, MESH_PIXELS)
        self._last = self._followed(picture)
        if self._last is None:
            return None
        points: Points = self._last[_READ] / np.float32(scale) + np.array([crop.x0, crop.y0, 0], np.float32)
        return points

    def _followed(self, picture: Rgb) -> Points | None:
        if self._last is not None:
            points = self._landmarker.read(picture, Square.of_points(self._last))
            if points is not None:
                return points
        seen = self._near.find(picture)
        return self._landmarker.read(picture, Square.of_sighting(seen[0])) if seen else None


class Detectors:
    """Both, with what they remember of one clip."""

    def __init__(self) -> None:
        self.finder = FaceFinder()
        self.mesh = MeshReader()


def _in(model: BlazeFace, frame: Frame, region: Region) -> list[Region]:
    picture, _ = view(frame, region, model.side, enlarged=True)
    height, width = picture.shape[:2]
    across, down = region.width / width, region.height / height
    return [
        Region(
            region.x0 + seen.box.x0 * across,
            region.y0 + seen.box.y0 * down,
            region.x0 + seen.box.x1 * across,
            region.y0 + seen.box.y1 * down,
        )
        for seen in model.find(picture)
    ]


def _best(model: BlazeFace, picture: Rgb) -> float:
    """The highest score of a face in a picture, 0 … 1; 0 without any."""
    return max((seen.score for seen in model.find(picture)), default=0.0)


def _distinct(boxes: list[Region]) -> list[Region]:
    kept: list[Region] = []
    for box in boxes:
        if all(box.overlap(other) < 0.3 for other in kept):
            kept.append(box)
    return kept
