"""Files that a command writes: never one that goes in, and whole or not at all."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from heygem.base.disk import is_disk_full
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.files import locked, put


def writable(path: Path, suffix: str, sources: Iterable[Path], beside: tuple[str, ...] = ()) -> Path:
    """`path` as the place of an output, tried before any work. What is there already will be replaced.

    `beside` are the suffixes of what is written next to it.

    Raises:
        HeygemError: OUTPUT_SUFFIX; FOLDER_MISSING or NO_ACCESS, since its folder must exist and take files;
            OUTPUT_IS_SOURCE where it is one of `sources`, by whatever name or link.
    """
    target = _resolved(path)
    for name in (path, target):  # a link may lead to a file of another kind
        if name.suffix.lower() != suffix and not name.is_dir():
            raise HeygemError(ErrorCode.OUTPUT_SUFFIX, name=str(name), suffix=suffix)
    if not target.parent.is_dir():
        raise HeygemError(ErrorCode.FOLDER_MISSING, name=str(path.parent))
    if path.is_dir():
        raise HeygemError(ErrorCode.NO_ACCESS, name=str(path))
    inputs = list(sources)
    for written in (target, *(target.with_suffix(each) for each in beside)):
        if any(_same(written, source) for source in inputs):
            raise HeygemError(ErrorCode.OUTPUT_IS_SOURCE, name=str(path if written == target else written))
    _try_to_write(target.parent)
    return target


@contextmanager
def replaced(target: Path, beside: tuple[str, ...] = ()) -> Iterator[Path]:
    """A path to write to. What is there at the end replaces `target`; after an exception nothing has changed.

    The same for what is written next to it with the suffixes `beside`.
    """
    with tempfile.TemporaryDirectory(prefix=".heygem-", dir=target.parent) as folder:
        written = Path(folder) / f"output{target.suffix}"
        yield written
        for suffix in (*beside, target.suffix):  # the output itself last: where it is, all is
            if written.with_suffix(suffix).exists():
                put(written.with_suffix(suffix), target.with_suffix(suffix))


@contextmanager
def only_one(lock: Path, name: str) -> Iterator[None]:
    """Raise OUTPUT_BUSY where another command holds the file `lock`, made here; `name` is what it makes."""
    file = locked(lock)
    if file is None:
        raise HeygemError(ErrorCode.OUTPUT_BUSY, name=name)
    with file:
        yield


def require_outside(folder: Path, sources: Iterable[Path]) -> None:
    """Raise OUTPUT_IS_SOURCE where one of `sources` lies in `folder`, which a command fills and empties."""
    for source in sources:
        for spelled in (Path.cwd() / source, Path(os.path.realpath(source))):
            if any(_same(folder, parent) for parent in spelled.parents):
                raise HeygemError(ErrorCode.OUTPUT_IS_SOURCE, name=str(source))


def _resolved(path: Path) -> Path:
    resolved = Path(os.path.realpath(path))
    if resolved.is_symlink():  # one of links that lead to each other
        raise HeygemError(ErrorCode.NO_ACCESS, name=str(path))
    return resolved


def _same(one: Path, other: Path) -> bool:
    """One file, whatever links or spellings lead to it."""
    with suppress(OSError):  # where one of them is missing
        return one.samefile(other)
    return False


def _try_to_write(folder: Path) -> None:
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        if is_disk_full(error):
            raise
        raise HeygemError(ErrorCode.NO_ACCESS, name=str(folder)) from error
