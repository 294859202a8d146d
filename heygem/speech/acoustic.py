"""How much each moment sounds like each phone.

Read from the Gaussians of CMU Sphinx's en-us model, which comes with the installation (BSD licence). The files are
read directly instead of asking its decoder: the decoder returns one best guess in tens of milliseconds per second and
throws on some recordings; scores of every phone let us weigh doubt, and take a tenth of the time.
"""

import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.fft import dct

from heygem.speech.spectrum import Floats
from heygem.weights.folder import mesh_folder

STATES = 3  # of each phone: beginning, middle, end
_LOG_STEP = 1024 * np.log(1.0001)  # one step of a stored mixture weight, as Sphinx quantises them
_VARIANCE_FLOOR = 1e-4
_CEPSTRA, _LIFTER = 13, 22
_RANGE_DB = 50.0
_BLOCK_ROWS = 512


@dataclass(frozen=True)
class AcousticModel:
    """`phones`: P names, `SIL` among them; Gaussians of three streams (cepstra, velocity, acceleration).

    gaussians[s] (27, P * 128) maps [x, x², 1] to log densities; weights[s] (P, 128, 3); stay (P, 3) probabilities;
    usual (13,) how far the cepstra of speech spread.
    """

    phones: tuple[str, ...]
    gaussians: tuple[Floats, ...]
    weights: tuple[Floats, ...]
    stay: Floats
    usual: Floats

    def scores(self, bands: Floats, speaking: npt.NDArray[np.bool_]) -> Floats:
        """`bands` (n, 25) -> (n, P, 3) log likelihoods of every phone's states.

        Brought near the recordings that the model learned from: the quietest 50 dB below the loudest, the mean of the
        `speaking` rows (n,) removed, their spread halfway to the usual one. M/B/P found in synthetic voices at equal
        precision: English .57 -> .82, Chinese .59 -> .80.
        """
        streams = _streams(self._normalised(_cepstra(bands), speaking))
        scores = np.zeros((len(bands), len(self.phones), STATES), np.float32)
        for first in range(0, len(bands), _BLOCK_ROWS):
            rows = slice(first, first + _BLOCK_ROWS)
            for stream, gaussians, weights in zip(streams, self.gaussians, self.weights, strict=True):
                scores[rows] += _mixture(stream[rows], gaussians, weights)
        return scores

    def _normalised(self, cepstra: Floats, speaking: npt.NDArray[np.bool_]) -> Floats:
        known = cepstra[speaking] if speaking.any() else cepstra
        ratio = self.usual / np.maximum(known.std(axis=0), 1.0)
        return np.asarray((cepstra - known.mean(axis=0)) * np.sqrt(ratio), np.float32)


def _cepstra(bands: Floats) -> Floats:
    floor = np.percentile(bands, 97) - _RANGE_DB * np.log(10) / 10
    cepstra = dct(np.logaddexp(bands, floor), 2, norm="ortho", axis=1)[:, :_CEPSTRA]
    return np.asarray(cepstra * (1 + _LIFTER / 2 * np.sin(np.pi * np.arange(_CEPSTRA) / _LIFTER)), np.float32)


def _mixture(x: Floats, gaussians: Floats, weights: Floats) -> Floats:
    powers = np.concatenate([x, x * x, np.ones((len(x), 1), np.float32)], axis=1)
    densities = (powers @ gaussians).reshape(len(x), len(weights), -1)
    peak = densities.max(axis=2, keepdims=True)
    densities -= peak
    np.exp(densities, out=densities)
    mixed = np.matmul(densities.transpose(1, 0, 2), weights).transpose(1, 0, 2)
    return np.asarray(np.log(mixed + np.float32(1e-30)) + peak, np.float32)


def _streams(cepstra: Floats) -> tuple[Floats, Floats, Floats]:
    """Cepstra, their velocity and acceleration as Sphinx takes them."""
    padded = np.pad(cepstra, ((3, 3), (0, 0)), mode="edge")

    def at(shift: int) -> Floats:
        return np.asarray(padded[3 + shift : 3 + shift + len(cepstra)])

    return at(0), at(2) - at(-2), (at(3) - at(-1)) - (at(1) - at(-3))


