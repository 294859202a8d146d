"""Temporal smoothing that never reaches across a cut or a gap."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import correlate1d


def runs(usable: npt.NDArray[np.bool_], shot: npt.NDArray[np.int32]) -> Iterator[slice]:
    """The longest stretches of usable frames of one shot."""
    key = np.where(usable, shot, -1)
    edges = np.flatnonzero(np.diff(key)) + 1
    for start, stop in zip([0, *edges], [*edges, len(key)], strict=True):
        if stop > start and key[start] >= 0:
            yield slice(int(start), int(stop))


def smooth(values: npt.NDArray[np.floating[Any]], window: int) -> npt.NDArray[np.floating[Any]]:
    """A quadratic Savitzky-Golay filter along the first axis: no lag, and shorter windows for short runs.

    scipy.signal has one too, but takes longer to load than everything else that a render needs of scipy.
    """
    window = min(window, (len(values) - 1) // 2 * 2 + 1)
    if window < 5:
        return values
    reach = window // 2
    powers = np.vander(np.arange(-reach, reach + 1.0), 3)
    fitted = powers @ np.linalg.pinv(powers)  # row i weighs what is in the window for its value i
    result = np.asarray(correlate1d(values, fitted[reach], axis=0))
    result[:reach] = np.tensordot(fitted[:reach], values[:window], 1)
    result[-reach:] = np.tensordot(fitted[-reach:], values[-window:], 1)
    return result


def fill(
    values: npt.NDArray[np.floating[Any]], usable: npt.NDArray[np.bool_], shot: npt.NDArray[np.int32], gap: int
) -> npt.NDArray[np.bool_]:
    """Fill gaps of at most `gap` frames within a shot by straight lines, in place; what is usable then."""
    filled = usable.copy()
    for hole in runs(~usable, shot):
        before, after = hole.start - 1, hole.stop
        length = hole.stop - hole.start
        if (
            length > gap
            or before < 0
            or after >= len(usable)
            or shot[before] != shot[hole.start]
            or shot[after] != shot[before]
        ):
            continue
        part = (np.arange(1, length + 1) / (length + 1)).reshape(-1, *[1] * (values.ndim - 1))
        values[hole] = values[before] + part * (values[after] - values[before])
        filled[hole] = True
    return filled
