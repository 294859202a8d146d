"""What each phone asks of jaw and lips, and how neighbouring phones share the mouth.

Cohen and Massaro's dominance: every phone pulls at opening and width with its own strength and reach, and the mouth
goes where the weighted mean lies. Closures pull hard and briefly, vowels are broad, tongue consonants let the vowels
around them decide (a T between two AA leaves the jaw low).
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import convolve1d

from heygem.speech.spectrum import ROWS_PER_S, Floats


@dataclass(frozen=True)
class Gesture:
    """`opening` 0..1 and `width` -1..+1 at the phone's beginning, middle and end; `pull` and `reach_s` of the opening;
    `lips` how strongly it claims the width."""

    opening: tuple[float, float, float]
    width: tuple[float, float, float]
    pull: float
    reach_s: float
    lips: float


def _vowel(opening: float, width: float, lips: float = 0.6) -> Gesture:
    return Gesture((opening,) * 3, (width,) * 3, 1.0, 0.065, lips)


def _glide(first: tuple[float, float], last: tuple[float, float]) -> Gesture:
    """A diphthong spends more of its time near its first shape."""
    openings = (first[0], 0.7 * first[0] + 0.3 * last[0], last[0])
    widths = (first[1], 0.7 * first[1] + 0.3 * last[1], last[1])
    return Gesture(openings, widths, 1.0, 0.065, 0.8)


def _tongue(opening: float, width: float = 0.0, lips: float = 0.2, pull: float = 0.35) -> Gesture:
    return Gesture((opening,) * 3, (width,) * 3, pull, 0.05, lips)


_CLOSED = Gesture((0.0,) * 3, (0.0,) * 3, 2.2, 0.04, 0.15)
_TUCKED = Gesture((0.12,) * 3, (0.1,) * 3, 1.2, 0.04, 0.3)
_REST = Gesture((0.0,) * 3, (0.0,) * 3, 0.6, 0.06, 0.3)

# The opening is the gap between the inner lips and not the jaw's angle: rounded vowels have a low jaw and a small gap,
# S and SH a high jaw and parted lips.
GESTURES: dict[str, Gesture] = {
    "AA": _vowel(0.9, 0.05),
    "AE": _vowel(0.95, 0.4),
    "AH": _vowel(0.55, 0.1, 0.4),
    "AO": _vowel(0.55, -0.6, 1.0),
    "EH": _vowel(0.7, 0.35),
    "ER": _vowel(0.3, -0.35),
    "IH": _vowel(0.5, 0.3),
    "IY": _vowel(0.4, 0.6, 0.9),
    "UH": _vowel(0.3, -0.5, 1.2),
    "UW": _vowel(0.15, -0.9, 1.6),
    "AW": _glide((0.85, 0.1), (0.3, -0.7)),
    "AY": _glide((0.9, 0.15), (0.55, 0.45)),
    "EY": _glide((0.7, 0.5), (0.5, 0.7)),
    "OW": _glide((0.4, -0.6), (0.12, -0.9)),
    "OY": _glide((0.35, -0.7), (0.45, 0.4)),
    "B": _CLOSED,
    "M": _CLOSED,
    "P": _CLOSED,
    "F": _TUCKED,
    "V": _TUCKED,
    "W": Gesture((0.06,) * 3, (-0.9,) * 3, 1.2, 0.05, 1.6),
    "R": _tongue(0.25, -0.45, 0.8, 0.5),
    "SH": _tongue(0.35, -0.5, 1.0, 0.6),
    "ZH": _tongue(0.35, -0.5, 1.0, 0.6),
    "CH": _tongue(0.35, -0.4, 1.0, 0.6),
    "JH": _tongue(0.35, -0.4, 1.0, 0.6),
    "S": _tongue(0.3, 0.35, 0.4, 0.7),
    "Z": _tongue(0.3, 0.35, 0.4, 0.7),
    "TH": _tongue(0.35, 0.15, 0.2, 0.5),
    "DH": _tongue(0.35, 0.1, 0.2, 0.4),
    "T": _tongue(0.35, 0.1),
    "D": _tongue(0.35, 0.1),
    "N": _tongue(0.28, 0.1),
    "L": _tongue(0.35, 0.0),
    "Y": _tongue(0.35, 0.4, 0.6, 0.5),
    "K": _tongue(0.42),
    "G": _tongue(0.4),
    "NG": _tongue(0.32),
    "HH": _tongue(0.45, 0.0, 0.05, 0.1),
    "SIL": _REST,
    "+NSN+": _REST,
    "+SPN+": _REST,
}
CLOSING = ("M", "B", "P")
TUCKING = ("F", "V")
RESTING = ("SIL", "+NSN+", "+SPN+")
_LIPS_REACH_S = 0.11  # rounding starts early and ends late


def follow(chances: Floats, phones: tuple[str, ...]) -> tuple[Floats, Floats]:
    """Chances of every phone's states (n, P, 3) -> opening (n,) 0..1 and width (n,) -1..+1, 100 rows per second."""
    gestures = [GESTURES[name] for name in phones]
    openings = np.array([gesture.opening for gesture in gestures], np.float32)
    widths = np.array([gesture.width for gesture in gestures], np.float32)
    pulls = np.array([gesture.pull for gesture in gestures], np.float32)[:, None]
    reaches = np.array([gesture.reach_s for gesture in gestures])
    lips = np.array([gesture.lips for gesture in gestures], np.float32)[:, None]
    wanted, strength = np.zeros(len(chances), np.float32), np.full(len(chances), 1e-6, np.float32)
    for reach in np.unique(reaches):
        group = chances[:, reaches == reach]
        wanted += _spread(_total(group, (openings * pulls)[reaches == reach]), reach)
        strength += _spread(_total(group, np.broadcast_to(pulls, openings.shape)[reaches == reach]), reach)
    width = _spread(_total(chances, widths * lips), _LIPS_REACH_S)
    claim = _spread(_total(chances, np.broadcast_to(lips, widths.shape)), _LIPS_REACH_S)
    return wanted / strength, width / (claim + np.float32(1e-6))


def chance_of(chances: Floats, phones: tuple[str, ...], names: tuple[str, ...]) -> Floats:
    """(n,) summed chance of some phones."""
    return np.asarray(chances[:, [phones.index(name) for name in names]].sum(axis=(1, 2)), np.float32)


def _total(chances: Floats, weights: Floats) -> Floats:
    return np.asarray(np.tensordot(chances, weights, 2), np.float32)


def _spread(x: Floats, reach_s: float) -> Floats:
    """exp(-|t| / reach) on both sides."""
    reach = reach_s * ROWS_PER_S
    far = round(17 * reach)  # beyond it is less than a float can hold
    return np.asarray(convolve1d(x, np.exp(-np.abs(np.arange(-far, far + 1)) / reach), mode="constant"), np.float32)
