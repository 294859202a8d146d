"""What is seen of a mouth's inside in one picture: where it is, and which of it are teeth."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from heygem.face.mouth.patches import ABOVE, HALF_WIDTH, Patch, Patches
from heygem.media.frame import Plane

Floats = npt.NDArray[np.float32]

BLACK = 16.0
GAINS = 0.6, 1.6  # of light between two pictures, at most
INNER = 0.012  # face units within the lips' edges that surely are no lip
# Redness is Cr over luma, of the lips': teeth have less than lips, tongue and gums.
PALE, TOOTH_RED, LIP_RED = 0.62, 0.55, 0.8
LEAST_LUMA = 12.0
BRIGHT, DARK = 85, 5  # percentiles of what is pale, and of all that is inside
MIDDLE, SOFT = 0.5, 0.15  # of the way from dark to bright: where teeth begin, and how soon
ENOUGH = 50  # pixels of all pictures that are pale


@dataclass(frozen=True)
class Tissue:
    """One patch: `luma` (h, w) in the common light, `chroma` (h/2, w/2, 2), and 0..1 (h, w) `inside` the lips, `inner`
    surely so, and `tooth` how much it looks like one."""

    luma: Floats
    chroma: Plane
    inside: Floats
    inner: Floats
    tooth: Floats


def tissues(patches: Patches, light: Floats, common: float) -> list[Tissue]:
    """Of each patch kept. `light` (T,) is the skin's luma in each frame, `common` the one that all are brought to."""
    seen = [_seen(patch, patches.scale, float(light[patch.frame]), common) for patch in patches.kept]
    lips = patches.lips
    usual = (lips[2] - 128) / max(lips[0] - BLACK, LEAST_LUMA)
    redness = [_red(luma, chroma) / max(float(usual), 0.02) for luma, chroma, _, _ in seen]
    within = np.concatenate([luma[inside > 0.5] for luma, _, inside, _ in seen])
    pale = within[np.concatenate([red[one[2] > 0.5] for red, one in zip(redness, seen, strict=True)]) < PALE]
    if len(pale) < ENOUGH:
        return [Tissue(*one, np.zeros_like(one[0])) for one in seen]
    dark, bright = float(np.percentile(within, DARK)), float(np.percentile(pale, BRIGHT))
    middle, soft = dark + MIDDLE * (bright - dark), max(SOFT * (bright - dark), 1.0)
    return [
        Tissue(*one, one[2] * step(one[0], middle - soft, middle + soft) * (1 - step(red, TOOTH_RED, LIP_RED)))
        for one, red in zip(seen, redness, strict=True)
    ]


def step(values: Floats, low: float, high: float) -> Floats:
    """0 below `low`, 1 above `high`, smooth between them."""
    part = ((values - np.float32(low)) / np.float32(high - low)).clip(0, 1)
    return np.asarray(part * part * (3 - 2 * part), np.float32)


def _seen(patch: Patch, scale: float, light: float, common: float) -> tuple[Floats, Plane, Floats, Floats]:
    gain = min(max(common / max(light, 1.0), GAINS[0]), GAINS[1])
    luma = BLACK + (patch.planes[0].astype(np.float32) - BLACK) * np.float32(gain)
    outline = (np.concatenate([patch.upper, patch.lower[::-1]]) + np.array([HALF_WIDTH, ABOVE])) * scale
    mask = np.zeros(luma.shape, np.uint8)
    cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], [255], lineType=cv2.LINE_AA, shift=4)
    reach = max(1, round(INNER * scale))
    inner = cv2.erode(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)))
    chroma = np.asarray(cv2.merge(list(patch.planes[1:])), np.uint8)
    return luma, chroma, mask / np.float32(255), inner / np.float32(255)


def _red(luma: Floats, chroma: Plane) -> Floats:
    height, width = luma.shape
    red = cv2.resize(chroma[..., 1].astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray((red - 128) / np.maximum(luma - BLACK, LEAST_LUMA), np.float32)
