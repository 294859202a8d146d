"""What is seen of a mouth's inside in one picture: where it is, and which of it are teeth."""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from heygem.face.mouth.patches import ABOVE, HALF_WIDTH, Patch, Patches
from heygem.media.frame import Plane

Floats = npt.NDArray[np.float32]

BLACK = 16.0
GAINS = 0.6, 1.6  # of light between two pictures, at most
INNER = 0.012  # face units within the lips' edges that surely are no lip
# Redness is Cr over luma, of the lips': teeth have less than lips, tongue and gums, in some lights and beside some lips
# much less. A mouth whose brightest parts are redder than the first shows none; between its teeth's own and the lips'
# lies where teeth are no more, surely no more from the last on.
PALE, REDDER = 0.75, (0.25, 0.5)
LEAST_LUMA, LEAST_RED = 12.0, 0.02
BRIGHT, DARK = 90, 5  # percentiles of what is inside
DEEP = 0.15, 0.35  # of the way from dark to bright: surely dark, and no more
MIDDLE, SOFT = 0.42, 0.15  # of the way from dark to bright: where teeth begin, and how soon
ENOUGH = 50  # pixels of all pictures that are inside


@dataclass(frozen=True)
class Tissue:
    """One patch: `luma` (h, w) in the common light, `chroma` (h/2, w/2, 2), and 0..1 (h, w) `inside` the lips, `inner`
    surely so, `tooth` how much it looks like one, and `dark` how much like the depth of a mouth."""

    luma: Floats
    chroma: Plane
    inside: Floats
    inner: Floats
    tooth: Floats
    dark: Floats


def tissues(patches: Patches, light: Floats, common: float) -> list[Tissue]:
    """Of each patch kept. `light` (T,) is the skin's luma in each frame, `common` the one that all are brought to."""
    seen = [_seen(patch, patches.scale, float(light[patch.frame]), common) for patch in patches.kept]
    reds = [redness(luma, chroma, patches.lips) for luma, chroma, _, _ in seen]
    within = np.concatenate([luma[inside > 0.5] for luma, _, inside, _ in seen])
    nothing = [Tissue(*one, np.zeros_like(one[0]), np.zeros_like(one[0])) for one in seen]
    if len(within) < ENOUGH:
        return nothing
    dark, bright = np.percentile(within, [DARK, BRIGHT]).tolist()
    red = np.concatenate([red[one[2] > 0.5] for red, one in zip(reds, seen, strict=True)])
    own = float(np.median(red[within >= bright]))
    if own > PALE:
        return nothing
    redder = [own + share * (1 - own) for share in REDDER]
    middle, soft = dark + MIDDLE * (bright - dark), max(SOFT * (bright - dark), 1.0)
    deep = [dark + share * max(bright - dark, 1.0) for share in DEEP]
    return [
        replace(
            one,
            tooth=one.inside * step(one.luma, middle - soft, middle + soft) * (1 - step(red, *redder)),
            dark=one.inside * (1 - step(one.luma, *deep)),
        )
        for one, red in zip(nothing, reds, strict=True)
    ]


def step(values: Floats, low: float, high: float) -> Floats:
    """0 below `low`, 1 above `high`, smooth between them."""
    part = ((values - np.float32(low)) / np.float32(high - low)).clip(0, 1)
    return np.asarray(part * part * (3 - 2 * part), np.float32)


def redness(luma: Floats, chroma: npt.NDArray[Any], lips: Floats) -> Floats:
    """Cr (h/2, w/2, 2: Cb, Cr) over luma (h, w), of the lips' (3,)."""
    height, width = luma.shape
    red = cv2.resize(chroma[..., 1].astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    usual = max(float(lips[2] - 128) / max(float(lips[0]) - BLACK, LEAST_LUMA), LEAST_RED)
    return np.asarray((red - 128) / np.maximum(luma - BLACK, LEAST_LUMA) / usual, np.float32)


def _seen(patch: Patch, scale: float, light: float, common: float) -> tuple[Floats, Plane, Floats, Floats]:
    gain = min(max(common / max(light, 1.0), GAINS[0]), GAINS[1])
    luma = np.asarray(BLACK + (patch.planes[0].astype(np.float32) - BLACK) * gain, np.float32)
    outline = (np.concatenate([patch.upper, patch.lower[::-1]]) + np.array([HALF_WIDTH, ABOVE])) * scale
    mask = np.zeros(luma.shape, np.uint8)
    cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], [255], lineType=cv2.LINE_AA, shift=4)
    reach = max(1, round(INNER * scale))
    inner = cv2.erode(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)))
    chroma = np.asarray(cv2.merge(list(patch.planes[1:])), np.uint8)
    return luma, chroma, mask.astype(np.float32) / np.float32(255), inner.astype(np.float32) / np.float32(255)
