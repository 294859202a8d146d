"""Connections whose client does nothing cost nobody else theirs: they end after a while, the idlest when many come.

uvicorn's own limit counts them like requests and answers 503 to everybody, `/healthz` included; and it waits for ever
for the rest of a request, and for somebody to take the rest of an answer.
"""

import asyncio
import resource
import socket
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_PATIENCE_S = 15.0  # for a request's headers, and for each part of its body; nginx gives 60, and asks for them itself
_PART_BYTES = 16_000
_MOST_IDLE = 256
_SPARE_FILES = 128  # for Redis, videos, logs
_UNSENT_BYTES = 65_536  # in the kernel, which takes 4 MB otherwise: what waits there has not reached anybody


def most_connections() -> int:
    """As many as there are file descriptors for, after the limit was raised as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard if hard != resource.RLIM_INFINITY else max(soft, 65_536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(64, min(wanted, 8192) - _SPARE_FILES)


class Connection(HttpToolsProtocol):
    """uvicorn's protocol, with an eye on whose turn it is: ours from a request's last byte to its answer's."""

    _idle: "dict[Connection, None]" = {}  # noqa: RUF012  # the client's turn, idlest first; one event loop serves all
    _patience: asyncio.TimerHandle | None = None
    _came = 0  # of a body, since the client's turn began
    _left = 0  # of an answer, when it began

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        unsent = transport.get_extra_info("socket")
        unsent.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT_BYTES)
        self._theirs()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._theirs()

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._came += len(body)
        if self._came >= _PART_BYTES and not self.cycle.response_complete:
            self._theirs()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if not self.cycle.response_complete:
            self._ours()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete or self.cycle.more_body:  # else the next request is here already
            self._theirs()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ours()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        async def whole_or_cut(scope: Any, receive: Any, send: Any) -> None:
            try:
                await app(scope, receive, send)
            finally:
                if cycle.response_started and not cycle.response_complete:
                    self.transport.abort()  # uvicorn would wait until somebody takes what is in the buffers

        super()._start_asgi_task(cycle, whole_or_cut)

    def _theirs(self) -> None:
        """The client's turn begins, or it has done enough to be the youngest again."""
        self._ours()
        self._came, self._left = 0, self.transport.get_write_buffer_size()
        self._idle[self] = None
        self._patience = self.loop.call_later(_PATIENCE_S, self._judge)
        while len(self._idle) > _MOST_IDLE:
            next(iter(self._idle))._cut()

    def _ours(self) -> None:
        self._idle.pop(self, None)
        if self._patience is not None:
            self._patience.cancel()

    def _judge(self) -> None:
        """Who takes an answer gets more time, and so does whoever may not send because we are busy."""
        taking = 0 < self.transport.get_write_buffer_size() <= self._left - _PART_BYTES
        held_up = self.flow.read_paused and not self.cycle.response_complete
        if taking or held_up:
            self._theirs()
        else:
            self._cut()

    def _cut(self) -> None:
        self._ours()
        self.transport.abort()
