"""The stages of one render: reported, timed, and left off where a person cancels between them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from heygem.base.errors import ErrorCode, HeygemError
from heygem.engines.base import Progress, RenderJob, Stage


@dataclass(frozen=True)
class Stages:
    """`seconds` holds how long each finished stage took."""

    job: RenderJob
    seconds: dict[Stage, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        self.check()
        began = time.monotonic()
        self.job.report(Progress(stage, 0.0))
        yield
        self.job.report(Progress(stage, 1.0))
        self.seconds[stage] = time.monotonic() - began

    def check(self) -> None:
        """Raise CANCELLED if the person has cancelled."""
        if self.job.cancelled():
            raise HeygemError(ErrorCode.CANCELLED)
