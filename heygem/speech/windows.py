"""What Whisper is to hear at once: speech without the silence around it, in which it would hear things."""

import numpy as np
import numpy.typing as npt

from heygem.speech.silence import stretches
from heygem.speech.spectrum import ROWS_PER_S

Bools = npt.NDArray[np.bool_]

_LONGEST_ROWS = 29 * ROWS_PER_S
_FULL_ROWS = 15 * ROWS_PER_S  # from here on a window ends at its longest pause, if there is more to come
_PAUSE_ROWS = 3 * ROWS_PER_S  # a longer one ends it anyway
_MARGIN_ROWS = 60  # in which Whisper takes a breath: with 20 it misheard more


def next_window(speaking: Bools, at: int) -> tuple[int, int] | None:
    """First row and past the last row, from row `at` on; None where nobody speaks any more."""
    spoken = [(max(first, at), last) for first, last in stretches(speaking) if last > at]
    if not spoken:
        return None
    begin = max(at, spoken[0][0] - _MARGIN_ROWS)
    following = [*(first for first, _ in spoken[1:]), spoken[-1][1] + _PAUSE_ROWS + 1]
    ends: list[tuple[int, int]] = []  # pause, row
    for (_, last), after in zip(spoken, following, strict=True):
        if last - begin > _LONGEST_ROWS:
            break
        ends.append((after - last, last))
        if after - last > _PAUSE_ROWS:
            return begin, min(last + _MARGIN_ROWS, len(speaking))
    full = [end for end in ends if end[1] - begin >= _FULL_ROWS]
    if not full:
        return begin, begin + _LONGEST_ROWS
    pause, last = max(full)
    return begin, last + min(pause // 2, _MARGIN_ROWS)
