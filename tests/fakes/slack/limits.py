"""Slack's rate limits: per method and workspace by tier, about one message a second per channel."""

import time
from collections import deque

from tests.fakes.slack.refusal import TooOften

_MINUTE = 60.0
_BURST = 3  # "short bursts" of messages are let through


class Limits:
    def __init__(self) -> None:
        self._calls: dict[str, deque[float]] = {}
        self.refused: list[str] = []

    def count(self, method: str, per_minute: int, channel: str) -> None:
        """Raises TooOften."""
        if per_minute:
            self._take(method, per_minute, _MINUTE)
        else:
            self._take(f"{method}:{channel}", _BURST, float(_BURST))

    def _take(self, key: str, most: int, window: float) -> None:
        now = time.monotonic()
        calls = self._calls.setdefault(key, deque())
        while calls and calls[0] <= now - window:
            calls.popleft()
        if len(calls) >= most:
            self.refused.append(key)
            raise TooOften(max(1, round(calls[0] + window - now + 0.5)))
        calls.append(now)
