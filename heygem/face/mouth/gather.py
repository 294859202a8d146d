"""Many pictures of an open mouth → one model of its inside.

Each picture shows a part of it, in its own light and at its own place. They are brought onto each other by the fine
structure of the teeth, once with the skull and once with the jaw, and averaged where they show an inside and not a lip.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from heygem.face.mouth.drawn import drawn_row, usual_tooth
from heygem.face.mouth.floor import floor_of
from heygem.face.mouth.layers import Layer, Mouth
from heygem.face.mouth.mean import Mean, mean_of
from heygem.face.mouth.parts import Parts, parts, settled
from heygem.face.mouth.patches import BELOW, Patches, patch_shape
from heygem.face.mouth.register import moved, offsets, structure
from heygem.face.mouth.row import Row, layer_of, row_in
from heygem.face.mouth.tissue import Tissue, step, tissues

Floats = npt.NDArray[np.float32]

ROUNDS = 3  # of bringing all pictures onto what they gave together
AGREE = 0.25, 0.65  # of structures: below the first a picture counts for nothing, above the second fully
TURNED = 0.25  # radians of head turn beside the usual one: such pictures count for little
WIDE, NARROW_SHARE = (0.10, 0.20), 0.1  # face units of opening that tell where teeth end; share of narrower ones
FOLLOWS, FOLLOWS_LEAST, FOLLOWS_MOST = 0.6, 0.3, 1.0  # of the lower lip's way, that a jaw goes
LIPS_VARY = 0.03  # face units of lower lip that tell it
LONGEST = 0.16  # face units that upper teeth reach below where the lips meet: what is longer are both rows
UPPER, LOWER = 0.22, 0.3  # face units of width of a row that is one: below, a wet lip may shine like a tooth
CHIN = 0.65  # of a chin's way that the lower teeth go: it is farther from the joint, and its skin slides
UNSEEN = 0.02  # face units that teeth which are never seen end above where they would show
TELLING, TELLING_SHARE = (
    2,
    0.4,
)  # pictures of upper teeth beyond doubt, and of the largest, from which on others are none
SHOWN = 0.006  # square face units of teeth in one picture, from which on a row was seen
BEYOND = 0.02  # face units below the upper teeth's edges from which on something else is seen


@dataclass(frozen=True)
class _Rows:
    """Of K pictures: `moves` (K, 2) in pixels that bring a row of teeth together, how `sure` (K,) each is there, and
    what they give, `mean`."""

    moves: Floats
    sure: Floats
    mean: Mean


def gather(patches: Patches, light: Floats, rest: float) -> Mouth:
    """`light` (T,) is the skin's luma in each frame; `rest` how far below the nose the lips meet, face units."""
    kept, scale, lips = patches.kept, patches.scale, patches.lips
    usual = float(np.median(light[[patch.frame for patch in kept]] if kept else light))
    turn = float(np.median([patch.yaw for patch in kept])) if kept else 0.0
    seen = tissues(patches, light, usual) if kept else []
    split = settled([parts(one, scale) for one in seen])
    upper, lower, floor, jaw = _seen(patches, seen, split, turn, rest)
    tooth = lower.colour if lower else usual_tooth(lips, usual)
    wide = [patch.upper[5, 1] for patch in kept if patch.opening > WIDE[0]]
    covered = min(rest, float(np.median(wide)) - UNSEEN) if wide else rest  # else they would have been seen
    nothing = Layer.nothing(*patch_shape(scale))
    return Mouth(
        upper=layer_of(upper or drawn_row(tooth, covered, scale), lips, scale),
        lower=_flipped(layer_of(lower, lips, scale)) if lower else nothing,
        floor=floor or nothing,
        scale=np.array(scale, np.float32),
        jaw=np.array(jaw, np.float32),
        yaw=np.array(turn, np.float32),
        light=np.array(usual, np.float32),
        lips=lips,
        seen=np.array(upper is not None),
    )


def _seen(
    patches: Patches, seen: list[Tissue], split: list[Parts], turn: float, rest: float
) -> tuple[Row | None, Row | None, Layer | None, tuple[float, float]]:
    """The upper row, the lower one upside down, the floor, None for what is never seen; and the jaw, see `Mouth`."""
    if not seen:
        return None, None, None, (FOLLOWS, rest)
    scale = patches.scale
    opening, chin, yaw = (
        np.array([getattr(patch, name) for patch in patches.kept], np.float32) for name in ("opening", "chin", "yaw")
    )
    near = np.exp(-(((yaw - turn) / TURNED) ** 2)).astype(np.float32)
    wide = NARROW_SHARE + step(opening, *WIDE)
    at_rest = np.zeros((len(seen), 2), np.float32)
    telling = wide * _certain(split, [one.upper for one in split], scale)
    fine = [structure(one.luma, one.inner, scale) for one in seen]
    above = _rows(seen, [one.upper for one in split], fine, at_rest, near, telling, scale)
    upper = row_in(above.mean, scale, rest + LONGEST, UPPER) if above else None
    skull = above.moves if above else at_rest
    jaw = np.stack([skull[:, 0], skull[:, 1] - CHIN * (chin - patches.chin) * scale], axis=-1)
    hidden = [_hidden(one, upper, move, scale) for one, move in zip(split, skull, strict=True)]
    fine = [structure(one.luma, one.inner * (1 - above), scale) for one, above in zip(seen, hidden, strict=True)]
    below = _rows(
        seen,
        [one.lower for one in split],
        fine,
        jaw,
        near,
        wide * _certain(split, [one.lower for one in split], scale),
        scale,
    )
    lower = row_in(below.mean.upside_down(), scale, BELOW, LOWER) if below else None
    teeth = [np.maximum(above, _grown(one.lower, scale)) for above, one in zip(hidden, split, strict=True)]
    floor = floor_of(seen, teeth, jaw, near * step(opening, *WIDE), float(patches.lips[0]), scale)
    weights = near
    if below and lower:
        jaw, weights = below.moves, near * below.sure * np.array([one.lower.sum() for one in split], np.float32)
    lips = np.array([patch.lower[5, 1] for patch in patches.kept], np.float32)
    return upper, lower, floor, _follows(lips, (skull[:, 1] - jaw[:, 1]) / scale, weights, rest)


