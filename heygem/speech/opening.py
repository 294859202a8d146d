"""How wide the mouth is open, for any language: the height of the first formant, and what the phones ask for.

A jaw that drops raises the first formant, and lips that part let the higher ones out: energy moves from 200-450 Hz to
500-3500 Hz. Loudness says little: a shouted EE is loud and nearly shut. Formant height knows how strongly this voice
moves, phones know that an OW is round and its gap small; neither alone follows real mouths as well as both in equal
parts (mean r with six real mouths while they speak: formant height .36, phones .37, both .46, loudness .20).
"""

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from heygem.speech.silence import level_db
from heygem.speech.spectrum import BAND_HZ, Floats

Bools = npt.NDArray[np.bool_]

_BELOW = (BAND_HZ >= 200) & (BAND_HZ <= 450)
_ABOVE = (BAND_HZ >= 500) & (BAND_HZ <= 3500)
_SMOOTH_ROWS = 3.0
_CLIP = 2.5
# What most of a voice's rows fill, from nearly shut to wide open.
_LOW, _HIGH = 0.06, 0.86
# A voice of one word has not shown its range yet. (rows)
_ROWS_TO_KNOW_A_VOICE = 100
_FADING_DB, _FADED = 25.0, 0.5  # so far below this voice's loudest, the mouth moves half as much


def opening(bands: Floats, speaking: Bools, asked: Floats | None) -> Floats:
    """(n,) 0..1 in speaking rows, meaningless elsewhere. `asked` (n,): the opening the phones ask for, if known."""
    heights = [_usual(formant_height(bands), speaking)]
    if asked is not None:
        heights.append(_usual(asked, speaking))
    height = np.mean(heights, axis=0)
    spoken = height[speaking] if speaking.any() else height
    low, high = np.percentile(spoken, (6, 94))
    widest = max(high - low, _ROWS_TO_KNOW_A_VOICE / (len(spoken) + _ROWS_TO_KNOW_A_VOICE))
    open_ = _LOW + (_HIGH - _LOW) * (height - low) / widest
    return np.asarray(np.clip(open_ * _effort(bands, speaking), 0, 1), np.float32)


def formant_height(bands: Floats) -> Floats:
    """(n,) in nats, smoothed over 30 ms."""
    height = bands[:, _ABOVE].mean(axis=1) - bands[:, _BELOW].mean(axis=1)
    return np.asarray(gaussian_filter1d(height, _SMOOTH_ROWS), np.float32)


def _usual(values: Floats, speaking: Bools) -> Floats:
    """How far from this voice's mean, in its own standard deviations."""
    known = values[speaking] if speaking.any() else values
    return np.asarray(np.clip((values - known.mean()) / (known.std() + 1e-3), -_CLIP, _CLIP), np.float32)


def _effort(bands: Floats, speaking: Bools) -> Floats:
    level = gaussian_filter1d(level_db(bands), _SMOOTH_ROWS)
    loudest = np.percentile(level[speaking] if speaking.any() else level, 95)
    return np.asarray(np.clip(1 + (1 - _FADED) * (level - loudest + 10) / (_FADING_DB - 10), _FADED, 1), np.float32)
