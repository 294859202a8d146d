"""Where lips begin and teeth end, and that lips are followed where they are."""

from pathlib import Path

import numpy as np
import pytest

from heygem.face.analyze import analyze
from heygem.face.edges import edges
from heygem.face.landmarks import INNER_LOWER_AT, INNER_UPPER_AT
from heygem.face.pose import to_pixels
from tests.faces import face, write_clip

SCALE, SIZE, MIDDLE = 100.0, 200, 100


@pytest.mark.parametrize("shade", [1.0, 0.5], ids=["in the light", "in its own shade"])
def test_teeth_are_seen_as_far_into_a_lip_as_they_reach(shade: float) -> None:
    y, u, v = (
        np.full((size, size), level, np.uint8) for size, level in ((SIZE, 160), (SIZE // 2, 118), (SIZE // 2, 140))
    )
    y[80:95], y[105:125] = round(130 * shade), 130  # the lips
    y[92:105] = 210  # teeth, over the upper lip's lower edge
    v[40:62] = 160
    v[46:52] = 128
    columns = np.linspace(60, 140, 11, dtype=np.float32)
    rows = [np.stack([columns, np.full(11, row, np.float32)], axis=-1) for row in (95, 105, 80, 125)]
    seen = edges((y, u, v), np.stack(rows[:2]), np.stack(rows[2:]), SCALE)
    assert 0.03 < seen[0, 1] < 0.055
    assert abs(seen[1, 1]) < 0.015


def test_lips_are_where_they_are_also_while_the_head_nods_fast(tmp_path: Path) -> None:
    heights = [0.0] * 12 + [9.0, 9.0] + [0.0] * 12
    pictures = [face(shift=(0, height)) for height in heights]
    track = analyze(write_clip(tmp_path / "nod.mp4", pictures), "nod.mp4")
    lips = np.r_[INNER_UPPER_AT, INNER_LOWER_AT]
    down = [float(to_pixels(track.shape[i][lips], track.pose[i])[:, 1].mean()) for i in range(len(heights))]
    assert down[12] - down[4] == pytest.approx(9, abs=2)
    assert down[13] - down[4] == pytest.approx(9, abs=2)
