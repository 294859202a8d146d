"""A mouth is one: gathered over all frames that show a part of it, in layers larger than any opening."""

import numpy as np
import numpy.typing as npt
import pytest

from heygem.face.mouth.gather import gather
from heygem.face.mouth.layers import Layer, Mouth
from heygem.face.mouth.patches import ABOVE, HALF_WIDTH, Patch, Patches, patch_shape

Floats = npt.NDArray[np.float32]

SCALE, COUNT = 100.0, 24
REST, EDGE, LOWER_EDGE, GUMS = 0.40, 0.44, 0.42, 0.28  # below the nose: where lips meet, both rows' edges, upper gums
LIPS = np.array([105, 118, 158], np.float32)
TOOTH, DARK, TONGUE = (165, 126, 132), (28, 126, 134), (75, 120, 148)
JAW = 0.5  # of the lower lip's way
SKIN = 140.0


def grid() -> tuple[Floats, Floats]:
    height, width = patch_shape(SCALE)
    x = np.arange(width, dtype=np.float32) / SCALE - HALF_WIDTH
    y = (np.arange(height, dtype=np.float32) / SCALE - ABOVE)[:, None]
    return np.broadcast_to(x, (height, width)), np.broadcast_to(y, (height, width))


def teeth(x: Floats, phase: float) -> Floats:
    """0..1, light of a row: dark lines between teeth of uneven width, no two alike."""
    return np.asarray(1 - 0.45 * np.exp(-((np.sin(np.pi * (x + phase) / (0.11 + 0.05 * x)) / 0.35) ** 2)), np.float32)


def picture(
    gap: float,
    *,
    lower: float | None,
    upper: bool = True,
    light: float = SKIN,
    noise: int = 0,
    shift: tuple[int, int] = (0, 0),
) -> Patch:
    """A mouth that is `gap` open, in a frame of its own number. `lower`: where its lower row ends while shut."""
    x, y = grid()
    half = 0.42
    arch = (1 - (x / half) ** 2).clip(0, 1)
    upper_lip, lower_lip = REST - 0.3 * gap * arch, REST + 0.7 * gap * arch
    jaw = JAW * 0.7 * gap
    planes = np.empty((*x.shape, 3), np.float32)
    planes[:] = np.where((y > REST + 0.25 * gap)[..., None], TONGUE, DARK)
    row = (y > (lower or np.inf) + jaw) & (np.abs(x) < 0.3)
    planes[row] = (np.array(TOOTH) * [0.9, 1, 1])[None]
    planes[..., 0] = np.where(row, planes[..., 0] * teeth(x, 0.03), planes[..., 0])
    row = (y < EDGE) & (np.abs(x) < 0.33) & upper
    planes[row] = TOOTH
    planes[..., 0] = np.where(row, planes[..., 0] * teeth(x, 0.0), planes[..., 0])
    outside = (y < upper_lip) | (y > lower_lip) | (np.abs(x) > half)
    planes[outside] = LIPS
    planes[..., 0] = 16 + (planes[..., 0] - 16) * light / SKIN
    rng = np.random.default_rng(round(1000 * gap) + noise)
    planes[..., 0] += noise * rng.standard_normal(x.shape).astype(np.float32)
    planes = np.roll(planes, shift, axis=(0, 1))
    edges = np.linspace(-half, half, 11, dtype=np.float32)
    bend = 1 - (edges / half) ** 2
    moved = np.array(shift[::-1], np.float32) / SCALE
    y8, u8, v8 = (planes[..., i].clip(0, 255).astype(np.uint8) for i in range(3))
    return Patch(
        (y8, u8[::2, ::2], v8[::2, ::2]),
        np.stack([edges, REST - 0.3 * gap * bend], axis=-1).astype(np.float32) + moved,
        np.stack([edges, REST + 0.7 * gap * bend], axis=-1).astype(np.float32) + moved,
        chin=1.0 + jaw,
        opening=gap,
        yaw=0.0,
        quality=1.0,
        frame=0,
        shot=0,
    )


def clip(*, lower: float | None, upper: bool = True, widest: float = 0.36, noise: int = 9) -> tuple[Patches, Floats]:
    rng = np.random.default_rng(4)
    light = (SKIN * (1 + 0.15 * np.sin(np.arange(COUNT)))).astype(np.float32)
    kept = []
    for i, gap in enumerate(np.linspace(0.08, widest, COUNT)):
        shift = tuple(int(v) for v in rng.integers(-2, 3, 2))
        moved = shift[0], shift[1]
        one = picture(float(gap), lower=lower, upper=upper, light=float(light[i]), noise=noise, shift=moved)
        kept.append(Patch(**{**vars(one), "frame": i}))
    return Patches(tuple(kept), SCALE, LIPS, 1.0), light


