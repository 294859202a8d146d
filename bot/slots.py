"""A limit on what runs at the same time in this process, which nobody holds against others by being slow."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from heygem.errors import ErrorCode, HeygemError

RETRY_S = 30
_SLOW_BYTES = 100_000  # a second; whoever is faster keeps the slot, however many wait
_GRACE_S = 3.0  # in which nobody is called slow


@dataclass(eq=False)
class Slot:
    """One of those at work. `moved` grows as bytes do; `evicted` is True once another took the place."""

    key: str
    task: "asyncio.Task[object] | None"
    release: Callable[[], None]
    moved: int = 0
    evicted: bool = False
    began: float = field(default_factory=time.monotonic)

    @property
    def rate(self) -> float:
        """Bytes a second; infinite while it is too young to tell."""
        age = time.monotonic() - self.began
        return self.moved / age if age > _GRACE_S else float("inf")


class Slots:
    """At most `limit` at once; `busy` is what the next one is told where nobody can make room.

    Room is made by the slowest of those who hold more slots than the newcomer would, else by the slowest if it is slow
    indeed: its task is cancelled, and both downloads and uploads go on later where they stopped.
    """

    def __init__(self, limit: int, busy: ErrorCode = ErrorCode.DOWNLOADS_BUSY, retry_s: int = RETRY_S) -> None:
        self._limit = limit
        self._busy = busy
        self._retry_s = retry_s
        self._taken: list[Slot] = []

    def take(self, key: str) -> Slot:
        """Take a slot for the running task, on behalf of `key`: a link, say. Its `release` may be called twice.

        Raises:
            HeygemError: DOWNLOADS_BUSY, or UPLOADS_BUSY.
        """
        if len(self._taken) >= self._limit:
            self._make_room(key)
        slot = Slot(key, _running_task(), lambda: self._free(slot))
        self._taken.append(slot)
        return slot

    def _make_room(self, key: str) -> None:
        held = Counter(slot.key for slot in self._taken)
        greedy = [slot for slot in self._taken if held[slot.key] > held[key] + 1]
        slowest = min(greedy or self._taken, key=lambda slot: slot.rate)
        if slowest.rate == float("inf") or not (greedy or slowest.rate < _SLOW_BYTES):
            raise HeygemError(self._busy, limit=self._limit, retry_s=self._retry_s)
        slowest.evicted = True
        self._free(slowest)
        if slowest.task is not None:
            slowest.task.cancel()

    def _free(self, slot: Slot) -> None:
        if slot in self._taken:
            self._taken.remove(slot)


def _running_task() -> "asyncio.Task[object] | None":
    try:
        return asyncio.current_task()
    except RuntimeError:  # nothing runs: a test
        return None
