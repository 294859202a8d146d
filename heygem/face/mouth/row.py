"""A row of upper teeth as a layer larger than any opening: what was seen of it, and how teeth go on from there."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from heygem.face.mouth.layers import Layer
from heygem.face.mouth.mean import HELD, Mean
from heygem.face.mouth.patches import ABOVE, HALF_WIDTH
from heygem.face.mouth.tissue import BLACK, step

Floats = npt.NDArray[np.float32]

BRIGHTER = 60  # percentile
CLOSE = 0.014  # face units: gaps between teeth are part of the row
NICK = 0.06  # face units that a hole in a row is wide at most to be a part of it
LEAST = 0.025  # face units of height of a row that is one
BAND = 0.03  # face units above and below the middle teeth in which the others of the row lie
# Face units from the middle where edges become one line, and sigma of it.
SIDES, SIDES_SOFT = (0.16, 0.26), 0.035
UNEVEN = 0.045  # face units that a tooth may be shorter than its neighbours: where it seems more, it is dark there
SHARPEN = 0.4, 0.012  # what averaging took away: share, and sigma in face units
TALL, SHORTER = 0.155, 0.3  # face units from a middle tooth's edge to its gum, and how much less it is at the sides
LIP_SHADOW, BANDS = 0.012, 0.03  # face units of the highest teeth seen: in the lip's shade; and going on
# Of what is seen, finer than a sigma: gaps, then single teeth; and over how much above they are still told, face units.
FADES = (0.02, 0.02), (0.05, 0.03)
ENOUGH = 2  # times what is going on, that is seen where single teeth are told fully
DARKER = 0.25  # light that is lost from a tooth's edge to its gum, where none was seen
GUM, GUM_SOFT = 0.85, 0.022  # luma, of the lips', and face units over which teeth end there
EDGE_SOFT, END_SOFT = 0.013, 0.09  # face units over which a row ends: at its edges, and at its sides


@dataclass(frozen=True)
class Row:
    """`luma` (h, w) and `chroma` (h/2, w/2, 2) of a row of teeth, known from row `top` (w,) to row `edge` (w,), where
    they end; `left` and `right` columns between which they stand."""

    luma: Floats
    chroma: Floats
    top: Floats
    edge: Floats
    left: int
    right: int

    @property
    def colour(self) -> Floats:
        """YUV (3,) of its brighter parts."""
        rows, columns = np.arange(len(self.luma))[:, None], np.arange(self.luma.shape[1])
        shown = (rows > self.top) & (rows < self.edge) & (columns >= self.left) & (columns <= self.right)
        bright = shown & (self.luma >= np.percentile(self.luma[shown], BRIGHTER))
        chroma = [np.median(self.chroma[..., i][bright[::2, ::2]]) for i in range(2)]
        return np.array([np.median(self.luma[bright]), *chroma], np.float32)


def row_in(mean: Mean, scale: float, longest: float, least: float) -> Row | None:
    """The row of teeth that is seen in a mean picture, hanging down, down to `longest` face units below the nose; None
    without one that is `least` face units wide."""
    teeth = _teeth(mean.solid, least, scale)
    if teeth is None:
        return None
    columns = np.flatnonzero(teeth.any(axis=0))
    everywhere = np.arange(teeth.shape[1])
    ends, high = _standing(teeth)
    last = np.interp(everywhere, columns, ends[columns]).astype(np.float32)
    first = last - np.interp(everywhere, columns, high[columns] - 1).astype(np.float32)
    nick = np.ones((1, 2 * max(1, round(NICK / 2 * scale)) + 1), np.uint8)
    first = np.asarray(cv2.morphologyEx(first[None], cv2.MORPH_OPEN, nick)[0], np.float32)
    last = _calm(np.minimum(last, (longest + ABOVE) * scale), scale) + 0.5
    first = np.minimum(_blurred(first, 0.02 * scale) + LIP_SHADOW * scale, last - 2)
    middle = np.clip((first + last) / 2, 0, len(teeth) - 1).astype(int)
    shown = np.flatnonzero(mean.known[middle, everywhere] > HELD)
    soft = cv2.GaussianBlur(mean.luma, (0, 0), max(0.7, SHARPEN[1] * scale))
    luma = mean.luma + SHARPEN[0] * (mean.luma - soft)
    return Row(luma, mean.chroma, first, last, int(shown[0]), int(shown[-1]))


def layer_of(row: Row, lips: Floats, scale: float) -> Layer:
    """`lips` (3,) mean YUV."""
    height, width = row.luma.shape
    y, x = np.arange(height, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)
    luma = _upwards(row.luma, row.top, row.edge, (row.left, row.right), scale)
    gone = (row.top - y).clip(0) / scale
    luma = np.asarray(BLACK + (luma - BLACK) * (1 - DARKER * (gone / TALL).clip(0, 1)), np.float32)
    gum = _gum(row, scale)
    luma += gum * (BLACK + GUM * (lips[0] - BLACK) - luma)
    gum_half = np.asarray(cv2.resize(gum, (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.float32)
    sides = row.left // 2, row.right // 2
    top, edge = (line[::2] * np.float32(0.5) for line in (row.top, row.edge))
    chroma = [_upwards(np.ascontiguousarray(row.chroma[..., i]), top, edge, sides, scale / 2) for i in range(2)]
    chroma = [plane + gum_half * (lips[1 + i] - plane) for i, plane in enumerate(chroma)]
    ends = np.minimum(x - row.left, row.right - x) / (END_SOFT * scale)
    alpha = ((row.edge - y) / max(1.5, EDGE_SOFT * scale) + 0.5).clip(0, 1) * step(np.asarray(ends, np.float32), 0, 1)
    return Layer(
        luma.clip(0, 255).astype(np.uint8),
        np.stack(chroma, axis=-1).clip(0, 255).astype(np.uint8),
        np.asarray(255 * alpha + 0.5, np.uint8),
    )


def _teeth(solid: npt.NDArray[np.bool_], least: float, scale: float) -> npt.NDArray[np.bool_] | None:
    """Of what looks like teeth (h, w): the largest piece and what stands beside it; None where that is no row."""
    reach = max(1, round(CLOSE * scale))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    closed = cv2.morphologyEx(solid.astype(np.uint8), cv2.MORPH_CLOSE, kernel)
    count, labels, stats, centres = cv2.connectedComponentsWithStats(closed)
    if count < 2:
        return None
    main = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    top, high = int(stats[main, cv2.CC_STAT_TOP]), int(stats[main, cv2.CC_STAT_HEIGHT])
    band = top - BAND * scale, top + high + BAND * scale
    row = np.isin(labels, [i for i in range(1, count) if band[0] < centres[i][1] < band[1]])
    wide = np.ptp(np.flatnonzero(row.any(axis=0)))
    return row if wide >= least * scale and high >= LEAST * scale else None


def _standing(teeth: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """In each column of a row (h, w) its last line, and how many lines are teeth from there up without a hole: above
    one is a lip's shade, or the other row."""
    up = teeth[::-1]
    below = up.argmax(axis=0)
    gaps = ~up & (np.arange(len(up))[:, None] > below)
    return len(up) - 1 - below, np.where(gaps.any(axis=0), gaps.argmax(axis=0), len(up)) - below


