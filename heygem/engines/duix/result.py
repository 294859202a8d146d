"""Where a service put a task's video: where it says, as long as that is a plain file inside its folder."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

_CONTAINERS = "/code/data/temp"  # what the published image calls its folder
_DRIVE = re.compile(r"^[A-Za-z]:")


def told_place(told: str, folder: Path, inside: str) -> Path | None:
    """A told path, relative to the folder: any slashes, absolute as host or container see it. None if it leads out."""
    path = _DRIVE.sub("", told.replace("\\", "/"))
    for prefix in (inside, folder.as_posix(), _CONTAINERS):
        prefix = _DRIVE.sub("", prefix.replace("\\", "/")).rstrip("/")
        if prefix and path.startswith(f"{prefix}/"):
            path = path.removeprefix(prefix)
            break
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return Path(*parts) if parts and ".." not in parts and "\0" not in path else None


def plain_file(folder: Path, place: Path) -> Path | None:
    """The file, if it is one and no link leads there."""
    path = folder / place
    with contextlib.suppress(OSError):
        if path.is_file() and path.resolve() == folder.resolve() / place:
            return path
    return None


def of_task(folder: Path, code: str) -> Iterator[Path]:
    """All files, at any depth, whose names begin with the task's code; no link is followed."""
    for path in folder.rglob(f"{code}*"):
        if path.is_symlink() or path.is_file():
            yield path


def remove(path: Path, folder: Path) -> None:
    """Remove a file and the folders below `folder` that hold nothing any more. Raises OSError."""
    path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # others are in it
        for parent in path.relative_to(folder).parents[:-1]:
            (folder / parent).rmdir()