@lru_cache(maxsize=1)
def load_model() -> AcousticModel:
    """Raises OSError or ValueError where it is missing or is not what we know."""
    folder = mesh_folder().root / "en-us"
    phones = _read_phones(folder / "mdef")
    means = _read_gaussians(folder / "means", len(phones))
    variances = np.maximum(_read_gaussians(folder / "variances", len(phones)), _VARIANCE_FLOOR)
    weights = _read_weights(folder / "sendump", len(phones))
    stay = _read_stay(folder / "transition_matrices", len(phones))
    gaussians = tuple(_as_matrix(means[:, s], variances[:, s]) for s in range(3))
    spoken = [index for index, phone in enumerate(phones) if phone.isalpha() and phone != "SIL"]
    usual = _spread(weights[0][spoken], means[spoken, 0], variances[spoken, 0])
    return AcousticModel(phones, gaussians, tuple(weights), stay, usual)


def _spread(weights: Floats, means: Floats, variances: Floats) -> Floats:
    """Standard deviation (13,) of all speech by its mixtures, every phone counting the same."""
    share = weights.sum(axis=2)[..., None] / weights.sum(axis=(1, 2))[:, None, None] / len(weights)
    mean = (share * means).sum(axis=(0, 1))
    return np.asarray(np.sqrt((share * (variances + means**2)).sum(axis=(0, 1)) - mean**2))


def _as_matrix(mean: Floats, variance: Floats) -> Floats:
    """Means and variances (P, K, 13) -> (27, P * K), so that one product gives every log density."""
    precision = 1 / variance
    constant = -0.5 * (np.log(2 * np.pi * variance) + mean * mean * precision).sum(axis=2)
    columns = np.concatenate([mean * precision, -0.5 * precision, constant[..., None]], axis=2)
    return np.ascontiguousarray(columns.reshape(-1, columns.shape[2]).T.astype(np.float32))


def _read_phones(path: Path) -> tuple[str, ...]:
    raw = path.read_bytes()
    if raw[:4] != b"BMDF":
        raise ValueError(path.name)
    start = 12 + struct.unpack_from("<i", raw, 8)[0]
    header = struct.unpack_from("<10i", raw, start)
    count, states, senones = header[0], header[2], header[3]
    if states != STATES or senones != count * STATES:
        raise ValueError(path.name)
    return tuple(name.decode() for name in raw[start + 40 :].split(b"\0", count)[:count])


def _s3_body(path: Path) -> bytes:
    raw = path.read_bytes()
    start = raw.index(b"endhdr\n") + 7
    if struct.unpack_from("<I", raw, start)[0] != 0x11223344:
        raise ValueError(path.name)
    return raw[start + 4 :]


def _read_gaussians(path: Path, phones: int) -> Floats:
    """(P, 3, 128, 13)"""
    body = _s3_body(path)
    codebooks, streams, densities, *lengths = struct.unpack_from("<6i", body)
    if codebooks != phones or streams != 3 or lengths != [13, 13, 13]:
        raise ValueError(path.name)
    count = codebooks * streams * densities * 13
    return np.frombuffer(body, "<f4", count, 28).reshape(codebooks, streams, densities, 13)


def _read_weights(path: Path, phones: int) -> Floats:
    """(3, P, 128, 3). The weights of phones without context come first among all senones."""
    raw = path.read_bytes()
    start = 0
    while length := struct.unpack_from("<i", raw, start)[0]:
        start += 4 + length
    densities, senones = struct.unpack_from("<2i", raw, start + 4)
    stored = np.frombuffer(raw, np.uint8, 3 * densities * senones, start + 12).reshape(3, densities, senones)
    own = np.exp(-_LOG_STEP * stored[:, :, : phones * STATES].astype(np.float32))
    return np.ascontiguousarray(own.reshape(3, densities, phones, STATES).transpose(0, 2, 1, 3), np.float32)


def _read_stay(path: Path, phones: int) -> Floats:
    body = _s3_body(path)
    matrices = np.frombuffer(body, "<f4", phones * STATES * (STATES + 1), 16).reshape(phones, STATES, STATES + 1)
    diagonal = matrices[:, range(STATES), range(STATES)]
    return np.asarray(diagonal / matrices.sum(axis=2), np.float32)
