"""One service with its folder and its journal."""

import contextlib
import hashlib
import logging
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from heygem.base.disk import is_disk_full
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Duix, DuixEndpoint, Settings
from heygem.engines.duix.journal import Entry, Journal, Task
from heygem.engines.duix.result import of_task, plain_file, remove, told_place
from heygem.engines.duix.service import News, Reception, Service
from heygem.storage.layout import Storage

if TYPE_CHECKING:
    from heygem.engines.duix.staging import Staged

_log = logging.getLogger(__name__)

_FOLDER = "duix.endpoints.folder"
_FORGOTTEN_S = 2 * 3600.0  # a task that nobody follows and that never ends does not count any more
_KEPT_S = 600.0  # for how long a result waits for whoever comes back for it


class Endpoint:
    """Where one task at a time is done."""

    def __init__(self, endpoint: DuixEndpoint, duix: Duix, storage: Storage) -> None:
        url = str(endpoint.url).rstrip("/")
        self.service = Service(url)
        self.journal = Journal(storage.services / hashlib.sha256(url.encode()).hexdigest()[:16])
        self._folder = endpoint.folder.expanduser()
        self._inside = endpoint.inside
        self._duix = duix

    def begin(self, job: str, staged: "Staged") -> Entry | tuple[Reception, str]:
        """Hand in a task. If that can't be: why, and the service's words."""
        with self.journal.entering() as ours:
            state = self._settled() if ours else Reception.BUSY
            if state is not Reception.ACCEPTED:
                return state, ""
            self.require_folder()
            task = Task(code=str(uuid4()), job=job, frames=staged.frames, submitted=time.time())
            entry = self.journal.add(task)
            try:
                reception, words = self._submit(task.code, staged)
            except BaseException:
                self.drop(entry)
                raise
            if reception in (Reception.ACCEPTED, Reception.UNCLEAR):
                return entry
            self.drop(entry)
            return reception, words

    def answers(self) -> bool:
        """Whether a service is there; one that computes may take longer to answer than anybody waits."""
        return self.service.query(str(uuid4())).news in (News.UNKNOWN, News.NONE)

    def require_folder(self) -> None:
        """Raise ENGINE_UNAVAILABLE unless its folder is here, NO_ACCESS unless it takes files."""
        if not self._folder.is_dir():
            raise HeygemError(ErrorCode.ENGINE_UNAVAILABLE, engine="duix", missing=f"{_FOLDER} (settings)")
        try:
            tempfile.TemporaryFile(dir=self._folder).close()
        except OSError as error:
            if is_disk_full(error):
                raise
            raise HeygemError(ErrorCode.NO_ACCESS, name=_FOLDER) from error

    def settle(self) -> None:
        """See what became of the tasks that nobody follows any more, and tidy up after those that ended."""
        with self.journal.entering() as ours:
            if ours:
                self._settled()

    def result(self, task: Task) -> Path:
        """Where its video is, or will be: where the service said, else under the name that is usual."""
        usual = Path(f"{task.code}-r.mp4")
        there = (plain_file(self._folder, place) for place in filter(None, (self._told(task), usual)))
        nested = (path for path in of_task(self._folder, task.code) if path.name == usual.name)
        return next((path for path in (*there, *nested) if path and not path.is_symlink()), self._folder / usual)

    def strays(self, task: Task) -> bool:
        """Whether the service told a place that is not to be looked at: another try would end there too."""
        return bool(task.result) and self._told(task) is None

    def _told(self, task: Task) -> Path | None:
        """The told place in the folder: neither what we handed in nor another task's."""
        place = told_place(task.result or "", self._folder, self._inside)
        ours = (f"{task.code}.mp4", f"{task.code}_format.mp4")
        others = tuple(code for code in self.journal.codes() if code != task.code)
        return None if place is None or place.name in ours or place.name.startswith(others) else place

    def drop(self, entry: Entry) -> None:
        """Remove what the task left in the service's folder, ours and the service's own, then the record."""
        for path in {self.result(entry.task), *of_task(self._folder, entry.task.code)}:
            try:
                remove(path, self._folder)
            except OSError as error:
                _log.warning("a file of a finished task stays in the service's folder: %s", error.strerror)
        entry.drop()

    def _submit(self, code: str, staged: "Staged") -> tuple[Reception, str]:
        sound, video = f"{code}.wav", f"{code}.mp4"
        _place(staged.sound, self._folder / sound)
        _place(staged.video, self._folder / video)
        return self.service.submit(
            code,
            self._as_seen_inside(sound),
            self._as_seen_inside(video),
            enhance=self._duix.enhance,
            watermark=self._duix.watermark,
        )

    def _as_seen_inside(self, name: str) -> str:
        return f"{self._inside.rstrip('/')}/{name}" if self._inside else name

    def _settled(self) -> Reception:
        """ACCEPTED if nothing of ours is in hand, as far as known; else BUSY or UNREACHABLE."""
        states = {self._state(code) for code in self.journal.codes()}
        return next((state for state in (Reception.UNREACHABLE, Reception.BUSY) if state in states), Reception.ACCEPTED)

    def _state(self, code: str) -> Reception:
        entry = self.journal.take(code)
        if entry is None:  # followed by somebody
            return Reception.BUSY if (self.journal.folder / f"{code}.json").exists() else Reception.ACCEPTED
        with contextlib.closing(entry):
            if entry.task.result is None:
                return self._orphan(entry)
            if entry.quiet_seconds() > _KEPT_S:
                self.drop(entry)
            return Reception.ACCEPTED

    def _orphan(self, entry: Entry) -> Reception:
        """A task without follower: ask for its end, which is told once."""
        report = self.service.query(entry.task.code)
        age = time.time() - entry.task.submitted
        if report.news is News.DONE:
            entry.keep(result=report.result)
        elif report.news is News.UNKNOWN and age > self._duix.grace_seconds and self.result(entry.task).exists():
            entry.keep(result="")
        elif report.news is News.FAILED or age > (
            self._duix.grace_seconds if report.news is News.UNKNOWN else _FORGOTTEN_S
        ):
            self.drop(entry)
        else:
            return Reception.UNREACHABLE if report.news is News.UNREACHABLE else Reception.BUSY
        return Reception.ACCEPTED


def endpoints(settings: Settings) -> list[Endpoint]:
    storage = Storage(settings.data_dir)
    return [Endpoint(endpoint, settings.duix, storage) for endpoint in settings.duix.endpoints]


def require_alive(settings: Settings) -> None:
    """At least one service answers with sense, and its folder takes files; nothing is handed in.

    Raises:
        HeygemError: SERVICE_UNREACHABLE; ENGINE_UNAVAILABLE or NO_ACCESS for its folder.
        OSError: the disk is full.
    """
    answering = [endpoint for endpoint in endpoints(settings) if endpoint.answers()]
    if not answering:
        raise HeygemError(ErrorCode.SERVICE_UNREACHABLE, engine="duix")
    answering[0].require_folder()


def tidy(settings: Settings) -> None:
    """Remove what tasks without a follower left with the services, as far as they have ended."""
    for endpoint in endpoints(settings):
        endpoint.settle()


def _place(source: Path, target: Path) -> None:
    """Into the service's folder, without a copy where that is possible."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
