"""When the lips must touch."""

import numpy as np
import numpy.typing as npt

from heygem.speech.mouth import FPS
from heygem.speech.silence import stretches
from heygem.speech.spectrum import ROWS_PER_S, Floats

Bools = npt.NDArray[np.bool_]

_CERTAIN = 0.08
_SHORTEST_ROWS = 2
# Lips meet before the sound stops and part a little before it bursts.
_EARLY_S, _EARLIER_END_S = 0.05, 0.02
_FEWEST, _MOST = 2, 4  # frames


def closures(labial: Floats, frames: int) -> Bools:
    """`labial` (n,) chance of M, B or P per row -> (frames,) at 25 fps, each closure two to four frames."""
    shut = np.zeros(frames, np.bool_)
    for first, last in stretches(labial > _CERTAIN):
        if last - first >= _SHORTEST_ROWS:
            begin, count = _frames_of(first / ROWS_PER_S, last / ROWS_PER_S)
            shut[max(0, begin) : begin + count] = True
    return shut


def _frames_of(start_s: float, end_s: float) -> tuple[int, int]:
    start, end = start_s - _EARLY_S, end_s - _EARLIER_END_S
    count = int(np.clip(round((end - start) * FPS), _FEWEST, _MOST))
    # Centred in what was heard: of a long M neither its beginning nor its end is a surprise.
    begin = round((start + end) / 2 * FPS - count / 2)
    return begin, count
