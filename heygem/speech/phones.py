"""Which phone is heard when, without a text: every phone may follow every other, and doubt stays doubt."""

import numpy as np
import numpy.typing as npt

from heygem.speech.acoustic import AcousticModel
from heygem.speech.gestures import RESTING
from heygem.speech.spectrum import Floats

Chances = Floats  # (n, P, 3): chance of each phone's state in each row; rows sum to 1

# Neighbouring rows overlap, and their velocities reach over seven rows: their likelihoods are far from independent.
# And a new phone has its price.
_TEMPER = 0.2
_NEW_PHONE = np.exp(-1.0)
_FORBIDDEN = 100
_BLOCK_ROWS, _OVERLAP = 6000, 100

_Matrix = npt.NDArray[np.float64]


def hear(scores: Floats, speaking: npt.NDArray[np.bool_], model: AcousticModel) -> Chances:
    """`scores` (n, P, 3) from the model. Blocks of a minute overlap by a second, so that memory is bounded.

    Inside speech there is no silence: a gap that short is a stop, and the model would take the clean tones of a
    synthetic or noise-gated voice for background (M/B/P found in espeak's voices: .20 with silence allowed, .57
    without it).
    """
    resting = [model.phones.index(name) for name in RESTING]
    chances = np.empty_like(scores)
    for first in range(0, len(scores), _BLOCK_ROWS):
        begin, end = max(0, first - _OVERLAP), first + _BLOCK_ROWS + _OVERLAP
        block = scores[begin:end].copy()
        block[:, resting] -= _FORBIDDEN * speaking[begin:end, None, None].astype(np.float32)
        chances[first : first + _BLOCK_ROWS] = _forward_backward(block, model.stay)[first - begin :][:_BLOCK_ROWS]
    return chances


def _forward_backward(scores: Floats, stay_f: Floats) -> Chances:
    tempered = (scores * _TEMPER).astype(np.float64)
    likely = np.exp(tempered - tempered.max(axis=(1, 2), keepdims=True))
    stay = stay_f.astype(np.float64)
    leave = 1 - stay
    forward = _forward(likely, stay, leave)
    backward = np.ones_like(stay)
    for row in range(len(likely) - 2, -1, -1):
        ahead = backward * likely[row + 1]
        backward = ahead * stay
        backward[:, :-1] += ahead[:, 1:] * leave[:, :-1]
        backward[:, -1] += leave[:, -1] * (_NEW_PHONE / len(stay) * ahead[:, 0].sum())
        backward /= backward.sum()
        forward[row] *= backward
        forward[row] /= forward[row].sum()
    return forward.astype(np.float32)


def _forward(likely: _Matrix, stay: _Matrix, leave: _Matrix) -> _Matrix:
    forward = np.zeros_like(likely)
    state = np.zeros_like(stay)
    state[:, 0] = likely[0, :, 0]
    forward[0] = state / state.sum()
    for row in range(1, len(likely)):
        before = forward[row - 1]
        state = before * stay
        state[:, 1:] += before[:, :-1] * leave[:, :-1]
        state[:, 0] += _NEW_PHONE / len(stay) * (before[:, -1] * leave[:, -1]).sum()
        state *= likely[row]
        forward[row] = state / state.sum()
    return forward
