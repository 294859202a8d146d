"""Sound as numbers: what every other module of this room looks at, 100 rows per second."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.fft import rfft

RATE = 16_000
ROWS_PER_S = 100

Floats = npt.NDArray[np.float32]

_HOP = RATE // ROWS_PER_S
_WINDOW = 410
_FFT = 512
_BANDS, _LOW_HZ, _HIGH_HZ = 25, 130.0, 6800.0
_STRETCHED_HZ, _TOP_HZ = 5000.0, RATE / 2
_BLOCK_ROWS = 3000  # half a minute at once: bounded memory however long the voice is


def log_bands(waveform: Floats, stretch: float = 1.0) -> Floats:
    """`waveform` (n,) mono -1..1 at 16 kHz -> (rows, 25) natural log of mel band power, 130-6800 Hz; at least one row.

    Row i is centred on (i + 0.5) / 100 s. Front end of CMU Sphinx's en-us model, whose Gaussians expect exactly these
    numbers: 16-bit steps, pre-emphasis .97, Hamming 25.6 ms, rounded triangular filters of equal area.
    `stretch`: how much higher than usual this voice's formants lie; the bands follow them up to 5 kHz.
    """
    rows = max(1, -(-len(waveform) // _HOP))
    return np.concatenate(
        [_block(waveform, first, min(rows, first + _BLOCK_ROWS), stretch) for first in range(0, rows, _BLOCK_ROWS)]
    )


def _block(waveform: Floats, first: int, last: int, stretch: float) -> Floats:
    """Rows first..last, from their own samples and what the windows reach beside them."""
    reach = (_WINDOW - _HOP) // 2
    begin, end = first * _HOP - reach, last * _HOP + reach
    # One sample more in front: pre-emphasis takes differences.
    samples = cut(waveform, begin - 1, end) * np.float32(32768)
    frames = np.lib.stride_tricks.sliding_window_view(samples[1:] - np.float32(0.97) * samples[:-1], _WINDOW)[::_HOP]
    power = np.abs(rfft(frames * _TAPER, _FFT, axis=1)) ** 2
    # A floor of -20 dB re one 16-bit step keeps digital silence finite.
    return np.asarray(np.log(np.maximum(power @ _filters(stretch), 1e-2)), np.float32)


def cut(waveform: Floats, begin: int, end: int) -> Floats:
    """Samples begin..end, silence where there are none."""
    inside = waveform[max(0, begin) : max(0, end)]
    return np.pad(inside, (max(0, -begin), max(0, end - max(len(waveform), begin, 0))))[: end - begin]


def _mel(hz: npt.ArrayLike) -> npt.NDArray[np.float64]:
    return np.asarray(2595 * np.log10(1 + np.asarray(hz, np.float64) / 700))


def _edges_hz() -> npt.NDArray[np.float64]:
    mels = np.linspace(_mel(_LOW_HZ), _mel(_HIGH_HZ), _BANDS + 2)
    return np.asarray(700 * (10 ** (mels / 2595) - 1))


@lru_cache(maxsize=8)
def _filters(stretch: float) -> Floats:
    """(257, 25): triangles of equal area whose corners are rounded to FFT bins, as Sphinx does."""
    bin_hz = RATE / _FFT
    edges = np.interp(_edges_hz(), (0, _STRETCHED_HZ, _TOP_HZ), (0, _STRETCHED_HZ * stretch, _TOP_HZ))
    edges = np.round(edges / bin_hz) * bin_hz
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    hz = (np.arange(_FFT // 2 + 1) * bin_hz)[:, None]
    triangles = np.minimum((hz - low) / (centre - low), (high - hz) / (high - centre))
    return np.asarray(np.maximum(triangles, 0) * 2 / (high - low), np.float32)


BAND_HZ = _edges_hz()[1:-1]  # (25,) centre of each band
_TAPER = np.hamming(_WINDOW).astype(np.float32)
