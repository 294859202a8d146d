"""Rows that grow on disk instead of in memory."""

import tempfile
import weakref
from typing import Any

import numpy as np
import numpy.typing as npt


class Scratch:
    """Rows of one shape, appended to a file without a name, which goes when nobody uses it any more."""

    def __init__(self, shape: tuple[int, ...], dtype: npt.DTypeLike) -> None:
        self._shape = shape
        self._dtype = np.dtype(dtype)
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed with this object; an array keeps its pages)
        weakref.finalize(self, self._file.close)
        self._rows = 0

    def append(self, rows: npt.NDArray[Any]) -> None:
        """Add rows (N, *shape). Raises OSError where the disk is full."""
        rows = np.ascontiguousarray(rows, self._dtype)
        if rows.shape[1:] != self._shape:
            raise ValueError(f"rows of {rows.shape[1:]} among rows of {self._shape}")
        self._file.write(rows.data)
        self._rows += len(rows)

    def array(self) -> npt.NDArray[Any]:
        """All rows, (N, *shape): pages of the file, brought into memory as they are used."""
        self._file.flush()
        if not self._rows:
            return np.zeros((0, *self._shape), self._dtype)
        return np.asarray(np.memmap(self._file, self._dtype, "r", shape=(self._rows, *self._shape)))
