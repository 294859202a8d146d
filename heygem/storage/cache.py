"""Speech features and face tracks by content: computed once, however many workers ask.

The key is (kind, sha256 of the file, recipe). The lease is a kernel file lock beside the entry: it is freed the
moment its holder dies, whichever way, so a killed worker never blocks the next one.
"""

import hashlib
import os
import struct
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.files import lock, whole

if TYPE_CHECKING:  # every process knows what an engine is, and with it this; only one that renders loads NumPy
    import numpy.typing as npt

Arrays = Mapping[str, "npt.NDArray[Any]"]

_POLL_S = 0.05
_MAPPED = 1 << 20  # bytes of an array that is left on disk and read as it is used
_CUT_OFF = (zipfile.BadZipFile, EOFError, ValueError)  # as a power cut leaves an entry: it is made again
_LOCAL_HEADER = struct.Struct("<26x2H")  # of a zip's member: at its end the lengths of name and extra field


@dataclass(frozen=True)
class Cache:
    """Named arrays on disk, one `.npz` per entry. Large ones are mapped, so that they cost no memory of their own;
    writing to them changes the caller's copy only.
    """

    root: Path

    def get(
        self,
        kind: str,
        sha256: str,
        recipe: str,
        compute: Callable[[], Arrays],
        cancelled: Callable[[], bool] = lambda: False,
    ) -> tuple[Arrays, bool]:
        """The entry and whether it was there already.

        While one process computes an entry, others that ask for it wait and then read it. If `compute` raises,
        nothing is stored and the next to ask computes again. Who waits gives up with CANCELLED soon after
        `cancelled()` turns true.
        """
        path = self._path(kind, sha256, recipe)
        if (found := _read(path)) is not None:
            return found, True
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path.with_suffix(".lock"), cancelled):
            if (found := _read(path)) is not None:
                return found, True
            computed = compute()
            _write(path, computed)
            return computed, False

    def has(self, kind: str, sha256: str, recipe: str) -> bool:
        """Whether nobody would have to compute the entry now."""
        return self._path(kind, sha256, recipe).is_file()

    def _path(self, kind: str, sha256: str, recipe: str) -> Path:
        return self.root / kind / f"{hashlib.sha256(f'{sha256}:{recipe}'.encode()).hexdigest()}.npz"


def _read(path: Path) -> Arrays | None:
    import numpy as np

    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as entry:
            large = {member.filename.removesuffix(".npy"): member for member in entry.zip.infolist() if _large(member)}
            arrays = {name: _mapped(path, large[name]) if name in large else entry[name] for name in entry.files}
    except (FileNotFoundError, *_CUT_OFF):
        return None
    os.utime(path)  # what is used stays; the sweep removes the least recently used first
    return arrays


def _large(member: zipfile.ZipInfo) -> bool:
    return member.file_size >= _MAPPED and member.compress_type == zipfile.ZIP_STORED


def _mapped(path: Path, member: zipfile.ZipInfo) -> "npt.NDArray[Any]":
    """The array of a stored member, where it lies. The sweep may remove the file meanwhile: its pages stay."""
    import numpy as np

    with path.open("rb") as file:
        file.seek(member.header_offset)
        file.seek(sum(_LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))), os.SEEK_CUR)
        read_header = np.lib.format.read_array_header_1_0
        if np.lib.format.read_magic(file) != (1, 0):
            read_header = np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read_header(file)
        order: Any = "F" if fortran else "C"
        return np.asarray(np.memmap(file, dtype, "c", file.tell(), shape, order))


def _write(path: Path, arrays: Arrays) -> None:
    import numpy as np

    with whole(path, sync=False) as partial, partial.open("wb") as file:
        np.savez(file, **dict(arrays), allow_pickle=False)


@contextmanager
def _locked(path: Path, cancelled: Callable[[], bool]) -> Iterator[None]:
    with path.open("ab") as file:
        while not lock(file):
            if cancelled():
                raise HeygemError(ErrorCode.CANCELLED)
            time.sleep(_POLL_S)
        yield
