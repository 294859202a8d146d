"""Files that are whole or not there and survive a power cut, and locks that the kernel frees with their holder."""

import errno
import fcntl
import hashlib
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO
from uuid import uuid4

_BLOCK_BYTES = 1 << 20
_NOT_SYNCED = (errno.EINVAL, errno.ENOTSUP)  # what drives say, mostly of the network, on which there is no such thing


@contextmanager
def whole(path: Path, *, sync: bool = True) -> Iterator[Path]:
    """A path to write to; it becomes `path` when the block ends well, and nothing is left of it otherwise.

    Without `sync` a power cut may leave an empty file: for what is made again where it can't be read.
    """
    partial = path.with_name(f".{uuid4().hex}.partial")
    try:
        yield partial
        if sync:
            put(partial, path)
        else:
            partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def put(source: Path, target: Path) -> None:
    """Move a finished file to where it counts, in a folder that may have to be made. Once there, it stays there."""
    made(target.parent)
    sync(source)
    source.replace(target)
    sync(target.parent)


def link(source: Path, target: Path) -> None:
    """Have a synced file under a second name too, which survives as the first does. It may be there already."""
    made(target.parent)
    with suppress(FileExistsError):
        target.hardlink_to(source)
    sync(target.parent)


def made(folder: Path) -> None:
    """Make a folder and what is missing above it, each as durable as what will lie in it."""
    if not folder.is_dir():
        made(folder.parent)
        folder.mkdir(exist_ok=True)
        sync(folder.parent)


def locked(path: Path) -> BinaryIO | None:
    """The file, made where it is missing, open to append and locked until it is closed everywhere.

    None while somebody else holds it.
    """
    file = path.open("ab", buffering=0)
    if lock(file):
        return file
    file.close()
    return None


def lock(file: IO[bytes]) -> bool:
    """Whether the open file could be locked, and is from now on."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def sync(path: Path) -> None:
    """Make what a file holds, or which files a folder holds, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NOT_SYNCED:
            raise
    finally:
        os.close(descriptor)


def digest(path: Path) -> str:
    """The sha256 of a file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checksum(path: Path) -> int:
    """The crc32 of a file, as zip archives want it, read in blocks."""
    crc = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            crc = zlib.crc32(block, crc)
    return crc
