"""How wide the mouth is open, from the sound alone and for any language: the height of the first formant.

A jaw that drops raises the first formant, so energy moves from 150-400 Hz to 500-2500 Hz. Loudness says little: a
shouted EE is loud and nearly shut. The read-out below is linear in nine groups of mel bands, each compared with what is
usual for this voice.
"""

from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from heygem.speech.spectrum import Floats

Bools = npt.NDArray[np.bool_]

# Hz of the groups' edges: 130 300 480 680 910 1190 1550 2160 3960 6800
_EDGES = (0, 3, 5, 7, 9, 11, 13, 16, 21, 25)
_WEIGHTS = np.array((-0.10, -0.30, 0.05, 0.15, 0.15, 0.15, 0.10, 0.0, -0.10), np.float32)
_SMOOTH_ROWS = 3.0
_CLIP = 2.5
# What most of a voice's frames fill, from nearly shut to wide open.
_LOW, _HIGH = 0.06, 0.86
_ROWS_TO_KNOW_A_VOICE = 100


def opening_from_sound(bands: Floats, speaking: Bools) -> Floats:
    """(n,) 0..1 in speaking rows (what it says elsewhere means nothing)."""
    groups = band_groups(bands)
    known = groups[speaking] if speaking.any() else groups
    usual = (groups - known.mean(axis=0)) / np.maximum(known.std(axis=0), 0.5)
    height = np.clip(usual, -_CLIP, _CLIP) @ _WEIGHTS
    spoken = height[speaking] if speaking.any() else height
    low, high = np.percentile(spoken, (6, 94))
    # A voice of one word has not shown its range yet: its extremes count for less.
    doubt = _ROWS_TO_KNOW_A_VOICE / (len(spoken) + _ROWS_TO_KNOW_A_VOICE)
    high = max(high, low + 0.5 + 0.5 * doubt)
    return np.asarray(np.clip(_LOW + (_HIGH - _LOW) * (height - low) / (high - low), 0, 1), np.float32)


def band_groups(bands: Floats) -> Floats:
    """(n, 9) mean log power of each group of bands, smoothed over 30 ms."""
    smooth = gaussian_filter1d(bands, _SMOOTH_ROWS, axis=0)
    groups = [smooth[:, low:high].mean(axis=1) for low, high in pairwise(_EDGES)]
    return np.stack(groups, axis=1)
