"""How wide the mouth is open, for any language: the height of the first formant, and what the phones ask for.

A jaw that drops raises the first formant, and lips that part let the higher ones out: energy moves from 200-450 Hz to
700-3500 Hz. Loudness alone says little, a shouted EE is loud and nearly shut; but a stressed syllable is opened wider,
so only half of the loudness is taken out. Formant height knows how strongly this voice moves, phones know that an OW
is round and its gap small. Mean r with the opening of 19 real mouths while they speak: loudness .36, formant height
.43, phones .58, both .60.
"""

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from heygem.speech.spectrum import BAND_HZ, Floats

Bools = npt.NDArray[np.bool_]

_BELOW = (BAND_HZ >= 200) & (BAND_HZ <= 450)
_ABOVE = (BAND_HZ >= 700) & (BAND_HZ <= 3500)
_LOUDNESS_OUT = 0.5
_SMOOTH_ROWS = 3.0
_CLIP = 2.5
_PHONES_TELL = 2.0  # times as much as formant height
# Where most of a voice's rows lie, from nearly shut to wide open; wide mouths are rarer than narrow ones.
_LEAST, _WIDE, _RARE = 0.06, 0.8, 1.4
# A voice of one word has not shown its range yet. (rows)
_ROWS_TO_KNOW_A_VOICE = 100


def opening(bands: Floats, speaking: Bools, asked: Floats | None) -> Floats:
    """(n,) 0..1 in speaking rows, meaningless elsewhere. `asked` (n,): the opening the phones ask for, if known."""
    height = _usual(formant_height(bands), speaking)
    if asked is not None:
        height = np.asarray((height + _PHONES_TELL * _usual(asked, speaking)) / (1 + _PHONES_TELL), np.float32)
    spoken = height[speaking] if speaking.any() else height
    low, high = np.percentile(spoken, (6, 94))
    widest = max(high - low, _ROWS_TO_KNOW_A_VOICE / (len(spoken) + _ROWS_TO_KNOW_A_VOICE))
    share = np.maximum(_LEAST + (height - low) / widest, 0)
    return np.asarray(np.minimum(_WIDE * share**_RARE, 1), np.float32)


def formant_height(bands: Floats) -> Floats:
    """(n,) in nats, smoothed over 30 ms."""
    height = bands[:, _ABOVE].mean(axis=1) - _LOUDNESS_OUT * bands[:, _BELOW].mean(axis=1)
    return np.asarray(gaussian_filter1d(height, _SMOOTH_ROWS), np.float32)


def _usual(values: Floats, speaking: Bools) -> Floats:
    """How far from this voice's mean, in its own standard deviations."""
    known = values[speaking] if speaking.any() else values
    return np.asarray(np.clip((values - known.mean()) / (known.std() + 1e-3), -_CLIP, _CLIP), np.float32)
