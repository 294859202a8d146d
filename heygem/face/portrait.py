"""A template whose face never moves: a photo, a painting, a film of one."""

from typing import Any

import numpy as np
import numpy.typing as npt

from heygem.face.pose import eye_pose

STIRS = 0.006  # face units, root mean square over time, by which some point of a living face moves at least
SAME = 0.9  # of the points that must stay below that

Floats = npt.NDArray[np.floating[Any]]


def portrait(points: Floats, there: npt.NDArray[np.bool_], shot: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
    """The `landmarks.READ` points (P, 3) of the face in every frame, in pixels; (0, 3) where it moves or is away.

    `points` (T, P, 3), `there` and `shot` (T,): what was seen of a template.
    """
    moves = points[:, :, :2].std(axis=0) / np.hypot(*eye_pose(points[0])[:2]) if there.all() else np.ones(1)
    still = there.all() and (shot == shot[0]).all() and np.percentile(moves, 100 * SAME) < STIRS
    return np.asarray(points.mean(axis=0) if still else np.zeros((0, 3)), np.float32)


def scaled(portrait: npt.NDArray[np.float32], factor: float) -> npt.NDArray[np.float32]:
    """The same in a picture `factor` times the size, whose pixel centres do not coincide."""
    return np.asarray(portrait * factor + np.array([(factor - 1) / 2] * 2 + [0]), np.float32)
