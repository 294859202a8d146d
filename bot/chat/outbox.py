"""A batch's finished videos on their way into its chat, after the final message: group by group, each at least once.

How far they came is on the record, so whoever comes after a kill goes on behind the last group whose sending was
answered. A group whose answer was lost may have arrived; it is sent again, since twice is better than never, but three
times at most: what the chat lacks after that is behind the link. A group that the platform could not take for now is
tried until it can.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from bot.chat.delivery import TroubleError, TryLaterError, UncertainError
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch
from heygem.batches.store import Store

_log = logging.getLogger(__name__)

_Answer = TypeVar("_Answer")
Deliver = Callable[[Batch, int], Awaitable[int | None]]

_PAUSE_S = 5.0  # after the first failure of a group; twice as long after each further one,
_LONGEST_PAUSE_S = 3600.0  # up to this
_DOUBTS = 3  # sendings of one group whose answers were lost
_QUEUE_S = 2.0  # between two tries to reach Redis


class Outbox:
    """`deliver(batch, first)` sends one group of the batch's finished videos, which begins with number `first`, from 0.

    It returns the number that the next group begins with, None when nothing is left to send. It raises TryLaterError,
    TroubleError (nothing was sent) and UncertainError (the group may have been sent); then it is asked for the same
    `first` again, as after QUEUE_UNREACHABLE. `sending` is held from the sending of a group until that is on record.
    """

    def __init__(self, store: Store, deliver: Deliver, sending: asyncio.Lock) -> None:
        self._store = store
        self._deliver = deliver
        self._sending = sending
        self._failures = 0
        self._doubts = 0

    async def send(self, batch_id: str) -> None:
        """Until all is sent, or the batch is gone."""
        with contextlib.suppress(_BatchGoneError):
            batch = await _present(partial(self._store.get, batch_id))
            first = batch.delivered
            while first is not None:
                first = await self._send(batch, first)

    async def _send(self, batch: Batch, first: int) -> int | None:
        """One group, tried once; where to go on."""
        try:
            async with self._sending:
                following = await self._deliver(batch, first)
                await self._record(batch, following)
            self._failures = self._doubts = 0
            return following
        except (TryLaterError, UncertainError) as error:
            if await self._later(batch, error):
                return first
            await self._record(batch, None)
            return None
        except HeygemError as error:
            if error.code is not ErrorCode.QUEUE_UNREACHABLE:
                raise
            await asyncio.sleep(_QUEUE_S)
            return first

    async def _record(self, batch: Batch, first: int | None) -> None:
        """Without that the group would be sent again."""
        await _present(partial(self._store.telling.record_delivered, batch.id, first))

    async def _later(self, batch: Batch, error: TryLaterError | UncertainError) -> bool:
        """Wait before the next try; False: there shall be none."""
        if isinstance(error, TryLaterError) and not isinstance(error, TroubleError):
            await asyncio.sleep(error.seconds)
            return True
        self._doubts += isinstance(error, UncertainError)
        if self._doubts >= _DOUBTS:
            _log.error("the videos of batch %s were not all sent: the answers to one group were lost", batch.id)
            return False
        pause = min(_PAUSE_S * 2**self._failures, _LONGEST_PAUSE_S)
        self._failures += 1
        _log.warning("videos of batch %s may not have arrived; they are sent again in %.0f s", batch.id, pause)
        await asyncio.sleep(pause)
        return True


class _BatchGoneError(Exception):
    """There is no such batch any more."""


async def _present(step: Callable[[], Awaitable[_Answer]]) -> _Answer:
    """The answer of the store, however long Redis is away."""
    while True:
        try:
            return await step()
        except HeygemError as error:
            if error.code is ErrorCode.BATCH_UNKNOWN:
                raise _BatchGoneError from None
            if error.code is not ErrorCode.QUEUE_UNREACHABLE:
                raise
            await asyncio.sleep(_QUEUE_S)
