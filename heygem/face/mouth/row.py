"""A row of upper teeth as a layer that is larger than any opening: what was seen of it, and how teeth go on from there."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from heygem.face.mouth.layers import Layer
from heygem.face.mouth.patches import HALF_WIDTH
from heygem.face.mouth.tissue import BLACK, step

Floats = npt.NDArray[np.float32]

TALL, SHORTER = 0.155, 0.3  # face units from a middle tooth's edge to its gum, and how much of that canines' neighbours lack
FADES = 0.045, 0.05  # face units above what was seen over which single teeth can be told, and sigma of what is left of them
DARKER = 0.25  # light that is lost from a tooth's edge to its gum, where none was seen
GUM, GUM_SOFT = 0.85, 0.022  # luma, of the lips', and face units over which teeth end there
EDGE_SOFT, END_SOFT = 0.009, 0.05  # face units over which a row ends: at its edges, and at its sides


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


def layer_of(row: Row, lips: Floats, scale: float) -> Layer:
    """`lips` (3,) mean YUV."""
    height, width = row.luma.shape
    y, x = np.arange(height, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)
    luma = _upwards(row, row.luma, row.top, scale)
    gone = (row.top - y).clip(0) / scale
    luma = BLACK + (luma - BLACK) * (1 - DARKER * (gone / TALL).clip(0, 1))
    gum = _gum(row, scale)
    luma += gum * (BLACK + GUM * (lips[0] - BLACK) - luma)
    # Chroma has half the size, and no fine structure that would be seen.
    half = Row(row.chroma[..., 0], row.chroma, row.top[::2] / 2, row.edge[::2] / 2, row.left // 2, row.right // 2)
    gum_half = cv2.resize(gum, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    chroma = [
        (plane := _upwards(half, row.chroma[..., i], half.top, scale / 2)) + gum_half * (lips[1 + i] - plane)
        for i in range(2)
    ]
    soft = max(1.0, EDGE_SOFT * scale)
    ends = np.minimum(x - row.left, row.right - x) / (END_SOFT * scale)
    alpha = ((row.edge - y) / soft + 0.5).clip(0, 1) * step(np.asarray(ends, np.float32), 0, 1)
    return Layer(
        luma.clip(0, 255).astype(np.uint8),
        np.stack(chroma, axis=-1).clip(0, 255).astype(np.uint8),
        np.asarray(255 * alpha + 0.5, np.uint8),
    )


def _upwards(row: Row, plane: Floats, top: Floats, scale: float) -> Floats:
    """The plane, above `top` continued: single teeth are told less and less, and never a line is repeated."""
    height, width = plane.shape
    y = np.arange(height, dtype=np.float32)[:, None]
    columns = np.clip(np.arange(width), row.left, row.right)
    first = np.minimum(np.ceil(top) + 1, row.edge - 1).clip(0, height - 1)[columns]
    last = np.floor(row.edge - 0.5)[columns].clip(0, height - 1)
    band = max(2, round(0.02 * scale))
    profile = np.mean([plane[np.minimum(first + i, last).astype(int), columns] for i in range(band)], axis=0)
    profile = np.asarray(profile, np.float32)[None]
    coarse = cv2.GaussianBlur(profile, (0, 0), max(0.8, FADES[1] * scale), borderType=cv2.BORDER_REPLICATE)
    gone = (first - y).clip(0) / scale
    beyond = coarse + (profile - coarse) * np.exp(-gone / FADES[0])
    held = plane[np.clip(y, None, np.maximum(last, 0)).astype(int), columns]
    share = step(first - y, -1.5, 1.5)
    return np.asarray(held + share * (beyond - held), np.float32)


def _gum(row: Row, scale: float) -> Floats:
    """0..1 (h, w), where teeth have ended above."""
    height, width = row.luma.shape
    y, x = np.arange(height, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)
    edge = cv2.GaussianBlur(row.edge[None], (0, 0), 0.05 * scale, borderType=cv2.BORDER_REPLICATE)[0]
    sideways = np.abs(x / scale - HALF_WIDTH) / 0.4
    line = edge - TALL * scale * (1 - SHORTER * sideways.clip(0, 1) ** 2)
    line = np.minimum(line, row.top - GUM_SOFT * scale)
    return step(np.asarray(line - y, np.float32), 0, GUM_SOFT * scale)
