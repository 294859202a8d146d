"""A limit on what runs at the same time in this process, which nobody holds against others by being slow."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import itemgetter
from time import monotonic

from heygem.base.errors import ErrorCode, HeygemError

RETRY_S = 30
_SLOW_BYTES = 50_000  # a second; whoever is faster keeps the slot, however many wait
_FILLING_S = 2.0  # in which nobody is called slow, and what goes may only fill buffers on the way
_FILLING_AGAIN_S = 10.0  # the same, where the newcomer was slow itself
_RECENT_S = 10.0  # who reads steadily may still take much at once and then nothing for seconds, as nginx does
_REMEMBERED_S = 600.0
_TICK_S = 0.25


@dataclass(eq=False)
class Slot:
    """One of those at work; `evicted` is True once another took the place."""

    key: str
    task: "asyncio.Task[object] | None"
    release: Callable[[], None]
    evicted: bool = False
    _began: float = field(default_factory=lambda: monotonic())
    _moved: Counter[int] = field(default_factory=Counter)  # tick → bytes, the recent ones

    def moved(self, count: int) -> None:
        """So many bytes went through it just now."""
        tick = _tick(monotonic())
        if tick not in self._moved:
            for old in [each for each in self._moved if each < tick - _tick(_RECENT_S)]:
                del self._moved[old]
        self._moved[tick] += count

    def rate(self, filling_s: float = _FILLING_S) -> float:
        """Bytes a second, lately; infinite while it is younger than `filling_s`."""
        now = monotonic()
        age = now - self._began
        if age < filling_s:
            return float("inf")
        steady_s = max(_FILLING_S, min(_RECENT_S, age - _FILLING_S))
        steady = self._since(max(now - _RECENT_S, self._began + _FILLING_S)) / steady_s
        return max(steady, self._since(now - _FILLING_S) / _FILLING_S)

    def _since(self, when: float) -> int:
        return sum(count for tick, count in self._moved.items() if tick >= _tick(when))


class Slots:
    """At most `limit` at once; `busy` is what the next one is told where nobody can make room.

    Room is made by the slowest of those who hold more slots than the newcomer would, else by the slowest if it is slow
    indeed: its task is cancelled, and both downloads and uploads go on later where they stopped. Those who made room
    and come back at once wait longer for others to do so: else they would be there before anybody else.
    """

    def __init__(self, limit: int, busy: ErrorCode = ErrorCode.DOWNLOADS_BUSY, retry_s: int = RETRY_S) -> None:
        self._limit = limit
        self._busy = busy
        self._retry_s = retry_s
        self._taken: list[Slot] = []
        self._slow: dict[str, float] = {}  # key → when it made room, oldest first

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
        filling_s = _FILLING_AGAIN_S if self._was_slow(key) and not greedy else _FILLING_S
        rate, slowest = min(((slot.rate(filling_s), slot) for slot in greedy or self._taken), key=itemgetter(0))
        if rate == float("inf") or not (greedy or rate < _SLOW_BYTES):
            raise HeygemError(self._busy, limit=self._limit, retry_s=self._retry_s)
        if rate < _SLOW_BYTES:
            self._remember(slowest.key)
        self._evict(slowest)

    def _evict(self, slot: Slot) -> None:
        slot.evicted = True
        self._free(slot)
        if slot.task is not None:
            slot.task.cancel()

    def _remember(self, key: str) -> None:
        self._slow.pop(key, None)
        self._slow[key] = monotonic()
        while not self._was_slow(oldest := next(iter(self._slow))):
            del self._slow[oldest]

    def _was_slow(self, key: str) -> bool:
        return key in self._slow and monotonic() - self._slow[key] < _REMEMBERED_S

    def _free(self, slot: Slot) -> None:
        if slot in self._taken:
            self._taken.remove(slot)


def _tick(seconds: float) -> int:
    return int(seconds / _TICK_S)


def _running_task() -> "asyncio.Task[object] | None":
    try:
        return asyncio.current_task()
    except RuntimeError:  # nothing runs: a test
        return None
