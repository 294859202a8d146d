"""What a power cut would leave: only what was synced, under names whose folders were synced."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Disk:
    """Remembers what `os.fsync` has made last: a file's size, a folder's entries with their inodes."""

    def __init__(self) -> None:
        self._sizes: dict[int, int] = {}
        self._entries: dict[int, dict[str, int]] = {}

    def synced(self, descriptor: int) -> None:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            with os.scandir(descriptor) as entries:
                self._entries[status.st_ino] = {entry.name: entry.inode() for entry in entries}
        else:
            self._sizes[status.st_ino] = status.st_size

    def keeps(self, path: Path, root: Path) -> bool:
        """Whether the file would be whole under this name; `root` was there long before."""
        status = path.stat()
        names = (path, *(parent for parent in path.parents if root in parent.parents))
        return self._sizes.get(status.st_ino) == status.st_size and all(map(self._named, names))

    def _named(self, path: Path) -> bool:
        return self._entries.get(path.parent.stat().st_ino, {}).get(path.name) == path.stat().st_ino


@contextmanager
def watched_disk() -> Iterator[Disk]:
    disk, fsync = Disk(), os.fsync

    def watching(descriptor: int) -> None:
        fsync(descriptor)
        disk.synced(descriptor)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", watching)
        yield disk
