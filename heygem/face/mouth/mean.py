"""What many pictures of one thing give together."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from heygem.face.mouth.register import moved
from heygem.face.mouth.tissue import Tissue

Floats = npt.NDArray[np.float32]

FAINT = 0.003  # weight of pictures that is none
UNUSUAL = 22.0  # levels of luma, sigma: what is that far off the mean is a tongue, a light or a lip
HELD = 0.5  # weight of pictures, and of them the share that show a tooth, for one to be there


@dataclass(frozen=True)
class Mean:
    """`luma` (h, w), `chroma` (h/2, w/2, 2), `known` (h, w) by what weight, `tooth` 0..1 the share that shows one."""

    luma: Floats
    chroma: Floats
    known: Floats
    tooth: Floats

    @property
    def solid(self) -> npt.NDArray[np.bool_]:
        return np.asarray((self.tooth > HELD) & (self.known > HELD))

    def upside_down(self) -> "Mean":
        return Mean(*(np.ascontiguousarray(plane[::-1]) for plane in vars(self).values()))


def mean_of(
    seen: Sequence[Tissue],
    teeth: Sequence[Floats],
    moves: Floats,
    weights: Floats,
    telling: Floats,
) -> Mean:
    """Pictures (K,) moved by `moves` (K, 2) pixels and weighed by `weights` (K,). `teeth` (h, w) of each say
    where teeth are, `telling` (K,) how much a picture has to say about that."""
    height, width = seen[0].luma.shape
    lumas = [moved(one.luma, move) for one, move in zip(seen, moves, strict=True)]
    shown = [weight * moved(one.inner, move) for one, weight, move in zip(seen, weights, moves, strict=True)]
    mean = _weighed(lumas, shown)
    shown = [part * np.exp(-(((luma - mean) / UNUSUAL) ** 2)) for luma, part in zip(lumas, shown, strict=True)]
    small = [cv2.resize(part, (width // 2, height // 2), interpolation=cv2.INTER_AREA)[..., None] for part in shown]
    chromas = [moved(one.chroma.astype(np.float32), move / 2) for one, move in zip(seen, moves, strict=True)]
    tooth, inside = np.zeros_like(mean), np.full_like(mean, FAINT)
    for one, own, weight, move in zip(seen, teeth, weights * telling, moves, strict=True):
        tooth += weight * moved(own, move)
        inside += weight * moved(one.inside, move)
    return Mean(
        _weighed(lumas, shown), _weighed(chromas, small), np.sum(shown, axis=0, dtype=np.float32), tooth / inside
    )


def _weighed(planes: Sequence[Floats], weights: Sequence[Floats]) -> Floats:
    total, weight = np.zeros_like(planes[0]), np.full_like(weights[0], 1e-3)
    for plane, share in zip(planes, weights, strict=True):
        total += plane * share
        weight += share
    return np.asarray(total / weight, np.float32)
