"""Template → face track."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from heygem.base.errors import ErrorCode, HeygemError
from heygem.face import trust
from heygem.face.detect import Detectors
from heygem.face.edges import steady
from heygem.face.follow import GAP, Seen, follow
from heygem.face.landmarks import (
    BOXED,
    INNER_LOWER_AT,
    INNER_UPPER_AT,
    MOVED,
    NOSE_BASE_AT,
    OUTER_LOWER_AT,
    OUTER_UPPER_AT,
    opening,
    width,
)
from heygem.face.mouth.gather import gather
from heygem.face.portrait import portrait
from heygem.face.pose import inverse, median_face, skull_poses, to_pixels, yaw
from heygem.face.skin import Looks, light
from heygem.face.smooth import fill, runs, smooth
from heygem.face.track import FaceTrack
from heygem.media.video import VideoReader

RECIPE = "face-23"
POSE_WINDOW, SHAPE_WINDOW, STILL_SHAPE_WINDOW = 9, 5, 13
NOISE, POSE_NOISE = 0.010, 0.03  # face units, of opening or of the lips' place, that may be the network's mistake
LIPS_MEET = 80  # percentile of the upper lip's height: it rises when a mouth opens
TALKS = 0.10  # face units between a mouth's usual smallest and largest opening
# The least is a still face's: who speaks with nearly shut lips would seem not to say the words of a new voice.
WIDEST_TALKING, WIDEST_STILL = (0.28, 0.32), 0.28

Floats = npt.NDArray[np.floating[Any]]

_LIPS_AT = np.r_[OUTER_UPPER_AT, INNER_UPPER_AT, OUTER_LOWER_AT, INNER_LOWER_AT]


def analyze(
    path: Path,
    name: str,
    report: Callable[[float], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> FaceTrack:
    """Watch a template once. `report` takes the share done, 0..1; `name` is what the person called the file.

    Raises:
        HeygemError: NO_FACE, or FACE_TURNED, FACE_HIDDEN, FACE_SMALL where no frame shows a mouth that could be moved;
            CANCELLED soon after `cancelled()` turns true, or what reading the file raises.
    """
    track = track_of(watch(path, name, report, cancelled), name)
    report(1.0)
    return track


def watch(path: Path, name: str, report: Callable[[float], None], cancelled: Callable[[], bool]) -> Seen:
    """What can be seen of the face, at least in one frame. Arguments are those of `analyze`; raises NO_FACE,
    CANCELLED, or what reading the file raises."""
    with VideoReader(path, name=name) as reader:
        seen = follow(reader, Detectors(), reader.info.frames_25, report, cancelled)
    if np.isnan(seen.points[:, 0, 0]).all():
        raise HeygemError(ErrorCode.NO_FACE, name=name)
    return seen


def track_of(seen: Seen, name: str) -> FaceTrack:
    """Smooth what was seen and say where it may be trusted. At least one frame shows a face.

    Raises:
        HeygemError: FACE_TURNED, FACE_HIDDEN, FACE_SMALL.
    """
    points = seen.points.astype(np.float64)
    there = fill(points, ~np.isnan(points[:, 0, 0]), seen.shot, GAP)
    across = np.ptp(points[:, :BOXED, :2], axis=1).max(axis=-1)  # pixels
    hidden = trust.hidden(seen.looks, there, seen.shot)
    clear = there & ~hidden if (there & ~hidden).any() else there
    face = median_face(points[clear])
    pose, shape, turn = _smoothed(points, there, seen.shot, face)
    low, high = np.percentile(opening(shape)[clear], [4, 96])
    talks = bool(high - low > TALKS)
    if not talks:
        for run in runs(there, seen.shot):
            shape[run] = smooth(shape[run], STILL_SHAPE_WINDOW)
    gap = opening(shape)
    drive = trust.drive(there & ~hidden & ~(across < trust.SMALLEST), turn, seen.shot)
    trust.require_mouth(drive, there, hidden, turn, across, name)
    skin_light = _light(seen.looks, there, seen.shot).astype(np.float32)
    return FaceTrack(
        size=np.array([seen.width, seen.height], np.int32),
        pose=pose.astype(np.float32),
        shape=shape.astype(np.float32),
        depth=face[: len(MOVED), 2].astype(np.float32),
        opening=gap.astype(np.float32),
        width=width(shape).astype(np.float32),
        yaw=turn.astype(np.float32),
        light=skin_light,
        edges=steady(seen.edges, there, seen.shot).astype(np.float32),
        found=there,
        drive=drive,
        shot=seen.shot,
        closed=np.array(np.clip(low, -0.03, 0.02), np.float32),
        widest=np.array(np.clip(high, *WIDEST_TALKING) if talks else WIDEST_STILL, np.float32),
        talks=np.array(talks),
        several_faces=np.array(seen.several_faces),
        portrait=portrait(points, there, seen.shot),
        mouth=gather(seen.patches.only(clear), skin_light, _rest(shape[clear])),
    )


def _smoothed(
    points: Floats, there: npt.NDArray[np.bool_], shot: npt.NDArray[np.int32], face: Floats
) -> tuple[Floats, Floats, Floats]:
    """Poses (T, 4), shapes (T, P, 2) and yaw (T,); frames without a face hold zeros and are not to be used.

    What is smoothed is the way from pixels to the face: there a moving camera and a moving head cancel out.
    """
    pose = np.zeros((len(points), 4))
    shape = np.zeros((len(points), len(MOVED), 2))
    turn = np.zeros(len(points))
    for run in runs(there, shot):
        back = _steady(inverse(skull_poses(points[run], face)), points[run])
        pose[run] = inverse(back)
        raw = np.stack([to_pixels(p[: len(MOVED), :2], b) for p, b in zip(points[run], back, strict=True)])
        shape[run] = _calm(raw)
        turn[run] = smooth(yaw(points[run]), POSE_WINDOW)
    return pose, shape, turn


def _steady(seen: Floats, points: Floats) -> Floats:
    """Smoothed ways from pixels to the face (T, 4), but as they were seen where a head moves faster than smoothing
    follows: lips would be drawn beside its own."""
    calm = smooth(seen, POSE_WINDOW)
    lips = points[:, _LIPS_AT, :2].mean(axis=1)
    pairs = [(to_pixels(at, one), to_pixels(at, other)) for at, one, other in zip(lips, seen, calm, strict=True)]
    off = np.linalg.norm([one - other for one, other in pairs], axis=-1)
    return _but_fast(calm, seen, off, POSE_NOISE)


def _calm(raw: Floats) -> Floats:
    """Smoothed shapes (T, P, 2), but as they were seen where a mouth moves faster than smoothing follows."""
    calm = smooth(raw, SHAPE_WINDOW)
    # Also as a whole: poses, which are smooth too, leave a part of a nod to the mouth.
    moved = np.linalg.norm((raw - calm)[:, _LIPS_AT].mean(axis=1), axis=-1)
    return _but_fast(calm, raw, np.maximum(np.abs(opening(raw) - opening(calm)), moved), NOISE)


def _but_fast(calm: Floats, seen: Floats, off: Floats, noise: float) -> Floats:
    """What is calm, or what was seen where they are more than noise apart: `off` (T,) face units."""
    fast = np.clip((off - noise) / noise, 0, 1)
    return np.asarray(calm + fast.reshape(-1, *[1] * (calm.ndim - 1)) * (seen - calm))


def _rest(shape: Floats) -> float:
    """How far below the base of the nose the lips meet, in shapes (T, P, 2)."""
    below = shape[:, INNER_UPPER_AT[5], 1] - shape[:, NOSE_BASE_AT, 1].mean(axis=-1)
    return float(np.percentile(below, LIPS_MEET))


def _light(looks: Looks, there: npt.NDArray[np.bool_], shot: npt.NDArray[np.int32]) -> Floats:
    """The skin's luma (T,)."""
    result = light(looks)
    for run in runs(there, shot):
        result[run] = smooth(result[run], POSE_WINDOW)
    return result
