"""Threads that pass items on through short queues, and end together."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Generic, Self, TypeVar

from heygem.base.errors import ErrorCode, HeygemError
from heygem.engines.base import Progress, Stage

_LOW = 2  # a full queue is filled again from here on: several items in a row find the processor's caches warm
_POLL_S = 0.05
_REPORT_S = 0.1

T = TypeVar("T")


class Stopped(Exception):  # noqa: N818 (not an error: another thread's error is the reason)
    """Another thread failed; this one has nothing more to do."""


class Flow:
    """A context manager around threads. The first exception in any of them, the caller's included, stops the others.

    It comes out of the `with` block, once, after all threads have ended.
    """

    def __init__(self, cancelled: Callable[[], bool]) -> None:
        self._cancelled = cancelled
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._error: BaseException | None = None
        self._threads: list[threading.Thread] = []

    def start(self, name: str, work: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=self._run, args=(work,), name=name)
        self._threads.append(thread)
        thread.start()
        return thread

    def channel(self, _: type[T], length: int) -> "Channel[T]":
        """A queue in which `length` items may wait."""
        return Channel(self.check, length)

    def check(self) -> None:
        """Raise where this thread has to end: Stopped, or CANCELLED."""
        if self._stopped.is_set():
            raise Stopped
        if self._cancelled():
            raise HeygemError(ErrorCode.CANCELLED)

    def join(self, thread: threading.Thread) -> None:
        """Wait until a thread is done; raise Stopped if it, or another one, failed."""
        thread.join()
        if self._stopped.is_set():
            raise Stopped

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        if error is not None:
            self._fail(error)
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        if self._error is not None and self._error is not error:
            raise self._error

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        with self._lock:
            if self._error is None and not isinstance(error, Stopped):
                self._error = error
        self._stopped.set()


class Channel(Generic[T]):
    """A short queue between two threads of a flow."""

    def __init__(self, check: Callable[[], None], length: int) -> None:
        self._check, self._length = check, length
        self._items: deque[T] = deque()
        self._full = self._closed = False
        self._changed = threading.Condition()

    def put(self, item: T) -> None:
        with self._changed:
            self._wait(lambda: not self._full)
            self._items.append(item)
            self._full = len(self._items) >= self._length
            self._changed.notify_all()

    def close(self) -> None:
        """Nothing more comes."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def feed(self, items: Iterable[T]) -> None:
        for item in items:
            self.put(item)
        self.close()

    def __iter__(self) -> Iterator[T]:
        while True:
            with self._changed:
                self._wait(lambda: bool(self._items) or self._closed)
                if not self._items:
                    return
                item = self._items.popleft()
                if self._full and len(self._items) <= _LOW:
                    self._full = False
                    self._changed.notify_all()
            yield item

    def _wait(self, ready: Callable[[], bool]) -> None:
        self._check()
        while not self._changed.wait_for(ready, _POLL_S):
            self._check()


class Throttle:
    """Reports a stage's share done, at most ten times a second."""

    def __init__(self, report: Callable[[Progress], None], stage: Stage) -> None:
        self._report = report
        self._stage: Stage = stage
        self._next = 0.0

    def __call__(self, fraction: float) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _REPORT_S
            self._report(Progress(self._stage, min(max(fraction, 0.0), 1.0)))
