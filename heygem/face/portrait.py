"""A template whose face never moves: a photo, a painting, a film of one."""

from typing import Any

import numpy as np
import numpy.typing as npt

from heygem.face.pose import eye_pose

STIRS = 0.006  # face units, deviation over time, below which points of a face do not move but tremble
SAME = 90  # per cent of the points that must stay below that
SETTLES, LEAST = 10, 25  # frames until points that are followed lie where they belong; frames of a film to tell

Floats = npt.NDArray[np.floating[Any]]


def portrait(points: Floats, there: npt.NDArray[np.bool_], shot: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
    """The `landmarks.READ` points (P, 3) of the face in every frame, in pixels; (0, 3) where it moves or is away.

    `points` (T, P, 3), `there` and `shot` (T,): what was seen of a template.
    """
    if len(points) == 1:
        return np.asarray(points[0], np.float32)
    if len(points) < LEAST or not there.all() or (shot != shot[0]).any():
        return np.zeros((0, 3), np.float32)
    settled = points[SETTLES:]
    moves = settled[..., :2].std(axis=0) / np.hypot(*eye_pose(settled[0])[:2])
    return np.asarray(settled.mean(axis=0) if np.percentile(moves, SAME) < STIRS else np.zeros((0, 3)), np.float32)


def scaled(portrait: npt.NDArray[np.float32], factor: float) -> npt.NDArray[np.float32]:
    """The same in a picture `factor` times the size, whose pixel centres do not coincide."""
    return np.asarray(portrait * factor + np.array([(factor - 1) / 2] * 2 + [0]), np.float32)