def _calm(edge: Floats, scale: float) -> Floats:
    """Each tooth's edge in the middle, one line at the sides, where they are seen at a slant and hardly lit."""
    away = np.abs(np.arange(len(edge), dtype=np.float32) / scale - HALF_WIDTH)
    edge = np.maximum(edge, np.median(edge[away < SIDES[0]]) - np.float32(UNEVEN * scale))
    fine, coarse = (_blurred(edge, max(0.6, sigma * scale)) for sigma in (0.006, SIDES_SOFT))
    return np.asarray(fine + step(away, *SIDES) * (coarse - fine), np.float32)


def _blurred(line: Floats, sigma: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(line[None], (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)[0], np.float32)


def _upwards(plane: Floats, top: Floats, edge: Floats, sides: tuple[int, int], scale: float) -> Floats:
    """The plane, above `top` continued: single teeth are told less and less, gaps sooner, and no line is repeated. What
    was seen on few lines may be anything, and there only the light around it goes on."""
    height, width = plane.shape
    y = np.arange(height, dtype=np.float32)[:, None]
    columns = np.clip(np.arange(width), *sides)
    first = np.minimum(np.ceil(top), edge - 1).clip(0, height - 1)[columns]
    last = np.floor(edge - 0.5)[columns].clip(0, height - 1)
    band = max(2, round(BANDS * scale))
    shown = (last - first + 1).clip(1) / band
    line = np.mean([plane[np.minimum(first + i, last).astype(int), columns] for i in range(band)], axis=0)
    line, above = np.asarray(line, np.float32), first - y
    beyond = np.zeros_like(above)
    for sigma, over in FADES:
        coarse = _blurred(line, max(0.8, sigma * scale))
        beyond += (shown / ENOUGH).clip(0, 1) * (line - coarse) * np.exp(-above.clip(0) / scale / over)
        line = coarse
    held = plane[np.clip(y, None, last).astype(int), columns]
    share = step(np.where(above < 0, above / shown.clip(0, 1), above), -0.5 * band, 0.5 * band)
    return np.asarray(held + share * (beyond + line - held), np.float32)


def _gum(row: Row, scale: float) -> Floats:
    """0..1 (h, w), where teeth have ended above."""
    height, width = row.luma.shape
    y, x = np.arange(height, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)
    sideways = np.abs(x / scale - HALF_WIDTH) / 0.4
    line = _blurred(row.edge, 0.05 * scale) - TALL * scale * (1 - SHORTER * sideways.clip(0, 1) ** 2)
    line = np.minimum(line, row.top - GUM_SOFT * scale)
    return step(np.asarray(line - y, np.float32), 0, GUM_SOFT * scale)
