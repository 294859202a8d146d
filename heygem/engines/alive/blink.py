"""When eyes blink: every few seconds, rather where a phrase ends, sometimes twice."""

import numpy as np
import numpy.typing as npt

from heygem.media.info import FPS
from heygem.speech.rhythm import Rhythm

Floats = npt.NDArray[np.float32]

# How far shut, frame by frame: down in three, up in twice as many. Both are drawn a little quicker or slower.
SHUTS, OPENS = (0.3, 0.85, 1.0), (0.92, 0.66, 0.4, 0.2, 0.07)
FIRST_S = 0.8, 2.0
APART_S = 2.0, 6.0
LEAST_S = 1.2  # between two blinks, but for double ones
PAUSE_S = 0.9  # a blink that is due within this of a phrase's end waits for it, or comes early
AT_PAUSES = 0.45  # chance of one at a phrase's end when none is due
TWICE, TWICE_AFTER = 0.14, 9  # chance of a double one, and frames between both
REST = 10  # frames at the beginning and at the end without


def blinks(rhythm: Rhythm, chance: np.random.Generator) -> Floats:
    """(T,) 0 open … 1 shut."""
    shut = np.zeros(len(rhythm), np.float32)
    for start in _starts(rhythm, chance):
        _lay(shut, start)
        if chance.random() < TWICE:
            _lay(shut, start + TWICE_AFTER)
    return shut


def _starts(rhythm: Rhythm, chance: np.random.Generator) -> list[int]:
    ends = (np.flatnonzero(rhythm.speaking[:-1] & ~rhythm.speaking[1:]) + 1).tolist()
    starts: list[int] = []
    due = FPS * chance.uniform(*FIRST_S)
    for end in [*ends, len(rhythm)]:
        while due < end - PAUSE_S * FPS:
            starts.append(round(due))
            due += FPS * _pause(chance)
        last = starts[-1] if starts else -FPS
        near = abs(due - end) <= PAUSE_S * FPS or chance.random() < AT_PAUSES
        if end < len(rhythm) and near and end - last > LEAST_S * FPS:
            starts.append(end)
            due = end + FPS * _pause(chance)
    return starts


def _pause(chance: np.random.Generator) -> float:
    """Seconds to the next: short ones are more usual than long ones."""
    return float(APART_S[0] + (APART_S[1] - APART_S[0]) * chance.beta(1.4, 2.0))


def _lay(shut: Floats, start: int) -> None:
    shape = np.array(SHUTS + OPENS, np.float32)
    if start >= REST and start + len(shape) + REST <= len(shut):
        part = shut[start : start + len(shape)]
        np.maximum(part, shape, out=part)
