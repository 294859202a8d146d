"""Server-Sent Events: an answer that goes on, for at most so many at once of each who asks."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from heygem.base.errors import ErrorCode, HeygemError

BEAT_S = 15.0
BEAT = ": still here\n\n"
_STALLED_S = 60.0  # for one event: who does not read it comes back with its id


class Streams:
    """Those that are open, by who asked."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._open: Counter[str] = Counter()

    @contextmanager
    def place(self, who: str) -> Iterator[None]:
        """One of theirs. Raises STREAMS_MANY."""
        if self._open[who] >= self._limit:
            raise HeygemError(ErrorCode.STREAMS_MANY, limit=self._limit)
        self._open[who] += 1
        try:
            yield
        finally:
            self._open[who] -= 1
            if not self._open[who]:
                del self._open[who]


class EventStream(StreamingResponse):
    """Gives its places back however it ends."""

    def __init__(self, content: AsyncIterator[str], places: ExitStack) -> None:
        super().__init__(content, headers={"x-accel-buffering": "no"}, media_type="text/event-stream")
        self._places = places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def patient(message: Message) -> None:
            async with asyncio.timeout(_STALLED_S):
                await send(message)

        with self._places:
            try:
                await super().__call__(scope, receive, patient)
            except TimeoutError:
                return  # the server closes a connection whose answer is incomplete
