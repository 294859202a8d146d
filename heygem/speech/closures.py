"""When the lips must touch."""

import numpy as np
import numpy.typing as npt

from heygem.media.info import FPS
from heygem.speech.silence import stretches
from heygem.speech.spectrum import ROWS_PER_S, Floats

Bools = npt.NDArray[np.bool_]

# A chance of M, B or P that shuts the lips for a moment, and one that shuts them for as long as the sound lasts.
_SUSPECTED, _SURE = 0.08, 0.7
_SHORTEST_ROWS = 2
# Lips meet before the sound stops and part a little before it bursts.
_EARLY_S, _EARLIER_END_S = 0.05, 0.02
_FEWEST, _MOST = 2, 4  # frames


def closures(labial: Floats, frames: int) -> Bools:
    """`labial` (n,) chance of M, B or P per row -> (frames,) at 25 fps, each closure two to four frames."""
    shut = np.zeros(frames, np.bool_)
    for first, last in stretches(labial > _SUSPECTED):
        if last - first >= _SHORTEST_ROWS:
            begin, count = _frames_of(*_heard(labial[first:last], first))
            shut[max(0, begin) : begin + count] = True
    return shut


def _heard(labial: Floats, first: int) -> tuple[float, float]:
    """From when to when in seconds: where it is sure, else no longer than the moment it centres on."""
    sure = np.flatnonzero(labial > _SURE)
    if len(sure) >= _SHORTEST_ROWS:
        return (first + int(sure[0])) / ROWS_PER_S, (first + int(sure[-1]) + 1) / ROWS_PER_S
    centre = (first + 0.5 + float(np.average(np.arange(len(labial)), weights=labial))) / ROWS_PER_S
    return centre, centre


def _frames_of(start_s: float, end_s: float) -> tuple[int, int]:
    start, end = start_s - _EARLY_S, end_s - _EARLIER_END_S
    count = int(np.clip(round((end - start) * FPS), _FEWEST, _MOST))
    # Centred in what was heard: of a long M neither its beginning nor its end is a surprise.
    begin = round((start + end) / 2 * FPS - count / 2)
    return begin, count
