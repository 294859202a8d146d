"""A voice's sound as if its speaker's vocal tract had the usual length.

The shorter a tract, the higher all its formants: many a woman's EH lies where the phone model expects AE. So every
voice is heard with several stretchings of the frequency axis, and the one in which it sounds most like speech stays
(vocal tract length normalisation; Lee and Rose 1996).
"""

import numpy as np
import numpy.typing as npt

from heygem.speech.acoustic import AcousticModel
from heygem.speech.gestures import RESTING
from heygem.speech.spectrum import RATE, ROWS_PER_S, Floats, log_bands

Bools = npt.NDArray[np.bool_]

_STRETCHES = (0.9, 0.95, 1.0, 1.05, 1.1, 1.15)
_ENOUGH_ROWS = 600  # pieces of three seconds of one voice already agree to within one step


def usual_bands(waveform: Floats, bands: Floats, speaking: Bools, model: AcousticModel) -> Floats:
    """`bands` (n, 25) of `waveform` with the formants where they usually are."""
    if not speaking.any():
        return bands
    stretch = max(_STRETCHES, key=lambda stretch: _likelihood(stretch, *_piece(waveform, speaking), model))
    return bands if stretch == 1 else log_bands(waveform, stretch)


def _piece(waveform: Floats, speaking: Bools) -> tuple[Floats, Bools]:
    """The six seconds with most speech in them."""
    spoken = np.concatenate([[0], np.cumsum(speaking)])
    first = int((spoken[_ENOUGH_ROWS:] - spoken[:-_ENOUGH_ROWS]).argmax()) if len(speaking) > _ENOUGH_ROWS else 0
    samples = RATE // ROWS_PER_S
    rows = slice(first, first + _ENOUGH_ROWS)
    return waveform[first * samples : (first + _ENOUGH_ROWS) * samples], speaking[rows]


def _likelihood(stretch: float, piece: Floats, speaking: Bools, model: AcousticModel) -> float:
    """Mean log likelihood of the likeliest phone of each row."""
    scores = model.scores(log_bands(piece, stretch), speaking)[speaking]
    spoken = [index for index, phone in enumerate(model.phones) if phone not in RESTING]
    return float(scores[:, spoken].max(axis=(1, 2)).mean())
