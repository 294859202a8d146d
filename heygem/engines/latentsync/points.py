"""From iBUG's 68 points to the three that a face is aligned by."""

from typing import Any

import numpy as np
import numpy.typing as npt

_LEFT_BROW, _RIGHT_BROW = slice(17, 22), slice(22, 27)
# Upstream takes the middle of the lower bridge, the tip and both wings (insightface's 74, 86, 77 and 83). The wings lie
# halfway between the tip and the outer nostrils of the 68.
_NOSE = {29: 0.25, 30: 0.5, 31: 0.125, 35: 0.125}


def alignment_points(points: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.floating[Any]]:
    """The middles of the brow on the left of the picture, of the one on the right, and the nose (..., 3, 2), of points
    (..., 68, 2)."""
    nose = np.sum([weight * points[..., number, :] for number, weight in _NOSE.items()], axis=0)
    brows = [points[..., brow, :].mean(axis=-2) for brow in (_LEFT_BROW, _RIGHT_BROW)]
    return np.stack([*brows, nose], axis=-2)
