"""From an accepted task to its video, past everything that the service may say meanwhile."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import Limits
from heygem.base.settings import Duix
from heygem.engines.base import Progress, RenderJob
from heygem.engines.duix.endpoint import Endpoint
from heygem.engines.duix.journal import Entry
from heygem.engines.duix.service import News, Report
from heygem.media.info import FPS, MediaInfo
from heygem.media.probe import probe

NAME = "duix"

_log = logging.getLogger(__name__)

_FULL = "队列满"  # none of the task's fault; it stays so until the service is restarted
_ERRORS = 5  # in a row, before its word is taken for it
_OFF_S, _OFF_SHARE = 0.5, 0.02  # how far a result's length may be off


class TaskLostError(Exception):
    """The service does not know the task any more, or said that it ended without leaving a whole video."""


@dataclass
class Stretch:
    """For how long something has been so."""

    _began: float | None = None

    def seconds(self, so: bool) -> float:
        if not so:
            self._began = None
            return 0.0
        now = time.monotonic()
        self._began = self._began if self._began is not None else now
        return now - self._began


@dataclass
class Follower:
    """Polls one task. Whatever ends it, also a kill, the entry holds what the service has told."""

    endpoint: Endpoint
    entry: Entry
    job: RenderJob
    duix: Duix
    limits: Limits
    pause: Callable[[float], None]
    _last: tuple[float, str] = (-1.0, "")
    _still: float = field(default_factory=time.monotonic)
    _errors: int = 0
    _size: int = 0
    _unknown: Stretch = field(default_factory=Stretch)
    _unreachable: Stretch = field(default_factory=Stretch)
    _unsettled: Stretch = field(default_factory=Stretch)

    def video(self) -> Path:
        """Wait for the task's video, whole and of the right length.

        Raises:
            HeygemError: CANCELLED, SERVICE_FAILED, SERVICE_STUCK, SERVICE_UNREACHABLE.
            TaskLostError: it is to be handed in again.
        """
        while self.entry.task.result is None and not self._hear(self.endpoint.service.query(self.entry.task.code)):
            self.pause(self.duix.poll_seconds)
        while not self._whole():
            if self._unsettled.seconds(so=True) > self.duix.grace_seconds:
                raise self._nowhere()
            self.pause(self.duix.poll_seconds)
        return self.endpoint.result(self.entry.task)

    def _hear(self, report: Report) -> bool:
        """Whether the task has ended well."""
        self._errors = self._errors + 1 if report.news is News.ERROR else 0
        if report.news is News.DONE:
            self.entry.keep(result=report.result)
            return True
        if report.news is News.FAILED and _FULL in report.words:
            _log.error("%s is stuck on a full queue: restart its container", self.endpoint.service.url)
            raise TaskLostError
        if report.news is News.FAILED or self._errors >= _ERRORS:
            raise HeygemError(
                ErrorCode.SERVICE_FAILED, engine=NAME, name=self.job.template_name, reason=report.words or "?"
            )
        if report.news is News.RUNNING:
            self._advance(report)
        self._check_patience(report)
        return report.news is News.UNKNOWN and self._ended_unheard()

    def _advance(self, report: Report) -> None:
        if (report.progress, report.words) != self._last:
            self._last = (report.progress, report.words)
            self._still = time.monotonic()
        self.job.report(Progress("generate", report.progress))

    def _check_patience(self, report: Report) -> None:
        if self._unknown.seconds(report.news is News.UNKNOWN) > self.duix.grace_seconds:
            raise TaskLostError
        if self._unreachable.seconds(report.news is News.UNREACHABLE) > self.duix.unreachable_seconds:
            raise HeygemError(ErrorCode.SERVICE_UNREACHABLE, engine=NAME)
        if time.monotonic() - self._still > self.duix.stuck_seconds:
            raise HeygemError(
                ErrorCode.SERVICE_STUCK, engine=NAME, name=self.job.template_name, limit_s=self.duix.stuck_seconds
            )

    def _ended_unheard(self) -> bool:
        """Somebody else was told of the end, or the service was restarted after it: the file says so."""
        if not self._whole():
            return False
        self.entry.keep(result="")
        return True

    def _nowhere(self) -> Exception:
        """Another try helps where the file is missing, not where the service puts it out of our reach."""
        if not self.endpoint.strays(self.entry.task):
            return TaskLostError()
        reason = self.entry.task.result or "?"
        return HeygemError(ErrorCode.SERVICE_FAILED, engine=NAME, name=self.job.template_name, reason=reason)

    def _whole(self) -> bool:
        """Whether the video is there, no longer growing, and can be read to its end."""
        path, before = self.endpoint.result(self.entry.task), self._size
        self._size = path.stat().st_size if path.is_file() and not path.is_symlink() else 0
        if not self._size or self._size != before:
            return False
        try:
            info = probe(path, self.job.template_name, self.limits)
        except HeygemError:
            return False
        self._check_length(info)
        return info.video is not None

    def _check_length(self, info: MediaInfo) -> None:
        expected = self.entry.task.frames / FPS
        if abs(info.duration_s - expected) > max(_OFF_S, expected * _OFF_SHARE):
            raise HeygemError(
                ErrorCode.SERVICE_FAILED,
                engine=NAME,
                name=self.job.template_name,
                reason=f"{info.duration_s:.1f} s ≠ {expected:.1f} s",
            )
