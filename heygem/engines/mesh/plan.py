"""What the mouth aims at in every output frame, known before the first frame comes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from heygem.face.track import FaceTrack
from heygem.speech.mouth import MouthTrack

Floats = npt.NDArray[np.float32]

# Width in face units at +1 and lost at -1: of a still face, and what a face that talks may have shown to do.
SPREADS, ROUNDS = 0.07, 0.20
SPREADS_OWN, ROUNDS_OWN = (0.07, 0.16), (0.16, 0.28)
WIDEST_OWN, NARROWEST_OWN = 97, 3  # percentiles of its width
SEALED = 0.03  # face units of opening above the closed level, below which the lips touch
PRESS_EASES = 0.7  # frames, sigma, over which lips come to press and cease to
JAW_SLOWER = 2.0  # frames, sigma: a jaw is heavy, lips make up the difference


@dataclass(frozen=True)
class Plan:
    """Per output frame (T,): `opening` in face units, `jaw` the opening that the jaw, which is slower, stands for,
    `width` as change from the face's usual width in face units, `rounding` and `tuck` 0..1, `closure`, `press` 0..1
    how hard lips are pressed together for it."""

    opening: Floats
    jaw: Floats
    width: Floats
    rounding: Floats
    tuck: Floats
    closure: npt.NDArray[np.bool_]
    press: Floats

    def __len__(self) -> int:
        return len(self.opening)


def plan(mouth: MouthTrack, face: FaceTrack) -> Plan:
    closed, widest = float(face.closed), float(face.widest)
    opening = closed + mouth.opening * (widest - closed)
    spreads, rounds = _widths(face)
    width = np.where(mouth.width > 0, spreads, rounds) * mouth.width
    jaw = gaussian_filter1d(opening, JAW_SLOWER)
    return Plan(
        opening.astype(np.float32),
        jaw.astype(np.float32),
        width.astype(np.float32),
        np.clip(-mouth.width, 0, 1),
        mouth.tuck,
        mouth.closure,
        gaussian_filter1d(mouth.closure.astype(np.float32), PRESS_EASES),
    )


def _widths(face: FaceTrack) -> tuple[float, float]:
    """How far this mouth goes apart, and how far together."""
    seen = face.width[face.drive > 0]
    if not face.talks or not len(seen):
        return SPREADS, ROUNDS
    narrow, usual, wide = np.percentile(seen, (NARROWEST_OWN, 50, WIDEST_OWN))
    return float(np.clip(wide - usual, *SPREADS_OWN)), float(np.clip(usual - narrow, *ROUNDS_OWN))
