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
from heygem.face.mouth.floor import floor_of
from heygem.face.mouth.layers import Layer, Mouth
from heygem.face.mouth.mean import Mean, mean_of
from heygem.face.mouth.parts import Parts, parts
from heygem.face.mouth.patches import BELOW, Patches, patch_shape
from heygem.face.mouth.register import moved, offsets, structure
from heygem.face.mouth.row import Row, layer_of, row_in
from heygem.face.mouth.tissue import PALE, Tissue, step, tissues

Floats = npt.NDArray[np.float32]

ROUNDS = 3  # of bringing all pictures onto what they gave together
AGREE = 0.25, 0.65  # of structures: below the first a picture counts for nothing, above the second fully
TURNED = 0.25  # radians of head turn beside the usual one: such pictures count for little
WIDE, NARROW_SHARE = (0.10, 0.20), 0.1  # face units of opening that tell where teeth end; share of narrower ones
FOLLOWS, FOLLOWS_LEAST, FOLLOWS_MOST = 0.6, 0.3, 1.0  # of the lower lip's way, that a jaw goes
LIPS_VARY = 0.03  # face units of lower lip that tell it
LONGEST = 0.12  # face units that upper teeth reach below where the lips meet: what is longer are both rows
# Of a row that is one: its redness at most, and its width in face units. A tongue and a wet lip are nearly like teeth.
UPPER, LOWER = (PALE, 0.22), (0.52, 0.3)
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
    split = [parts(one, scale) for one in seen]
    upper, lower, floor, jaw = _seen(patches, seen, split, turn, rest)
    nothing = Layer.nothing(*patch_shape(scale))
    return Mouth(
        upper=layer_of(upper or drawn_row(lips, usual, rest, scale), lips, scale),
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
    above = _rows(seen, [one.upper for one in split], [one.certain for one in split], at_rest, near, wide, scale)
    upper = row_in(above.mean, patches.lips, scale, rest + LONGEST, *UPPER) if above else None
    skull = above.moves if above else at_rest
    jaw = np.stack([skull[:, 0], skull[:, 1] - (chin - patches.chin) * scale], axis=-1)
    below = _rows(seen, [one.lower for one in split], [one.certain for one in split], jaw, near, wide, scale)
    lower = row_in(below.mean.upside_down(), patches.lips, scale, BELOW, *LOWER) if below else None
    hidden = [_hidden(one, upper, move, scale) for one, move in zip(seen, skull, strict=True)]
    wide_open = near * step(opening, *WIDE)
    floor = floor_of(seen, hidden, jaw, wide_open, scale)
    jaw = below.moves if below and lower else jaw
    lips = np.array([patch.lower[5, 1] for patch in patches.kept], np.float32)
    follows = _follows(lips, -(jaw[:, 1] - skull[:, 1]) / scale, near * (below.sure if below and lower else 1), rest)
    return upper, lower, floor, follows


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
    certain: Sequence[Floats],
    start: Floats,
    near: Floats,
    wide: Floats,
    scale: float,
) -> _Rows | None:
    """The `teeth` (h, w) of each picture together, beginning where `start` (K, 2) moves them; None if never seen."""
    shown = np.array([float(own.sum()) for own in teeth], np.float32)
    if shown.max() < SHOWN * scale**2:
        return None
    begun = [moved(structure(one.luma, one.inner, scale), move) for one, move in zip(seen, start, strict=True)]
    weights = near * _crisp(seen, teeth)
    best = int(np.argmax(shown * weights))
    reference, where = begun[best], moved(teeth[best], start[best]) > 0.5
    result: _Rows | None = None
    for _ in range(ROUNDS):
        if not where.any():
            return result
        found = offsets(begun, reference, where, scale)
        sure = ((found[:, 2] - AGREE[0]) / (AGREE[1] - AGREE[0])).clip(0, 1)
        result = _Rows(
            start + found[:, :2], sure, mean_of(seen, teeth, certain, start + found[:, :2], weights * sure, wide)
        )
        reference, where = structure(result.mean.luma, (result.mean.known / 1.5).clip(0, 1), scale), result.mean.solid
    return result


def _crisp(seen: Sequence[Tissue], teeth: Sequence[Floats]) -> Floats:
    """How sharp each picture's teeth are, of the sharpest."""
    detail = [
        float((cv2.Laplacian(one.luma, cv2.CV_32F) ** 2 * own).sum() / (own.sum() + 20))
        for one, own in zip(seen, teeth, strict=True)
    ]
    return np.asarray(np.array(detail, np.float32) / max(max(detail), 1e-6), np.float32)


def _hidden(tissue: Tissue, upper: Row | None, move: Floats, scale: float) -> Floats:
    """1 (h, w) where teeth stand before the floor."""
    reach = max(1, round(BEYOND * scale))
    teeth = np.asarray(cv2.dilate(tissue.tooth, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)), np.float32)
    if upper is None:
        return teeth
    rows = np.arange(tissue.luma.shape[0], dtype=np.float32)[:, None]
    above = 1 - step(rows - upper.edge, 0.5 * BEYOND * scale, BEYOND * scale)
    return np.maximum(teeth, moved(above, -move))


def _flipped(layer: Layer) -> Layer:
    return Layer(*(np.ascontiguousarray(plane[::-1]) for plane in vars(layer).values()))
