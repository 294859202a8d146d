"""When somebody speaks: louder than the room, with a voice in it, and changing as only speech does."""

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, rfft
from scipy.ndimage import binary_closing, binary_opening, correlate1d, maximum_filter1d, uniform_filter1d

from heygem.speech.spectrum import BAND_HZ, RATE, ROWS_PER_S, Floats, cut

Bools = npt.NDArray[np.bool_]

_SPEECH_BANDS = (BAND_HZ >= 300) & (BAND_HZ <= 3000)
_DB = 10 / np.log(10)
_RANGE_DB = 38.0  # speech this far below the loudest is not heard beside it
_FULL_DB, _FADED_DB, _EFFORT_ROWS = 25.0, 34.0, 5  # below the loudest; over 50 ms
_ABOVE_FLOOR = 0.25  # of the way from the room's noise to the loudest speech
_SILENCE_DB = 15.0  # re one 16-bit step: nothing quieter is speech, whatever the rest of the file is like
_SLOW_RATE = 4000  # enough for pitch
_SLOWER = RATE // _SLOW_RATE
_LOW_PASS = np.hamming(20 * _SLOWER + 1) * np.sinc(np.arange(-10 * _SLOWER, 10 * _SLOWER + 1) / _SLOWER) / _SLOWER
_BLOCK_ROWS = 3000
_VOICED = 0.45  # autocorrelation at the pitch
_NEAR_ROWS = 30  # speech has a vowel within 0.3 s; breath, wind and clicks have none
# Of the spectrum's shape within 40 ms, mean of 0.6 s, in nats: speech .9-2 (.9 in noise), noise .7,
# plucked notes .5, a chord .2.
_LIVELY, _LIVELY_ROWS = 0.78, 60
_HELD_ROWS = 150  # a sung note may be held for three seconds before it counts as an instrument's
_WHISPERED = 0.04  # a voice with fewer voiced rows than this among the loud ones whispers throughout


def level_db(bands: Floats) -> Floats:
    """(n,) power between 300 and 3000 Hz."""
    return np.asarray(_DB * np.log(np.exp(bands[:, _SPEECH_BANDS]).mean(axis=1)), np.float32)


def speaking_rows(waveform: Floats, bands: Floats) -> Bools:
    """(n,) rows in which somebody speaks; gaps under 120 ms are filled, blips under 50 ms dropped."""
    level = level_db(bands)
    loud = (level > threshold_db(level)) & lively(bands)
    tonal = voiced(waveform, len(bands))
    if loud.any() and tonal[loud].mean() > _WHISPERED:
        loud = _with_vowels(loud, tonal & loud)
    return _tidy(loud)


def effort(bands: Floats) -> Floats:
    """(n,) 0..1, how much of its way a mouth goes: all but for sounds that die away, which nobody sees spoken."""
    level = uniform_filter1d(level_db(bands), _EFFORT_ROWS)
    above = (level - np.percentile(level, 95) + _FADED_DB) / (_FADED_DB - _FULL_DB)
    return np.asarray(np.clip(above, 0, 1), np.float32)


def threshold_db(level: Floats) -> float:
    peak, floor = np.percentile(level, (95, 5))
    return float(max(peak - _RANGE_DB, floor + _ABOVE_FLOOR * (peak - floor), _SILENCE_DB))


def lively(bands: Floats) -> Bools:
    """(n,) rows near sound that changes like speech: neither steady noise nor held tones."""
    audible = np.maximum(bands, np.percentile(bands, 97) - 50 / _DB)
    form = audible - audible.mean(axis=1, keepdims=True)
    padded = np.pad(form, ((2, 2), (0, 0)), mode="edge")
    change = uniform_filter1d(np.sqrt(((padded[4:] - padded[:-4]) ** 2).mean(axis=1)), _LIVELY_ROWS)
    return np.asarray(maximum_filter1d(change, 2 * _HELD_ROWS + 1) > _LIVELY)


def voiced(waveform: Floats, rows: int) -> Bools:
    """(n,) rows with a pitch between 70 and 400 Hz: the peak of the normalised autocorrelation over 40 ms."""
    blocks = [_voiced(waveform, first, min(rows, first + _BLOCK_ROWS)) for first in range(0, rows, _BLOCK_ROWS)]
    return np.concatenate(blocks)


def _voiced(waveform: Floats, first: int, last: int) -> Bools:
    hop, window = _SLOW_RATE // ROWS_PER_S, _SLOW_RATE // 25
    reach = (window - hop) // 2
    samples = cut(waveform, (first * hop - reach) * _SLOWER, (last * hop + reach) * _SLOWER)
    slow = np.asarray(correlate1d(samples, _LOW_PASS, mode="constant")[::_SLOWER], np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(slow, window)[::hop]
    taper = np.hanning(window).astype(np.float32)
    own = _autocorrelation(taper[None])[0]
    correlation = _autocorrelation((frames - frames.mean(axis=1, keepdims=True)) * taper)
    lags = slice(_SLOW_RATE // 400, _SLOW_RATE // 70)
    peak = (correlation[:, lags] / own[lags]).max(axis=1) * own[0]
    return np.asarray(peak / (correlation[:, 0] + 1e-9) > _VOICED)


def _autocorrelation(frames: Floats) -> Floats:
    return np.asarray(irfft(np.abs(rfft(frames, 256, axis=1)) ** 2, axis=1), np.float32)


def _with_vowels(loud: Bools, tonal: Bools) -> Bools:
    """Only loud rows near a voiced stretch of at least 40 ms."""
    vowels = binary_opening(tonal, np.ones(4))
    near = np.convolve(vowels, np.ones(2 * _NEAR_ROWS + 1), mode="same") > 0.5
    return np.asarray(loud & near[: len(loud)])


def _tidy(rows: Bools) -> Bools:
    padded = np.pad(rows, 12)
    closed = binary_closing(padded, np.ones(13))
    opened = binary_opening(closed, np.ones(5))
    return np.asarray(opened[12:-12])


def stretches(rows: Bools) -> list[tuple[int, int]]:
    """[(first, past the last)] of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], rows.view(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
