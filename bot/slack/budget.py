"""How often Slack lets us call a method. One place decides for the whole workspace, so that no batch starves others.

Slack's tiers hold per method, app and workspace: chat.update 50 and more a minute (tier 3), chat.postMessage about one
a second per channel.
"""

import time
from collections.abc import Callable
from functools import partial

_FORGET_AFTER = 1000  # keys remembered before old ones are dropped


class Budget:
    """`per_minute` calls, at most `burst` of them at once; told to come back, a caller has its turn reserved."""

    def __init__(self, per_minute: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = 60 / per_minute
        self._slack = self._interval * (burst - 1)
        self._clock = clock
        self._next = clock()  # when the next call would be on time at an even pace
        self._closed = self._next
        self._promised: dict[str, float] = {}

    def wait(self, caller: str) -> float:
        """0: go ahead, the call is counted. Else the seconds after which this caller shall ask again."""
        now = self._clock()
        due = self._promised.pop(caller, None)
        if due is None:
            due = max(self._next - self._slack, now)
            self._next = max(self._next, now) + self._interval
        due = max(due, self._closed)
        if due <= now:
            return 0.0
        self._promised[caller] = due
        return due - now

    def close(self, seconds: float) -> None:
        """Slack refused for so long (Retry-After): nobody goes before that."""
        self._closed = max(self._closed, self._clock() + seconds)

    @property
    def idle(self) -> bool:
        return self._next <= self._clock() and self._closed <= self._clock() and not self._promised


class Budgets:
    """A budget per key; one that is idle takes no memory for long."""

    def __init__(self, per_minute: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._new = partial(Budget, per_minute, burst, clock)
        self._budgets: dict[str, Budget] = {}

    def of(self, key: str) -> Budget:
        if len(self._budgets) > _FORGET_AFTER:
            self._budgets = {key: budget for key, budget in self._budgets.items() if not budget.idle}
        return self._budgets.setdefault(key, self._new())
