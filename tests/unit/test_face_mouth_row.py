"""A row of teeth goes on above what was seen of it: no barcode of what few lines show, and nothing of a hole in it."""

import numpy as np
import numpy.typing as npt
import pytest

from heygem.face.mouth.layers import Layer
from heygem.face.mouth.mean import Mean
from heygem.face.mouth.patches import ABOVE, HALF_WIDTH, patch_shape
from heygem.face.mouth.row import Row, layer_of, row_in

Floats = npt.NDArray[np.float32]

SCALE = 120.0
LIPS = np.array([100, 118, 158], np.float32)
TOOTH, DARK = 160.0, 30.0
EDGE, REACH = 0.45, 0.32  # face units: below the nose where teeth end, and beside the middle


def striped(period: float) -> Floats:
    """A patch of gaps between teeth that are `period` face units wide."""
    height, width = patch_shape(SCALE)
    x = np.arange(width) / SCALE - HALF_WIDTH
    return np.broadcast_to(TOOTH + 40 * np.sin(2 * np.pi * x / period), (height, width)).astype(np.float32)


def row(luma: Floats, seen: float) -> Row:
    """Of which `seen` face units above its edge are known."""
    height, width = luma.shape
    edge = np.full(width, (EDGE + ABOVE) * SCALE, np.float32)
    middle, reach = HALF_WIDTH * SCALE, REACH * SCALE
    chroma = np.full((height // 2, width // 2, 2), 128, np.float32)
    top = np.asarray(edge - seen * SCALE, np.float32)
    return Row(luma, chroma, top, edge, int(middle - reach), int(middle + reach))


def line(layer: Layer, above: float) -> Floats:
    """Luma of the middle teeth `above` the row's edge, face units."""
    middle = slice(int((HALF_WIDTH - 0.2) * SCALE), int((HALF_WIDTH + 0.2) * SCALE))
    return layer.luma[round((EDGE + ABOVE - above) * SCALE), middle].astype(np.float32)


def test_what_was_seen_of_a_row_stays_as_it_is() -> None:
    rng = np.random.default_rng(1)
    luma = np.asarray(striped(0.13) + 10 * rng.standard_normal(patch_shape(SCALE)), np.float32).clip(0, 255)
    seen = layer_of(row(luma, 0.1), LIPS, SCALE).luma
    lines = slice(round((EDGE + ABOVE - 0.07) * SCALE), int((EDGE + ABOVE) * SCALE))
    assert np.abs(seen[lines] - luma[lines])[:, 40:110].max() <= 1


def test_what_only_few_lines_show_of_single_teeth_is_not_drawn_upwards() -> None:
    few, many = (layer_of(row(striped(0.05), seen), LIPS, SCALE) for seen in (0.017, 0.06))
    assert line(few, 0.035).std() < 0.15 * line(few, 0.005).std()
    assert line(many, 0.06).std() > 0.4 * line(many, 0.005).std()


def test_gaps_between_teeth_end_before_the_teeth_do() -> None:
    gaps, teeth = (layer_of(row(striped(period), 0.06), LIPS, SCALE) for period in (0.05, 0.13))
    kept = [line(one, 0.1).std() / line(one, 0.02).std() for one in (gaps, teeth)]
    assert kept[0] < 0.7 * kept[1]


@pytest.mark.parametrize(("wide", "light"), [(0.2, TOOTH), (0.03, DARK)])
def test_above_a_wide_hole_in_a_row_its_teeth_go_on_and_a_nick_stays(wide: float, light: float) -> None:
    height, width = patch_shape(SCALE)
    x = np.arange(width) / SCALE - HALF_WIDTH
    y = (np.arange(height) / SCALE - ABOVE - EDGE)[:, None]
    teeth = (np.abs(x) < REACH) & (y > -0.14) & (y < 0)
    hole = (np.abs(x) < wide / 2) & (y > -0.11) & (y < -0.05)
    luma = np.where(teeth & ~hole, TOOTH, DARK).astype(np.float32)
    known = np.full(luma.shape, 5, np.float32)
    mean = Mean(luma, np.full((height // 2, width // 2, 2), 128, np.float32), known, (teeth & ~hole).astype(np.float32))
    found = row_in(mean, SCALE, 0.7, 0.2)
    assert found is not None
    there = layer_of(found, LIPS, SCALE).luma[round((EDGE + ABOVE - 0.08) * SCALE), round(HALF_WIDTH * SCALE)]
    assert float(there) == pytest.approx(light, abs=25)
