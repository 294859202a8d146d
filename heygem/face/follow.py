"""One face followed through a clip: what the networks and the picture say, frame by frame, nothing smoothed yet."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from heygem.base.ahead import ahead
from heygem.base.errors import ErrorCode, HeygemError
from heygem.face.detect import Detectors, Points
from heygem.face.edges import NOT_SEEN
from heygem.face.landmarks import BOXED, READ
from heygem.face.mouth.patches import Collector, Patches
from heygem.face.pose import eye_pose, yaw
from heygem.face.shots import ShotCuts
from heygem.face.skin import COUNT, Looks, colours
from heygem.face.view import Region, Rgb, view
from heygem.media.frame import Frame

LOOK_AGAIN = 40  # frames between two looks for other faces; fewer in the beginning
LOOK_SOON = 8
OTHERS = 1 / 3  # of the looks that see a face: whoever is seen less often is no second face
SEARCH_EVERY = 3  # frames between two searches while no face is there
AHEAD = 3  # frames that the networks have read while one is looked at more closely
GAP = 10  # missing frames in a row that may be filled in
MARGIN = 2.4  # crop side by face box side
SAME = 0.15  # overlap of the same face's boxes, one from each network
MUCH_LARGER = 1.8  # in area: this is who the clip is about
JUMP = 0.5  # face units between two frames: another face, or another shot


@dataclass
class Seen:
    """What was seen in T frames: `points` (T, P, 3) in pixels, NaN where no face; `looks` (T, COUNT, 3) see
    `heygem.face.skin`; `edges` (T, 2, 3) see `heygem.face.edges`."""

    points: npt.NDArray[np.float32]
    looks: Looks
    edges: npt.NDArray[np.float32]
    shot: npt.NDArray[np.int32]
    several_faces: bool
    patches: Patches
    width: int
    height: int


@dataclass
class _Follower:
    """Follows with as few looks at the whole picture as will do."""

    detectors: Detectors
    crop: Region | None = None
    face: Region | None = None
    looks: int = 0  # that saw a face
    others: int = 0  # that saw more than one
    waiting: int = 0

    @property
    def several_faces(self) -> bool:
        return self.others > 0 and self.others >= OTHERS * self.looks

    def read(self, frame: Frame, new_shot: bool) -> Points | None:
        if new_shot:
            self.crop = self.face = None
        self.waiting -= 1
        if self.waiting <= 0 or new_shot:
            self._look(frame)
        if self.crop is None:
            return None
        points = self.detectors.mesh.read(frame, self.crop)
        if points is None:
            self.crop, self.waiting = None, SEARCH_EVERY if self.waiting > 0 else 0
            return None
        self.face = _face_box(points)
        if not self.crop.holds(self.face.square(1.05)):
            self._frame_face(self.face)
        return points

    def _look(self, frame: Frame) -> None:
        """Choose the face to follow: the one followed so far, or the largest, also if it is much larger than that."""
        boxes = self.detectors.finder.find(frame)
        self.looks += bool(boxes)
        self.others += len(boxes) > 1
        self.waiting = min(LOOK_AGAIN, LOOK_SOON * self.looks) if boxes else SEARCH_EVERY
        if not boxes:
            return
        face = self.face
        same = max(boxes, key=lambda box: box.overlap(face)) if face else boxes[0]
        known = face is not None and same.overlap(face) > SAME and boxes[0].area < MUCH_LARGER * same.area
        if self.crop is None or not known:
            self._frame_face(same if known else boxes[0])

    def _frame_face(self, face: Region) -> None:
        self.face, self.crop = face, face.square(MARGIN)
        self.detectors.mesh.forget()


@dataclass
class _Upright:
    """Turns frames so that heads stand upright, as soon as one is surely seen; before that there is no face."""

    detectors: Detectors
    down: bool | None = None

    def __call__(self, frame: Frame) -> Frame:
        if self.down is None and frame.index % SEARCH_EVERY == 0:
            self.down = self.detectors.finder.upside_down(frame)
        if not self.down:
            return frame
        y, u, v = (plane[::-1, ::-1] for plane in (frame.y, frame.u, frame.v))
        return Frame.of(y, u, v, frame.index, frame.colour)

    def sure(self) -> None:
        """A face was read as it stands: from now on nothing is turned that was not before."""
        self.down = bool(self.down)

    def back(self, points: npt.NDArray[np.float32], size: tuple[int, int]) -> npt.NDArray[np.float32]:
        """Points (T, P, 3) of turned frames where they lie in the frames as they came."""
        if self.down:
            points[..., :2] = np.array(size, np.float32) - 1 - points[..., :2]
        return points


@dataclass
class _Notes:
    """Growing columns of `Seen`, and the crops of a short gap until the face is back."""

    points: list[Points] = field(default_factory=list)
    looks: list[Looks] = field(default_factory=list)
    edges: list[npt.NDArray[np.float32]] = field(default_factory=list)
    shot: list[int] = field(default_factory=list)
    gap: list[tuple[Rgb, Region, float]] = field(default_factory=list)

    def missing(self, frame: Frame, shot: int) -> None:
        self.points.append(np.full((len(READ), 3), np.nan, np.float32))
        self.looks.append(np.zeros((COUNT, 3), np.uint8))
        self.edges.append(NOT_SEEN)
        self.shot.append(shot)
        last = self.points[-len(self.gap) - 2] if len(self.points) > len(self.gap) + 1 else None
        if last is not None and not np.isnan(last[0, 0]) and len(self.gap) <= GAP:
            self.gap.append(_surroundings(frame, last))

    def present(self, frame: Frame, points: Points, shot: int) -> None:
        self._look_into_gap(points, shot)
        self.points.append(points)
        self.looks.append(_look(*_surroundings(frame, points), points))
        self.edges.append(NOT_SEEN)
        self.shot.append(shot)

    def _look_into_gap(self, points: Points, shot: int) -> None:
        """What stood where the face must have been, if it was away for a moment only."""
        count, (gap, self.gap) = len(self.gap), (self.gap, [])
        if not 0 < count <= GAP or self.shot[-count - 1] != shot:
            return
        before = self.points[-count - 1]
        for k, kept in enumerate(gap):
            part = (k + 1) / (count + 1)
            self.looks[k - count] = _look(*kept, before + part * (points - before))


def _read(
    frames: Iterable[Frame], follower: _Follower, upright: _Upright
) -> Iterator[tuple[Frame, bool, Points | None]]:
    """Upright frames, whether one begins a shot, and the points of the face that is followed."""
    cuts = ShotCuts()
    for frame in map(upright, frames):
        new_shot = cuts.step(frame)
        points = follower.read(frame, new_shot)
        if points is not None:
            upright.sure()
        yield frame, new_shot, points


def follow(
    frames: Iterable[Frame],
    detectors: Detectors,
    count: int,
    report: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> Seen:
    """Watch a clip. `count` is how many frames are expected, for `report` (share done, 0..1).

    Raises:
        HeygemError: CANCELLED soon after `cancelled()` turns true.
    """
    follower, upright, notes, collector = _Follower(detectors), _Upright(detectors), _Notes(), Collector()
    shot, last, size = 0, None, (0, 0)
    with closing(ahead(_read(frames, follower, upright), AHEAD)) as read:
        for number, (frame, new_shot, points) in enumerate(read):
            if cancelled():
                raise HeygemError(ErrorCode.CANCELLED)
            size = frame.width, frame.height
            jumped = points is not None and last is not None and _speed(last, points) > JUMP
            shot += new_shot or jumped
            if points is None:
                notes.missing(frame, shot)
            else:
                notes.present(frame, points, shot)
                speed = _speed(last, points) if last is not None and not jumped else 0.0
                pose, turn = eye_pose(points), float(yaw(points))
                notes.edges[-1] = collector.offer(frame, points, pose, turn, speed, number, shot)
            last = None if new_shot and points is None else points if points is not None else last
            if number % 5 == 0:
                report(min(0.99, number / max(1, count)))
    return Seen(
        upright.back(np.array(notes.points, np.float32).reshape(-1, len(READ), 3), size),
        np.array(notes.looks, np.uint8).reshape(-1, COUNT, 3),
        np.array(notes.edges, np.float32).reshape(-1, *NOT_SEEN.shape),
        np.array(notes.shot, np.int32),
        follower.several_faces,
        collector.patches(),
        *size,
    )


def _face_box(points: Points) -> Region:
    (x0, y0), (x1, y1) = points[:BOXED, :2].min(axis=0), points[:BOXED, :2].max(axis=0)
    return Region(float(x0), float(y0), float(x1), float(y1))


def _speed(before: Points, after: Points) -> float:
    one, two = eye_pose(before), eye_pose(after)
    return float(np.hypot(*(two - one)[2:]) / max(1e-6, np.hypot(one[0], one[1])))


def _surroundings(frame: Frame, points: Points) -> tuple[Rgb, Region, float]:
    """A small picture around the face, for its looks only."""
    box = _face_box(points).square(1.3)
    picture, scale = view(frame, box, 96)
    return picture, box, scale


def _look(picture: Rgb, box: Region, scale: float, points: Points) -> Looks:
    return colours(picture, (points[:, :2] - np.array([box.x0, box.y0])) * scale)
