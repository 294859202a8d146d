"""What lies between and behind the rows of teeth: the tongue and the dark, without any detail."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from heygem.face.mouth.layers import Layer
from heygem.face.mouth.mean import HELD, mean_of
from heygem.face.mouth.tissue import BLACK, Tissue
from heygem.media.frame import Plane

Floats = npt.NDArray[np.float32]

LEAST = 0.2  # square face units of it in all pictures, from which on it is the person's own
WITHIN = 0.015  # face units within the lips: they are redder and brighter than all that lies behind
BRIGHTEST = 0.68  # of the lips' luma: a tongue lies in the mouth's shade, what is brighter is the lip before it
SOFT, NEAR = 0.028, 0.35  # face units, sigma, of detail that is left out; weight that is near enough
WIDER = (2, 4)  # of that sigma: how far what is known is spread


def floor_of(
    seen: Sequence[Tissue], hidden: Sequence[Floats], jaw: Floats, weights: Floats, lips: float, scale: float
) -> Layer | None:
    """`hidden` (h, w) of each picture is 1 where teeth stand before it; `jaw` (K, 2) moves it, in pixels, to where it
    is while the mouth is shut; `lips` is the lips' mean luma. None where too little is seen."""
    reach = max(1, round(WITHIN * scale))
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    bare = [
        replace(one, inner=np.asarray(cv2.erode(one.inner, kernel), np.float32) * (1 - teeth))
        for one, teeth in zip(seen, hidden, strict=True)
    ]
    if sum(weight * one.inner.sum() for weight, one in zip(weights, bare, strict=True)) < LEAST * scale**2:
        return None
    mean = mean_of(bare, hidden, jaw, weights, weights)
    known = (mean.known / HELD).clip(0, 1)
    size = known.shape[1] // 2, known.shape[0] // 2
    half = np.asarray(cv2.resize(known, size, interpolation=cv2.INTER_AREA), np.float32)
    luma, alpha = _spread(np.minimum(mean.luma, BLACK + BRIGHTEST * (lips - BLACK)), known, scale)
    chroma = [_spread(np.ascontiguousarray(mean.chroma[..., i]), half, scale / 2)[0] for i in range(2)]
    return Layer(_levels(luma), _levels(np.stack(chroma, axis=-1)), _levels(255 * alpha))


def _spread(plane: Floats, known: Floats, scale: float) -> tuple[Floats, Floats]:
    """What is known of a plane (h, w) without detail, beyond that what is next to it; and how near that is, 0..1."""
    soft = max(0.8, SOFT * scale)
    filled, weight = _near(plane, known, soft)
    sure = (weight / NEAR).clip(0, 1)
    for wider in WIDER:
        near, weight = _near(plane, known, wider * soft)
        takes = (weight / NEAR).clip(0, 1) * (1 - sure)
        filled += takes / np.maximum(takes + sure, 1e-4) * (near - filled)
        sure += takes
    return filled, sure


def _near(plane: Floats, known: Floats, sigma: float) -> tuple[Floats, Floats]:
    weight = np.asarray(cv2.GaussianBlur(known, (0, 0), sigma), np.float32)
    return np.asarray(cv2.GaussianBlur(plane * known, (0, 0), sigma) / np.maximum(weight, 1e-4), np.float32), weight


def _levels(values: Floats) -> Plane:
    return np.asarray(values.clip(0, 255) + 0.5, np.uint8)
