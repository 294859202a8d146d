"""The folder that `heygem demo` fills: a new one, an empty one, or one that an earlier demo left and nobody touched."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.files import digest, whole

_LIST = ".heygem-demo"  # what a demo left here: names of files, and their sha256


@contextmanager
def in_place_of_earlier(folder: Path) -> Iterator[None]:
    """`folder`, empty; what is in it at the end is known by the next demo, which may replace that and nothing else.

    Raises:
        HeygemError: OUTPUT_FOLDER where it holds a file that no demo left there, NO_ACCESS where it is no folder.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise HeygemError(ErrorCode.NO_ACCESS, name=str(folder)) from None
    _remove(folder, _earlier(folder))
    try:
        yield
    finally:
        with whole(folder / _LIST) as partial:
            partial.write_text(json.dumps({name: digest(folder / name) for name in _files(folder)}), "utf-8")


def _earlier(folder: Path) -> list[str]:
    found = [name for name in _files(folder) if name != _LIST]
    left = _left(folder / _LIST) if found else {}
    if any((folder / name).is_symlink() or left.get(name) != digest(folder / name) for name in found):
        raise HeygemError(ErrorCode.OUTPUT_FOLDER, name=str(folder))
    return found


def _files(folder: Path) -> list[str]:
    """A link counts as a file, wherever it leads."""
    return [
        str(path.relative_to(folder)) for path in sorted(folder.rglob("*")) if path.is_symlink() or not path.is_dir()
    ]


def _left(file: Path) -> Mapping[str, str]:
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _remove(folder: Path, names: list[str]) -> None:
    for name in names:
        (folder / name).unlink()
        with suppress(OSError):  # others are in it
            (folder / name).parent.rmdir()
