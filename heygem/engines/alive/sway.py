"""How head and chest move while somebody speaks: drifting, turning anew with a phrase, nodding with its stresses."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from heygem.media.info import FPS
from heygem.speech.rhythm import Rhythm

Floats = npt.NDArray[np.float64]

EASE_S = 1.0  # from rest at the beginning, and back to it at the end
DRIFT = {"nod": (0.5, 20), "turn": (1.0, 26), "tilt": (0.4, 34), "shift": (0.35, 30)}  # degrees or .01, sigma in frames
POSTURE = {"nod": 0.7, "turn": 3.2, "tilt": 1.6, "shift": 1.2}  # the same units, at most
POSTURE_FRAMES, POSTURE_S = 7.0, 2.2  # sigma of a change, and seconds that one is kept at least
SILENT = 0.55  # of all that, while nothing is said
NOD, NOD_BEFORE, NOD_FRAMES, NOD_LATE = 2.2, 0.4, 2.6, 2  # degrees, and how much of it up before; sigma; after stress
LIFT, LIFT_FRAMES = 0.7, 7.0  # degrees up while it is loud
BROW, BROW_FROM, BROW_FRAMES = 0.035, 0.55, 4.0  # face units up, at stresses from so strong on
BREATH = 0.03  # face units from empty to full
INHALE_S, EXHALE_S, REST_S = 0.55, 4.5, 3.9  # before a phrase; while speaking; one breath in silence
BREATH_FRAMES = 4.0


@dataclass(frozen=True)
class Motion:
    """Per output frame (T,): `nod` down, `turn` and `tilt` towards the picture's right in radians; `shift` to its
    right, `breath` and `brow` up in face units. All begin and end at 0."""

    nod: Floats
    turn: Floats
    tilt: Floats
    shift: Floats
    breath: Floats
    brow: Floats

    def rows(self) -> Floats:
        """(T, 6) in this order."""
        return np.stack(list(vars(self).values()), axis=1)


def motion(rhythm: Rhythm, chance: np.random.Generator) -> Motion:
    count = len(rhythm)
    ease = _ease(count)
    lively = SILENT + (1 - SILENT) * gaussian_filter1d(rhythm.speaking.astype(np.float64), FPS / 2)
    held = _held(rhythm, chance)
    slow = {
        name: (_noise(count, sigma, chance) * size + POSTURE[name] * held[name]) * lively
        for name, (size, sigma) in DRIFT.items()
    }
    nod = slow["nod"] + _nods(rhythm) - LIFT * _loud(rhythm)
    nod, turn, tilt = (np.radians(values) * ease for values in (nod, slow["turn"], slow["tilt"]))
    strong = np.where(rhythm.stress > BROW_FROM, rhythm.stress, 0)
    brow = BROW * np.minimum(1, gaussian_filter1d(strong, BROW_FRAMES) * BROW_FRAMES * 2.5)
    return Motion(nod, turn, tilt, slow["shift"] / 100 * ease, _breath(rhythm, chance) * ease, brow * ease)


def _ease(count: int) -> Floats:
    """0 at both ends, 1 between."""
    t = np.minimum(np.arange(count), np.arange(count)[::-1]) / min(EASE_S * FPS, max(1.0, count / 3))
    t = t.clip(0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def _noise(count: int, sigma: float, chance: np.random.Generator) -> Floats:
    """Aimless and never the same again; deviation 1."""
    reach = int(4 * sigma)
    smooth = gaussian_filter1d(chance.standard_normal(count + 2 * reach), sigma)[reach : reach + count]
    return np.asarray(smooth * np.sqrt(2 * sigma * np.sqrt(np.pi)))


def _held(rhythm: Rhythm, chance: np.random.Generator) -> dict[str, Floats]:
    """-1 … 1: where the head is held from one phrase, or strong stress, to the next."""
    begins = np.flatnonzero(~rhythm.speaking[:-1] & rhythm.speaking[1:])
    moments = sorted({0, *begins.tolist(), *np.flatnonzero(rhythm.stress > 0.5).tolist()})
    result = {name: np.zeros(len(rhythm)) for name in POSTURE}
    last = -FPS * POSTURE_S
    for moment in moments:
        if moment - last < FPS * POSTURE_S * (0.8 + 0.9 * chance.random()):
            continue
        last = moment
        for values in result.values():
            values[moment:] = -0.35 * values[moment - 1] + 0.75 * chance.uniform(-1, 1)
    return {name: gaussian_filter1d(values, POSTURE_FRAMES, mode="nearest") for name, values in result.items()}


def _nods(rhythm: Rhythm) -> Floats:
    """Degrees down: a little up before each stressed syllable, down on it."""
    scale = NOD_FRAMES * np.sqrt(2 * np.pi)
    down = gaussian_filter1d(np.roll(rhythm.stress.astype(np.float64), NOD_LATE), NOD_FRAMES) * scale
    up = gaussian_filter1d(np.roll(rhythm.stress.astype(np.float64), -2 * NOD_LATE), NOD_FRAMES) * scale
    return np.asarray(NOD * (np.tanh(down) - NOD_BEFORE * np.tanh(up)))


def _loud(rhythm: Rhythm) -> Floats:
    return np.asarray(gaussian_filter1d(rhythm.loudness.astype(np.float64), LIFT_FRAMES))


def _breath(rhythm: Rhythm, chance: np.random.Generator) -> Floats:
    """Drawn before a phrase, spent on it; even where nobody speaks."""
    speaking = rhythm.speaking
    begins = np.flatnonzero(~speaking[:-1] & speaking[1:]) + 1
    drawn = np.zeros(len(rhythm), bool)
    for begin in begins:
        drawn[max(0, begin - round(INHALE_S * FPS)) : begin] = True
    air, phase = 0.35, chance.uniform(0, 2 * np.pi)
    result = np.empty(len(rhythm))
    for t in range(len(rhythm)):
        if drawn[t]:
            air += (1 - air) * 0.17
        elif speaking[t]:
            air -= air / (EXHALE_S * FPS) * 2
        else:
            wanted = 0.4 + 0.3 * np.sin(2 * np.pi * t / (REST_S * FPS) + phase)
            air += (wanted - air) * 0.08
        result[t] = air
    return np.asarray(BREATH * gaussian_filter1d(result, BREATH_FRAMES))