@pytest.fixture(scope="module")
def mouth() -> Mouth:
    patches, light = clip(lower=LOWER_EDGE)
    return gather(patches, light, REST)


def edge_of(layer: Layer) -> float:
    """How far below the nose the middle of a row ends, face units."""
    middle = layer.alpha[:, layer.alpha.shape[1] // 2 - 8 : layer.alpha.shape[1] // 2 + 8]
    return float((middle > 127).sum(axis=0).mean()) / SCALE - ABOVE


def test_the_upper_teeth_are_seen_sharper_than_in_any_single_frame(mouth: Mouth) -> None:
    patches, light = clip(lower=LOWER_EDGE)
    x, y = grid()
    truth = TOOTH[0] * teeth(x, 0.0)
    shown = (y > REST - 0.04) & (y < EDGE - 0.03) & (np.abs(x) < 0.2)

    def error(luma: npt.NDArray[np.uint8], gain: float) -> float:
        """Wherever the row came to lie."""
        own = 16 + (luma.astype(np.float32) - 16) * gain
        moves = [np.roll(own, (dy, dx), axis=(0, 1)) for dy in range(-4, 5) for dx in range(-4, 5)]
        return min(float(np.abs(one - truth)[shown].mean()) for one in moves)

    single = min(error(one.planes[0], SKIN / float(light[one.frame])) for one in patches.kept)
    assert mouth.seen
    assert error(mouth.upper.luma, SKIN / float(mouth.light)) < 0.7 * single


def test_rows_end_where_the_teeth_do_and_the_lower_one_is_kept_as_with_a_shut_mouth(mouth: Mouth) -> None:
    assert edge_of(mouth.upper) == pytest.approx(EDGE, abs=0.03)
    assert not mouth.lower.empty
    flipped = Layer(mouth.lower.luma, mouth.lower.chroma, mouth.lower.alpha[::-1])
    top = patch_shape(SCALE)[0] / SCALE - ABOVE - (edge_of(flipped) + ABOVE)
    assert top == pytest.approx(LOWER_EDGE, abs=0.04)
    assert float(mouth.jaw[0]) == pytest.approx(JAW, abs=0.15)


def test_no_line_of_the_upper_row_is_repeated_however_far_a_lip_rises(mouth: Mouth) -> None:
    x, y = grid()
    shown = (np.abs(x) < 0.2) & (y > GUMS) & (y < EDGE - 0.02)
    steps = np.abs(np.diff(mouth.upper.luma.astype(np.int16), axis=0))
    same = [bool((steps[i][shown[i]] == 0).mean() > 0.8) for i in np.flatnonzero(shown[:-1].any(axis=1))]
    assert (mouth.upper.alpha[shown] > 200).mean() > 0.95
    assert sum(same) <= 2


def test_who_never_shows_lower_teeth_gets_none(mouth: Mouth) -> None:
    patches, light = clip(lower=None)
    assert gather(patches, light, REST).lower.empty
    assert not mouth.lower.empty


def test_who_hides_the_upper_teeth_keeps_the_lower_ones_as_lower_ones_even_where_they_reach_both_lips() -> None:
    patches, light = clip(lower=REST - 0.04, upper=False, widest=0.16)
    own = gather(patches, light, REST)
    assert not own.seen
    assert not own.lower.empty


def test_the_floor_has_the_colours_of_the_tongue_and_no_teeth(mouth: Mouth) -> None:
    x, y = grid()
    patches, light = clip(lower=None)
    floor = gather(patches, light, REST).floor
    low = (np.abs(x) < 0.15) & (np.abs(y - (REST + 0.12)) < 0.02)
    assert not floor.empty
    assert float(np.median(floor.luma[low])) == pytest.approx(TONGUE[0], abs=25)
    assert float(floor.luma[floor.alpha > 200].max()) < 0.8 * TOOTH[0]


def test_teeth_that_are_never_apart_end_no_lower_than_upper_ones_can() -> None:
    x, _ = grid()
    patches, light = clip(lower=LOWER_EDGE)
    shut = []
    for one in patches.kept:
        luma = one.planes[0].copy()
        jaw = JAW * 0.7 * one.opening
        rows = slice(int((EDGE + ABOVE) * SCALE) - 2, int((LOWER_EDGE + jaw + ABOVE) * SCALE) + 2)
        columns = np.abs(x[0]) < 0.3
        luma[rows, columns] = np.maximum(luma[rows, columns], 150)  # both rows as one
        shut.append(Patch(**{**vars(one), "planes": (luma, *one.planes[1:])}))
    both = gather(Patches(tuple(shut), SCALE, LIPS, 1.0), light, REST)
    assert edge_of(both.upper) < REST + 0.18
