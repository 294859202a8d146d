"""Reference vectors that were made with upstream's own code, where they lie beside the repository."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.media import shared


def golden_folder(name: str) -> Path:
    """The set of an engine; the test that asks is skipped where it isn't."""
    return shared(f"golden/{name}")


@cache
def golden_arrays(folder: Path, name: str) -> dict[str, npt.NDArray[Any]]:
    with np.load(folder / f"{name}.npz", allow_pickle=False) as arrays:
        return {key: arrays[key] for key in arrays.files}


def largest(found: npt.NDArray[Any], wanted: npt.NDArray[Any]) -> float:
    """The largest difference of two arrays of one shape."""
    assert found.shape == wanted.shape
    return float(np.abs(found.astype(np.float64) - wanted.astype(np.float64)).max())


def assert_pictures_equal(found: npt.NDArray[Any], wanted: npt.NDArray[Any], share: float = 0.005) -> None:
    """At most one level apart, in at most this share of all values; two levels in at most one of ten thousand."""
    assert found.shape == wanted.shape
    apart = np.abs(found.astype(np.int64) - wanted.astype(np.int64))
    assert apart.max() <= 2
    assert (apart > 0).mean() <= share
    assert (apart > 1).mean() <= 1e-4
