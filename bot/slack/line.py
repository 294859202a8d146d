"""Whether what people say on Slack reaches us, for the bot's health."""

import asyncio
import time

from heygem.base.errors import ErrorCode, HeygemError

_PATIENCE_S = 15.0  # Slack moves a connection now and then, and it is back within seconds


class Line:
    def __init__(self) -> None:
        self._down_since: float | None = time.monotonic()
        self.opened = asyncio.Event()  # once it was up

    def up(self) -> None:
        self._down_since = None
        self.opened.set()

    def down(self) -> None:
        if self._down_since is None:
            self._down_since = time.monotonic()

    def trouble(self) -> HeygemError | None:
        if self._down_since is None or (seconds := time.monotonic() - self._down_since) < _PATIENCE_S:
            return None
        return HeygemError(ErrorCode.CONNECTION_LOST, service="Slack", seconds=round(seconds))
