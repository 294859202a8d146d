"""Where a head is in a picture: a similarity between face units and pixels.

Face units: the origin is midway between the eyes, x to the picture's right, y down, and 1 is the distance of the eye
centres in the clip's median face (iod). A pose is (a, b, tx, ty) with pixel = (a·x - b·y + tx, b·x + a·y + ty).
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from heygem.face.landmarks import LEFT_EYE_AT, RIGHT_EYE_AT, STABLE_AT, TEMPLES_AT

Floats = npt.NDArray[np.floating[Any]]


def to_pixels(points: Floats, pose: Floats) -> Floats:
    """Points (..., 2) in face units as pixels."""
    a, b, tx, ty = pose
    return np.asarray(points @ np.array([[a, b], [-b, a]]) + np.array([tx, ty]))


def to_face(points: Floats, pose: Floats) -> Floats:
    """Points (..., 2) in pixels as face units."""
    return to_pixels(points, inverse(pose))


def inverse(pose: Floats) -> Floats:
    """The pose that leads from pixels to face units. `pose` has shape (..., 4)."""
    a, b, tx, ty = np.moveaxis(pose, -1, 0)
    square = a * a + b * b
    a, b = a / square, -b / square
    return np.stack([a, b, -(a * tx - b * ty), -(b * tx + a * ty)], axis=-1)


def matrix(pose: Floats) -> npt.NDArray[np.float64]:
    """The 2x3 matrix that OpenCV takes."""
    a, b, tx, ty = pose
    return np.array([[a, -b, tx], [b, a, ty]], np.float64)


def eye_pose(points: Floats) -> Floats:
    """The pose that the two eye centres alone give; `points` (..., P, 2 or more) in pixels."""
    right, left = points[..., RIGHT_EYE_AT, :2].mean(axis=-2), points[..., LEFT_EYE_AT, :2].mean(axis=-2)
    a, b = np.moveaxis(left - right, -1, 0)
    return np.concatenate([np.stack([a, b], axis=-1), (left + right) / 2], axis=-1)


def fit(source: Floats, target: Floats) -> Floats:
    """The similarity that brings points (N, 2) nearest to `target` (T, N, 2), for each of T, by least squares."""
    middle, middles = source.mean(axis=0), target.mean(axis=1)
    p, q = source - middle, target - middles[:, None]
    square = (p**2).sum()
    a = (q * p).sum(axis=(1, 2)) / square
    b = (q[..., 1] * p[:, 0] - q[..., 0] * p[:, 1]).sum(axis=1) / square
    return np.stack(
        [a, b, middles[:, 0] - (a * middle[0] - b * middle[1]), middles[:, 1] - (b * middle[0] + a * middle[1])],
        axis=-1,
    )


def median_face(points: Floats) -> Floats:
    """The clip's median face (P, 3) in face units, from points (T, P, 3) in pixels."""
    poses = inverse(eye_pose(points))
    scale = np.hypot(poses[:, 0], poses[:, 1])
    flat = np.stack([to_pixels(p[:, :2], pose) for p, pose in zip(points, poses, strict=True)])
    return np.asarray(np.median(np.concatenate([flat, (points[..., 2] * scale[:, None])[..., None]], axis=-1), axis=0))


def skull_poses(points: Floats, face: Floats) -> Floats:
    """Poses (T, 4) of points (T, P, 2 or more) by what moves with the skull of the median `face` (P, ...)."""
    return fit(face[STABLE_AT, :2], points[:, STABLE_AT, :2])


def yaw(points: Floats) -> Floats:
    """How far the head is turned, radians, from the temples' depth; `points` (..., P, 3)."""
    across = points[..., TEMPLES_AT[1], :] - points[..., TEMPLES_AT[0], :]
    return np.asarray(np.arctan2(across[..., 2], np.hypot(across[..., 0], across[..., 1])))
