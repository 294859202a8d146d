"""Connections that say nothing cost nobody else theirs: they are closed after a while, the oldest when many come.

uvicorn's own limit counts them like requests and answers 503 to everybody, `/healthz` included.
"""

import asyncio
import resource
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

_HEADERS_S = 15.0  # to send a request's headers; nginx gives 60, and asks for them itself
_MOST_IDLE = 256
_SPARE_FILES = 128  # for Redis, videos, logs


def most_connections() -> int:
    """As many as there are file descriptors for, after the limit was raised as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard if hard != resource.RLIM_INFINITY else max(soft, 65_536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(64, min(wanted, 8192) - _SPARE_FILES)


class Connection(AutoHTTPProtocol):  # type: ignore[misc,valid-type]
    """uvicorn's protocol, with an eye on connections without a request."""

    _idle: "dict[Connection, None]" = {}  # noqa: RUF012  # oldest first; one event loop serves them all

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._idle[self] = None
        self._waiting = asyncio.get_running_loop().call_later(_HEADERS_S, self._close_if_idle)
        while len(self._idle) > _MOST_IDLE:
            next(iter(self._idle))._close_if_idle()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None:
            self._heard()

    def connection_lost(self, exc: Exception | None) -> None:
        self._heard()
        super().connection_lost(exc)

    def _heard(self) -> None:
        self._idle.pop(self, None)
        self._waiting.cancel()

    def _close_if_idle(self) -> None:
        self._heard()
        if self.cycle is None and not self.transport.is_closing():
            self.transport.close()
