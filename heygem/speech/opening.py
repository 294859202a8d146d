"""How wide the mouth is open, for any language: what the phones ask for, and the height of the first formant.

A jaw that drops raises the first formant, and lips that part let the higher ones out: energy moves from 200-450 Hz to
700-3500 Hz. Loudness alone says little, a shouted EE is loud and nearly shut, and what hums for long hardly opens at
all; phones know that an OW is round and its gap small, and that spread lips are parted. The weights are a ridge
regression on twenty clips of people who talk; mean r with the opening of a mouth that was not among them .52.
"""

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from heygem.speech.spectrum import BAND_HZ, Floats

Bools = npt.NDArray[np.bool_]

_BELOW = (BAND_HZ >= 200) & (BAND_HZ <= 450)
_ABOVE = (BAND_HZ >= 700) & (BAND_HZ <= 3500)
_HUM = BAND_HZ <= 1250
_LOUDNESS_OUT = 0.5
_SMOOTH_ROWS, _HUM_ROWS = 3.0, 8.0
_CLIP = 2.5
_BY_OPENING, _BY_WIDTH, _BY_HEIGHT, _BY_HUM = 0.33, 0.085, 0.30, -0.2  # by each one's own standard deviation
# As mouths are that talk: what is usual, and how much more one standard deviation is. (5th to 95th percentile of
# sixteen people's: .02, .26, .48, .63, .91)
_USUAL, _SPREAD = 0.43, 0.3
# A voice of one word has not shown its range yet: at least so much is taken for its deviation, for so many rows.
_LEAST, _ROWS_TO_KNOW_A_VOICE = 0.45, 100


def opening(bands: Floats, speaking: Bools, asked: tuple[Floats, Floats] | None) -> Floats:
    """(n,) 0..1 in speaking rows, meaningless elsewhere. `asked`: opening and width (n,) that phones ask for."""
    hum = gaussian_filter1d(bands[:, _HUM].mean(axis=1), _HUM_ROWS)
    wide = _BY_HEIGHT * _usual(formant_height(bands), speaking) + _BY_HUM * _usual(hum, speaking)
    if asked is not None:
        by_phones, apart = (_usual(values, speaking) for values in asked)
        wide = wide + _BY_OPENING * by_phones + _BY_WIDTH * apart
    spoken = wide[speaking] if speaking.any() else wide
    deviation = max(spoken.std(), _LEAST * _ROWS_TO_KNOW_A_VOICE / (len(spoken) + _ROWS_TO_KNOW_A_VOICE))
    return np.asarray(np.clip(_USUAL + _SPREAD * (wide - spoken.mean()) / deviation, 0, 1), np.float32)


def formant_height(bands: Floats) -> Floats:
    """(n,) in nats, smoothed over 30 ms."""
    height = bands[:, _ABOVE].mean(axis=1) - _LOUDNESS_OUT * bands[:, _BELOW].mean(axis=1)
    return np.asarray(gaussian_filter1d(height, _SMOOTH_ROWS), np.float32)


def _usual(values: Floats, speaking: Bools) -> Floats:
    """How far from this voice's mean, in its own standard deviations."""
    known = values[speaking] if speaking.any() else values
    return np.asarray(np.clip((values - known.mean()) / (known.std() + 1e-3), -_CLIP, _CLIP), np.float32)
