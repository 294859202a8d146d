"""The beat of a voice: what heads nod to, where it pauses and draws breath."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d, maximum_filter1d, minimum_filter1d

from heygem.media.info import FPS
from heygem.speech.motion import at_frames, frames_speaking
from heygem.speech.silence import level_db, speaking_rows, threshold_db
from heygem.speech.spectrum import RATE, ROWS_PER_S, Floats, log_bands
from heygem.storage.cache import Arrays

# Changes whenever the same voice would give another rhythm.
RECIPE = "rhythm-1"

_SYLLABLE_ROWS = 6.0  # sigma: one hump per syllable is left
_AROUND_ROWS = 36  # what a stressed syllable stands out from
_APART_ROWS = 28  # and nothing as strong is nearer
_LEAST = 0.12  # of the voice's range, by which it stands out


@dataclass(frozen=True)
class Rhythm:
    """Per output frame (T,) at 25 fps: `loudness` 0 … 1 of this voice's range, 0 in silence; `stress` 0 … 1 in the
    frame of each stressed syllable's middle, 0 elsewhere; `speaking`."""

    loudness: Floats
    stress: Floats
    speaking: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.loudness)

    def to_arrays(self) -> Arrays:
        return dict(vars(self))

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        return cls(**{name: arrays[name] for name in ("loudness", "stress", "speaking")})


def rhythm(waveform: Floats) -> Rhythm:
    """Of `waveform` (n,) mono -1 … 1 at 16 kHz. Never fails on a strange sound: in the end it is all silence."""
    waveform = np.nan_to_num(waveform, posinf=0, neginf=0)
    frames = max(1, -(-len(waveform) * FPS // RATE))
    bands = log_bands(waveform)
    speaking = speaking_rows(waveform, bands)
    level = level_db(bands)
    floor, top = threshold_db(level), float(np.percentile(level, 97))
    loud = ((level - floor) / max(1.0, top - floor)).clip(0, 1) * speaking
    hump = gaussian_filter1d(loud, _SYLLABLE_ROWS)
    return Rhythm(
        at_frames(hump.astype(np.float32), frames),
        _at_their_frames(_stress(hump, speaking), frames),
        frames_speaking(speaking, frames),
    )


def _stress(hump: Floats, speaking: npt.NDArray[np.bool_]) -> Floats:
    """(n,) which share of this voice's stresses is no louder, at each one's loudest row, 0 elsewhere."""
    out = hump - minimum_filter1d(hump, _AROUND_ROWS)
    at = np.flatnonzero((hump == maximum_filter1d(hump, _APART_ROWS)) & speaking & (out > _LEAST))
    result = np.zeros_like(hump)
    result[at] = (np.argsort(np.argsort(hump[at], kind="stable")) + 1) / max(1, len(at))
    return result


def _at_their_frames(rows: Floats, frames: int) -> Floats:
    result = np.zeros(frames, np.float32)
    for row in np.flatnonzero(rows):
        frame = min(frames - 1, int(row) * FPS // ROWS_PER_S)
        result[frame] = max(result[frame], rows[row])
    return result