def _certain(split: Sequence[Parts], teeth: Sequence[Floats], scale: float) -> Floats:
    """How much each picture (K,) says about where teeth are: little if it shows few, as in a lip's shade; nothing if it
    is in doubt and enough others are not."""
    certain = np.array([one.certain for one in split], np.float32)
    areas = np.array([float(own.sum()) for own in teeth], np.float32)
    many = max(SHOWN * scale**2, TELLING_SHARE * float(areas.max(initial=0)))
    if ((certain == 1) & (areas > many)).sum() >= TELLING:
        certain[certain < 1] = 0
    return np.asarray(certain * (areas / np.float32(many)).clip(0, 1), np.float32)


def _follows(lips: Floats, jaw: Floats, weights: Floats, rest: float) -> tuple[float, float]:
    """How much of the lower lip's way the jaw goes, and from where on: a line through `jaw` (K,) over `lips` (K,), both
    below the nose in face units."""
    middle, at = (float(np.average(values, weights=weights + 1e-6)) for values in (lips, jaw))
    spread = float(np.average((lips - middle) ** 2, weights=weights + 1e-6))
    if spread < LIPS_VARY**2:
        return FOLLOWS, max(rest, middle - at / FOLLOWS)
    slope = float(np.average((lips - middle) * (jaw - at), weights=weights + 1e-6)) / spread
    slope = min(max(slope, FOLLOWS_LEAST), FOLLOWS_MOST)
    return slope, middle - at / slope


def _rows(
    seen: Sequence[Tissue],
    teeth: Sequence[Floats],
    fine: Sequence[Floats],
    start: Floats,
    near: Floats,
    telling: Floats,
    scale: float,
) -> _Rows | None:
    """The `teeth` (h, w) of each picture together, whose `fine` structure (h, w) is brought onto each other's,
    beginning where `start` (K, 2) moves them; None if never seen."""
    shown = np.array([float(own.sum()) for own in teeth], np.float32)
    if shown.max() < SHOWN * scale**2:
        return None
    begun = [moved(one, move) for one, move in zip(fine, start, strict=True)]
    many = (shown / max(TELLING_SHARE * float(shown.max()), 1e-6)).clip(0, 1)
    weights = near * np.sqrt(_crisp(seen, teeth)) * many
    best = int(np.argmax(np.minimum(shown, 2 * np.median(shown[shown > 0])) * weights * (telling + 1e-3)))
    reference, where = begun[best], moved(teeth[best], start[best]) > 0.5
    result: _Rows | None = None
    for _ in range(ROUNDS):
        if not where.any():
            return result
        found = offsets(begun, reference, where, scale)
        sure = ((found[:, 2] - AGREE[0]) / (AGREE[1] - AGREE[0])).clip(0, 1)
        result = _Rows(start + found[:, :2], sure, mean_of(seen, teeth, start + found[:, :2], weights * sure, telling))
        reference, where = structure(result.mean.luma, (result.mean.known / 1.5).clip(0, 1), scale), result.mean.solid
    return result


def _crisp(seen: Sequence[Tissue], teeth: Sequence[Floats]) -> Floats:
    """How sharp each picture's teeth are, of the sharpest."""
    detail = [
        float((cv2.Laplacian(one.luma, cv2.CV_32F) ** 2 * own).sum() / (own.sum() + 20))
        for one, own in zip(seen, teeth, strict=True)
    ]
    return np.asarray(np.array(detail, np.float32) / max(max(detail), 1e-6), np.float32)


def _grown(teeth: Floats, scale: float) -> Floats:
    reach = max(1, round(BEYOND * scale))
    return np.asarray(cv2.dilate(teeth, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)), np.float32)


def _hidden(own: Parts, upper: Row | None, move: Floats, scale: float) -> Floats:
    """1 (h, w) where upper teeth are, and above them."""
    teeth = _grown(own.upper, scale)
    if upper is None:
        return teeth
    rows = np.arange(len(teeth), dtype=np.float32)[:, None]
    above = 1 - step(rows - upper.edge, 0.5 * BEYOND * scale, BEYOND * scale)
    return np.maximum(teeth, moved(above, -move))


def _flipped(layer: Layer) -> Layer:
    return Layer(*(np.ascontiguousarray(plane[::-1]) for plane in vars(layer).values()))
