"""Where a run of an item writes before it counts: one folder per run, removed whatever becomes of the run.

It lies in its worker's own folder of `work`, is called <owner>.<batch>.<item>.<fence> and holds everything temporary,
then output.mp4. Emptied, it is the `spare` that the next run takes.

The worker's folder has a `lock` that is the kernel's: a worker that was killed shows as a folder that nobody holds, and
the sweep of any other removes it, together with a video that was moved into place but never recorded.
"""

import contextlib
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from heygem.base.files import lock, made, sync
from heygem.batches.model import output_name
from heygem.storage.layout import Storage

SUBTITLES, PICTURE = ".srt", ".jpg"
_BESIDE = (SUBTITLES, PICTURE)
_LOCK = "lock"
_SPARE = "spare"
_NEW_S = 60.0  # a folder without a lock is being made, or its maker died in that instant


class Workplace:
    """A worker's own folder, held as long as its process lives; no other process ever has one of the same name."""

    def __init__(self, storage: Storage) -> None:
        self._folder = storage.work / uuid4().hex
        self._lock: BinaryIO | None = None

    def folder(self) -> Path:
        """Made where it is not there, or no more. Raises OSError."""
        if self._lock is None or not (self._folder / _LOCK).exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            if self._lock:
                self._lock.close()
            self._lock = _hold(self._folder)
        return self._folder

    def take(self, name: str) -> Path:
        """An empty folder of this name. Raises OSError.

        A file system may look long for a place for a new folder where many went lately, so one goes from run to run.
        """
        folder = self.folder() / name
        try:
            (self._folder / _SPARE).rename(folder)
        except FileNotFoundError:
            folder.mkdir()
        return folder

    def give_back(self, folder: Path) -> None:
        """Remove what a run had in its folder, and the folder's name."""
        try:
            for path in list(folder.iterdir()):
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()
            folder.rename(self._folder / _SPARE)
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)

    def leave(self) -> None:
        """Remove it, unless runs are in it, which are the sweep's from now on."""
        with contextlib.suppress(OSError):
            if not any(_runs(self._folder)):
                shutil.rmtree(self._folder)
        if self._lock:
            self._lock.close()


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
        return output_name(self.item, self.fence)

    def result(self, storage: Storage) -> Path:
        return storage.results(self.owner, self.batch) / self.video

    def published(self, storage: Storage) -> bool:
        """Whether anything was moved."""
        result = self.result(storage)
        return any(path.exists() for path in (result, *map(result.with_suffix, _BESIDE)))

    @contextmanager
    def working(self, workplace: Workplace) -> Iterator[Path]:
        """The run's folder, ours until the end of the block, when it is removed.

        An exception leaves it to the sweep after the worker's end, which asks the record what became of the run.
        """
        folder = workplace.take(f"{self.owner}.{self.batch}.{self.item}.{self.fence}")
        yield folder
        workplace.give_back(folder)

    def publish(self, storage: Storage, output: Path) -> None:
        """Move the synced video, and its subtitles, into the batch's results; the move survives a power cut too."""
        result = self.result(storage)
        made(result.parent)
        for suffix in _BESIDE:
            with contextlib.suppress(FileNotFoundError):
                output.with_suffix(suffix).replace(result.with_suffix(suffix))
        output.replace(result)
        sync(result.parent)

    def withdraw(self, storage: Storage) -> None:
        """Remove the video of a run that lost, and the batch's folder where the batch was deleted meanwhile."""
        result = self.result(storage)
        for path in (result, *map(result.with_suffix, _BESIDE)):
            path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # others are in it
            result.parent.rmdir()


def _hold(folder: Path) -> BinaryIO:
    """Create the lock already held: it appears under its name only afterwards."""
    file = (folder / f"{_LOCK}.new").open("wb")
    lock(file)
    (folder / f"{_LOCK}.new").rename(folder / _LOCK)
    return file


async def clear_abandoned(storage: Storage, recorded: Callable[[Run], Awaitable[bool]], now: float) -> int:
    """Remove what killed workers left. `recorded` says whether a run's video is its item's; `now` is in Unix seconds.

    Returns how many workers' or trials' folders.
    """
    cleared = 0
    for folder in _abandoned(storage, now):
        for run in _runs(folder):
            if run.published(storage) and not await recorded(run):
                run.withdraw(storage)
        shutil.rmtree(folder, ignore_errors=True)
        cleared += 1
    return cleared


def _runs(folder: Path) -> Iterator[Run]:
    for path in (folder, *folder.iterdir()):  # earlier versions had no folders of workers
        if run := _parse(path.name):
            yield run


def _abandoned(storage: Storage, now: float) -> Iterator[Path]:
    for entry in os.scandir(storage.work) if storage.work.exists() else ():
        try:
            with Path(entry.path, _LOCK).open("rb") as held:
                if lock(held):
                    yield Path(entry.path)
        except FileNotFoundError:
            if _age(entry, now) > _NEW_S:
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
