"""Large arrays that stand on disk: while they grow, and in the cache."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from heygem.engines.scratch import Scratch
from heygem.storage.cache import Arrays, Cache

Floats = npt.NDArray[np.float64]


def never() -> Arrays:
    raise AssertionError("computed again")


def test_rows_come_back_in_order() -> None:
    scratch = Scratch((3, 4), np.float16)
    pieces = [np.full((count, 3, 4), count, np.float32) for count in (2, 0, 5)]
    for piece in pieces:
        scratch.append(piece)
    rows = scratch.array()
    assert rows.dtype == np.float16
    assert np.array_equal(rows, np.concatenate(pieces))


def test_no_rows_are_an_empty_array() -> None:
    assert Scratch((8, 32), np.uint8).array().shape == (0, 8, 32)


def test_rows_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="rows of"):
        Scratch((3,), np.uint8).append(np.zeros((2, 4), np.uint8))


@pytest.mark.parametrize("arrange", [np.ascontiguousarray, np.asfortranarray])
def test_a_large_array_of_the_cache_is_mapped_and_what_was_stored(
    tmp_path: Path, arrange: Callable[[Floats], Floats]
) -> None:
    cache = Cache(tmp_path)
    large = arrange(np.random.default_rng(0).normal(size=(700, 30, 20)))
    stored = {"before": np.arange(3), "large": large, "after": np.array("words")}
    cache.get("kind", "sha", "recipe", lambda: stored)
    found, known = cache.get("kind", "sha", "recipe", never)
    assert known
    assert list(found) == list(stored)
    assert all(np.array_equal(found[name], stored[name]) for name in stored)
    assert isinstance(found["large"].base, np.memmap)


def test_writing_to_a_mapped_array_changes_no_other_s(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.get("kind", "sha", "recipe", lambda: {"large": np.ones((600, 600))})
    mine, _ = cache.get("kind", "sha", "recipe", never)
    mine["large"][:] = 0
    other, _ = cache.get("kind", "sha", "recipe", never)
    assert other["large"].min() == 1


def test_an_entry_that_is_swept_away_stays_for_who_has_it(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.get("kind", "sha", "recipe", lambda: {"large": np.ones((600, 600))})
    mine, _ = cache.get("kind", "sha", "recipe", never)
    for path in tmp_path.rglob("*.npz"):
        path.unlink()
    assert mine["large"].sum() == 360_000
