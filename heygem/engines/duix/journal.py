"""Which tasks a service has in hand, on disk: what it tells once must survive whoever heard it.

data/services/<service>/<code>.json    one task; replaced whole, synced
                       <code>.lock     held by whoever follows the task; the kernel frees it with its holder
                       entering.lock   held while a task is handed in: a service does one at a time
"""

import contextlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel, Field, ValidationError

from heygem.base.files import lock, locked, whole


class Task(BaseModel, frozen=True):
    """`job` tells what was asked for: who asks the same again may take the task over."""

    code: str = Field(min_length=36)  # a UUID; the name of everything that belongs to the task
    job: str
    frames: int  # at 25 fps
    submitted: float  # Unix seconds
    result: str | None = None  # once it ended well: the file name that the service told, or ""


@dataclass
class Entry:
    """A task that this process follows; nobody else does until `close`."""

    task: Task
    _path: Path
    _lock: BinaryIO

    def keep(self, **changes: str) -> None:
        self.task = self.task.model_copy(update=changes)
        _write(self._path, self.task)

    def quiet_seconds(self) -> float:
        """Since the record changed."""
        return time.time() - self._path.stat().st_mtime

    def drop(self) -> None:
        """The task is over and its files are gone."""
        self._path.unlink(missing_ok=True)
        self._path.with_suffix(".lock").unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        self._lock.close()


@dataclass(frozen=True)
class Journal:
    """The tasks of one service."""

    folder: Path

    @contextmanager
    def entering(self) -> Iterator[bool]:
        """Whether this process may hand in a task now; others can't until the block ends."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "entering.lock").open("ab") as file:
            yield lock(file)

    def add(self, task: Task) -> Entry:
        path = self.folder / f"{task.code}.json"
        held = locked(path.with_suffix(".lock"))
        if held is None:
            raise FileExistsError(path)
        _write(path, task)
        return Entry(task, path, held)

    def codes(self) -> list[str]:
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def take(self, code: str) -> Entry | None:
        """The task, ours from now on; None if somebody follows it, or it is over."""
        path = self.folder / f"{code}.json"
        held = locked(path.with_suffix(".lock"))
        if held is None:
            return None
        with contextlib.suppress(OSError, ValidationError):
            return Entry(Task.model_validate_json(path.read_bytes()), path, held)
        path.with_suffix(".lock").unlink(missing_ok=True)  # ended between the listing and here
        held.close()
        return None

    def adopt(self, job: str) -> Entry | None:
        """A task that was handed in for the same job by somebody who is gone."""
        for code in self.codes():
            if entry := self.take(code):
                if entry.task.job == job:
                    return entry
                entry.close()
        return None


def _write(path: Path, task: Task) -> None:
    with whole(path) as partial:
        partial.write_text(task.model_dump_json())
