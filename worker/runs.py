"""Where a run of an item writes before it counts: one folder per run, removed whatever becomes of the run.

It is called <owner>.<batch>.<item>.<fence> and holds everything temporary, then output.mp4; `lock` while the run lives.

The lock is the kernel's: a run whose worker was killed shows as a folder that nobody holds, and the sweep of any
worker removes it, together with a video that was moved into place but never recorded.
"""

import contextlib
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from heygem.base.files import lock, made, sync
from heygem.storage import Storage

SUBTITLES = ".srt"
_NEW_SECONDS = 60.0  # a folder without a lock is being made, or its maker died in that instant


@dataclass(frozen=True)
class Run:
    """One attempt at one item."""

    owner: str
    batch: str
    item: str
    fence: int

    @property
    def video(self) -> str:
        """The file name of what this run makes; no other run of the item has the same."""
        return f"{self.item}.{self.fence}.mp4"

    def folder(self, storage: Storage) -> Path:
        return storage.work / f"{self.owner}.{self.batch}.{self.item}.{self.fence}"

    def result(self, storage: Storage) -> Path:
        return storage.results(self.owner, self.batch) / self.video

    def published(self, storage: Storage) -> bool:
        """Whether anything was moved."""
        result = self.result(storage)
        return result.exists() or result.with_suffix(SUBTITLES).exists()

    @contextmanager
    def working(self, storage: Storage) -> Iterator[Path]:
        """The run's folder, ours until the end of the block, when it is removed.

        An exception leaves it to the sweep, which asks the record what became of the run.
        """
        folder = self.folder(storage)
        folder.mkdir(parents=True)
        with _hold(folder):
            yield folder
            shutil.rmtree(folder, ignore_errors=True)

    def publish(self, storage: Storage, output: Path) -> None:
        """Move the synced video, and its subtitles, into the batch's results; the move survives a power cut too."""
        result = self.result(storage)
        made(result.parent)
        with contextlib.suppress(FileNotFoundError):
            output.with_suffix(SUBTITLES).replace(result.with_suffix(SUBTITLES))
        output.replace(result)
        sync(result.parent)

    def withdraw(self, storage: Storage) -> None:
        """Remove the video of a run that lost, and the batch's folder where the batch was deleted meanwhile."""
        result = self.result(storage)
        for path in (result, result.with_suffix(SUBTITLES)):
            path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # others are in it
            result.parent.rmdir()


def _hold(folder: Path) -> BinaryIO:
    """Create the lock already held: it appears under its name only afterwards."""
    file = (folder / "lock.new").open("wb")
    lock(file)
    (folder / "lock.new").rename(folder / "lock")
    return file


async def clear_abandoned(storage: Storage, recorded: Callable[[Run], Awaitable[bool]], now: float) -> int:
    """Remove what killed workers left. `recorded` says whether a run's video is its item's; `now` is in Unix seconds.

    Returns how many runs.
    """
    cleared = 0
    for folder in _abandoned(storage, now):
        run = _parse(folder.name)
        if run and run.published(storage) and not await recorded(run):
            run.withdraw(storage)
        shutil.rmtree(folder, ignore_errors=True)
        cleared += 1
    return cleared


def _abandoned(storage: Storage, now: float) -> Iterator[Path]:
    for entry in os.scandir(storage.work) if storage.work.exists() else ():
        try:
            with Path(entry.path, "lock").open("rb") as held:
                if lock(held):
                    yield Path(entry.path)
        except FileNotFoundError:
            if _age(entry, now) > _NEW_SECONDS:
                yield Path(entry.path)


def _age(entry: "os.DirEntry[str]", now: float) -> float:
    with contextlib.suppress(FileNotFoundError):
        return now - entry.stat().st_mtime
    return 0.0


def _parse(name: str) -> Run | None:
    with contextlib.suppress(ValueError):
        owner, batch, item, fence = name.split(".")
        return Run(owner, batch, item, int(fence))
    return None
