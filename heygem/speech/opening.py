"""How wide the mouth is open, for any language: what the phones ask for, and the colour of the sound.

A jaw that drops raises the first formant, and lips that part let the higher ones out: energy moves from below 400 Hz to
between 1500 and 4000 Hz. Loudness alone says little, a shouted EE is loud and nearly shut; phones know that an OW is
round and its gap small. The weights are a ridge regression on sixteen clips of people who talk; mean r with the opening
of a mouth that was not among them .56.
"""

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from heygem.speech.spectrum import Floats

Bools = npt.NDArray[np.bool_]

_BANDS_TOGETHER = 3
_BY_BAND = np.array([-0.12, -0.08, -0.035, -0.01, 0.01, 0.03, 0.055, 0.02], np.float32)  # from 130 Hz to 6 kHz
_BY_OPENING, _BY_WIDTH = 0.42, 0.02  # of what phones ask for
_SMOOTH_ROWS = 8.0
_CLIP = 2.5
# As mouths are that talk: what is usual, and how much more one standard deviation is. (5th to 95th percentile of
# sixteen people's: .02, .26, .48, .63, .91)
_USUAL, _SPREAD = 0.44, 0.3
# A voice of one word has not shown its range yet: at least so much is taken for its deviation, for so many rows.
_LEAST, _ROWS_TO_KNOW_A_VOICE = 0.4, 100


def opening(bands: Floats, speaking: Bools, asked: tuple[Floats, Floats] | None) -> Floats:
    """(n,) 0..1 in speaking rows, meaningless elsewhere. `asked`: opening and width (n,) that phones ask for."""
    groups = bands[:, : _BANDS_TOGETHER * len(_BY_BAND)].reshape(len(bands), len(_BY_BAND), _BANDS_TOGETHER)
    colour = gaussian_filter1d(groups.mean(axis=2), _SMOOTH_ROWS, axis=0)
    wide = _usual(colour, speaking) @ _BY_BAND
    if asked is not None:
        by_phones, apart = (_usual(values, speaking) for values in asked)
        wide += _BY_OPENING * by_phones + _BY_WIDTH * apart
    spoken = wide[speaking] if speaking.any() else wide
    deviation = max(spoken.std(), _LEAST * _ROWS_TO_KNOW_A_VOICE / (len(spoken) + _ROWS_TO_KNOW_A_VOICE))
    return np.asarray(np.clip(_USUAL + _SPREAD * (wide - spoken.mean()) / deviation, 0, 1), np.float32)


def _usual(values: Floats, speaking: Bools) -> Floats:
    """How far from this voice's mean, in its own standard deviations; along the first axis."""
    known = values[speaking] if speaking.any() else values
    return np.asarray(np.clip((values - known.mean(axis=0)) / (known.std(axis=0) + 1e-3), -_CLIP, _CLIP), np.float32)
