"""Many pictures of an open mouth → one model of its inside.

Each picture shows a part of it, in its own light and at its own place. They are brought onto each other by the fine
structure of the teeth, once with the skull and once with the jaw, and averaged where they show an inside and not a lip.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from heygem.face.mouth.drawn import drawn_row
from heygem.face.mouth.layers import Layer, Mouth
from heygem.face.mouth.patches import Patches, patch_shape
from heygem.face.mouth.register import moved, offsets, structure
from heygem.face.mouth.row import Row, layer_of
from heygem.face.mouth.tissue import BLACK, Tissue, step, tissues

Floats = npt.NDArray[np.float32]

ROUNDS = 3  # of bringing all pictures onto what they gave together
AGREE = 0.25, 0.65  # of structures: below the first a picture counts for nothing, above the second fully
TURNED = 0.25  # radians of head turn beside the usual one: such pictures count for little
WIDE, NARROW_SHARE = (0.10, 0.20), 0.1  # face units of opening that tell where teeth end, and the share of narrower ones
UNUSUAL = 22.0  # levels of luma, sigma: what is that far off the mean is a tongue, a light or a lip
HELD = 0.5  # weight of pictures, and of them the share that show a tooth, for one to be there
CLOSE = 0.014  # face units: gaps between teeth are part of the row
LEAST = (0.22, 0.025)  # width and height of a row that is one, face units
SHARPEN = 0.7, 0.012  # what averaging took away: share, and sigma in face units
BAND = 0.03  # face units above and below the middle teeth in which the others of the row lie
BELOW_UPPER = 0.02  # face units below the upper teeth's edges from which on teeth may be lower ones
JAW_ROOM = 0.06  # face units of chin movement that part the rows
CAVITY, TONGUE = (20.0, (0.12, 0.42)), (75.0, (0.35, 0.75))  # percentiles of what is no tooth, and their bounds
USUAL_CAVITY, USUAL_TONGUE = 0.20, 0.58


@dataclass
class _Mean:
    """What pictures gave together: `luma` (h, w), `chroma` (h/2, w/2, 2), `known` (h, w) by what weight, `tooth` 0..1
    the share of them that shows one."""

    luma: Floats
    chroma: Floats
    known: Floats
    tooth: Floats


def gather(patches: Patches, light: Floats, rest: float) -> Mouth:
    """`light` (T,) is the skin's luma in each frame; `rest` how far below the nose the lips meet, face units."""
    kept = patches.kept
    usual = float(np.median(light[[patch.frame for patch in kept]] if kept else light))
    turn = float(np.median([patch.yaw for patch in kept])) if kept else 0.0
    seen = tissues(patches, light, usual) if kept else []
    upper = _upper(patches, seen, turn)
    row = upper[0] if upper else drawn_row(patches.lips, usual, rest, patches.scale)
    lower = _lower(patches, seen, *upper[1:], row) if upper else None
    blank = np.zeros(patch_shape(patches.scale), np.uint8)
    nothing = Layer(blank, np.zeros((*(size // 2 for size in blank.shape), 2), np.uint8), blank)
    cavity, tongue = _behind(patches, seen)
    return Mouth(
        upper=layer_of(row, patches.lips, patches.scale),
        lower=_flipped(layer_of(lower, patches.lips, patches.scale)) if lower else nothing,
        scale=np.array(patches.scale, np.float32),
        yaw=np.array(turn, np.float32),
        light=np.array(usual, np.float32),
        cavity=np.array(cavity, np.float32),
        tongue=np.array(tongue, np.float32),
        lips=patches.lips,
        seen=np.array(upper is not None),
    )


def _upper(patches: Patches, seen: list[Tissue], turn: float) -> tuple[Row, Floats, Floats] | None:
    """The row that stays with the skull, and by what and how surely each picture was moved to it; None if never seen."""
    if not seen or max(one.tooth.sum() for one in seen) < np.prod(LEAST) * patches.scale**2:
        return None
    near = np.exp(-(((np.array([patch.yaw for patch in patches.kept]) - turn) / TURNED) ** 2)).astype(np.float32)
    wide = NARROW_SHARE + step(np.array([patch.opening for patch in patches.kept], np.float32), *WIDE)
    fine = [structure(one.luma, one.inner, patches.scale) for one in seen]
    crisp = _crisp(seen)
    best = int(np.argmax([one.tooth.sum() * share for one, share in zip(seen, near * crisp, strict=True)]))
    reference, where = fine[best], seen[best].tooth > HELD
    for _ in range(ROUNDS):
        found = offsets(fine, reference, where, patches.scale)
        sure = near * crisp * ((found[:, 2] - AGREE[0]) / (AGREE[1] - AGREE[0])).clip(0, 1)
        mean = _mean(seen, [one.tooth for one in seen], found, sure, wide)
        solid = (mean.tooth > HELD) & (mean.known > HELD)
        if not solid.any():
            return None
        reference, where = structure(mean.luma, (mean.known / 1.5).clip(0, 1), patches.scale), solid
    row = _row(mean, patches.scale)
    return (row, found, sure) if row else None


def _crisp(seen: Sequence[Tissue]) -> Floats:
    """How sharp each picture's teeth are, of the sharpest."""
    detail = [float((cv2.Laplacian(one.luma, cv2.CV_32F) ** 2 * one.tooth).sum() / (one.tooth.sum() + 20)) for one in seen]
    return np.asarray(np.array(detail, np.float32) / max(max(detail), 1e-6), np.float32)


def _lower(patches: Patches, seen: list[Tissue], found: Floats, sure: Floats, upper: Row) -> Row | None:
    """The row that goes with the jaw, upside down; None if it is never seen."""
    scale = patches.scale
    chins = np.array([patch.chin - patches.chin for patch in patches.kept], np.float32)
    jaw = np.stack([found[:, 0], -chins * scale + found[:, 1]], axis=-1)
    rows = np.arange(seen[0].luma.shape[0], dtype=np.float32)[:, None]
    beyond = step(rows - upper.edge, 0.5 * BELOW_UPPER * scale, BELOW_UPPER * scale)
    teeth = [one.tooth * moved(beyond, -by[:2]) for one, by in zip(seen, found, strict=True)]
    share = sure * step(chins, 0.5 * JAW_ROOM, JAW_ROOM)
    if not share.any():
        return None
    mean = _mean(seen, teeth, jaw, share, np.ones_like(share))
    upside_down = _Mean(*(np.ascontiguousarray(plane[::-1]) for plane in vars(mean).values()))
    return _row(upside_down, scale)


def _mean(
    seen: Sequence[Tissue], teeth: Sequence[Floats], by: Floats, weights: Floats, telling: Floats
) -> _Mean:
    """Pictures (K,) moved `by` (K, 2 or more) pixels; `telling` (K,) how much each says where teeth are."""
    height, width = seen[0].luma.shape
    lumas = [moved(one.luma, move) for one, move in zip(seen, by, strict=True)]
    shown = [weight * moved(one.inner, move) for one, weight, move in zip(seen, weights, by, strict=True)]
    mean = sum(np.multiply(*pair) for pair in zip(lumas, shown, strict=True)) / np.maximum(sum(shown), 1e-3)
    shown = [part * np.exp(-(((luma - mean) / UNUSUAL) ** 2)) for luma, part in zip(lumas, shown, strict=True)]
    known = np.asarray(sum(shown), np.float32)
    mean = sum(np.multiply(*pair) for pair in zip(lumas, shown, strict=True)) / np.maximum(known, 1e-3)
    chroma, half = np.zeros((height // 2, width // 2, 2), np.float32), np.zeros((height // 2, width // 2, 1), np.float32)
    tooth, inside = np.zeros_like(known), np.zeros_like(known)
    for one, part, own, weight, tells, move in zip(seen, shown, teeth, weights, telling, by, strict=True):
        small = cv2.resize(part, (width // 2, height // 2), interpolation=cv2.INTER_AREA)[..., None]
        chroma += small * moved(one.chroma.astype(np.float32), move / 2)
        half += small
        tooth += weight * tells * moved(own, move)
        inside += weight * tells * moved(one.inside, move)
    return _Mean(
        np.asarray(mean, np.float32),
        np.asarray(chroma / np.maximum(half, 1e-3), np.float32),
        known,
        np.asarray(tooth / np.maximum(inside, 0.05), np.float32),
    )


def _row(mean: _Mean, scale: float) -> Row | None:
    """The row of teeth that is seen in a mean picture, hanging down; None without one."""
    solid = ((mean.tooth > HELD) & (mean.known > HELD)).astype(np.uint8)
    reach = max(1, round(CLOSE * scale))
    solid = cv2.morphologyEx(
        solid, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    )
    count, labels, stats, centres = cv2.connectedComponentsWithStats(solid)
    if count < 2:
        return None
    main = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    top, high = int(stats[main, cv2.CC_STAT_TOP]), int(stats[main, cv2.CC_STAT_HEIGHT])
    band = top - BAND * scale, top + high + BAND * scale
    others = [i for i in range(1, count) if band[0] < centres[i][1] < band[1]]
    row = np.isin(labels, others)
    columns = np.flatnonzero(row.any(axis=0))
    if np.ptp(columns) < LEAST[0] * scale or high < LEAST[1] * scale:
        return None
    everywhere = np.arange(row.shape[1])
    first = np.interp(everywhere, columns, row.argmax(axis=0)[columns]).astype(np.float32)
    last = np.interp(everywhere, columns, (len(row) - 1 - row[::-1].argmax(axis=0))[columns]).astype(np.float32)
    smooth = cv2.GaussianBlur(last[None], (0, 0), max(0.6, 0.006 * scale), borderType=cv2.BORDER_REPLICATE)[0]
    middle = np.clip((first + last) / 2, 0, len(row) - 1).astype(int)
    shown = np.flatnonzero(mean.known[middle, everywhere] > HELD)
    soft = cv2.GaussianBlur(mean.luma, (0, 0), max(0.7, SHARPEN[1] * scale))
    luma = mean.luma + SHARPEN[0] * (mean.luma - soft)
    return Row(luma, mean.chroma, first, smooth + 0.5, int(shown[0]), int(shown[-1]))


def _flipped(layer: Layer) -> Layer:
    return Layer(*(np.ascontiguousarray(plane[::-1]) for plane in vars(layer).values()))


def _behind(patches: Patches, seen: list[Tissue]) -> tuple[float, float]:
    """Lumas of the dark and of the tongue, of the lips', where a wide mouth shows what is no tooth."""
    wide = [one for one, patch in zip(seen, patches.kept, strict=True) if patch.opening > WIDE[1]]
    values = [one.luma[(one.inner > 0.5) & (one.tooth < 0.2)] for one in wide]
    if sum(map(len, values)) < 200:
        return USUAL_CAVITY, USUAL_TONGUE
    shares = (np.concatenate(values) - BLACK) / max(float(patches.lips[0]) - BLACK, 1.0)
    cavity, tongue = (float(np.clip(np.percentile(shares, at), *bounds)) for at, bounds in (CAVITY, TONGUE))
    return cavity, max(tongue, cavity + 0.1)
