"""What a test may make the service do."""

from typing import Literal

from pydantic import BaseModel


class Behaviour(BaseModel, extra="forbid"):
    """Times in seconds, progress 0..100."""

    work_s: float = 0.1  # that a task takes
    progress: list[int] = [5, 20, 60]  # while it runs
    stuck_at: int | None = None  # it never gets beyond
    unknown_first: int = 0  # queries answered with 10004 though the task was accepted
    busy: bool = False  # as if others' tasks filled it, or its queue were deadlocked
    silent_s: float = 0.0  # a query is not answered for so long, for the next one only
    failure: str = ""  # a task ends with this message
    system_error: bool = False  # 9999 to everything
    nonsense: bool = False  # an HTML page to everything
    result: Literal["whole", "late", "truncated", "missing", "short", "outside"] = "whole"
    place: str = "/{code}-r.mp4"  # what it tells, and where it writes; outside of its folder it writes nothing
    old_build: bool = False  # fewer keys, numbers as strings


class Seen(BaseModel):
    """What happened to one task; times are `time.monotonic()`, which processes of one machine share."""

    code: str
    request: dict[str, object]
    began: float = 0.0
    ended: float = 0.0


class Ledger(BaseModel):
    """What the service has seen since it was started."""

    tasks: list[Seen] = []
    submissions: int = 0  # busy ones too
    violations: list[str] = []  # of the contract, by us
