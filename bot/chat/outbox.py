"""A batch's finished videos on their way into its chat, after the final message: group by group, each at least once.

How far they came is on the record, so whoever comes after a kill goes on behind the last group whose sending was
answered. A group whose answer was lost may have arrived; it is sent again, since twice is better than never, but three
times at most: what the chat lacks after that is behind the link. A group that the platform could not take for now is
tried until it can.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.chat.delivery import TroubleError, TryLaterError, UncertainError
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch
from heygem.batches.store import Store

_log = logging.getLogger(__name__)

Deliver = Callable[[Batch, int], Awaitable[int | None]]

_PAUSE_SECONDS = 5.0  # after the first failure of a group; twice as long after each further one,
_LONGEST_PAUSE_SECONDS = 3600.0  # up to this
_DOUBTS = 3  # sendings of one group whose answers were lost
_QUEUE_SECONDS = 2.0  # between two tries to write down how far it came


class Outbox:
    """`deliver(batch, first)` sends one group of the batch's finished videos, which begins with number `first`, from 0.

    It returns the number that the next group begins with, None when nothing is left to send. It raises TryLaterError,
    TroubleError (nothing was sent) and UncertainError (the group may have been sent); then it is asked for the same
    `first` again. `sending` is held from the sending of a group until that is on the record.
    """

    def __init__(self, store: Store, deliver: Deliver, sending: asyncio.Lock) -> None:
        self._store = store
        self._deliver = deliver
        self._sending = sending
        self._failures = 0
        self._doubts = 0

    async def send(self, batch: Batch) -> None:
        """Until all is sent, or the batch is gone."""
        first = batch.delivered
        while first is not None:
            try:
                async with self._sending:
                    first = await self._deliver(batch, first)
                    await self._record(batch.id, first)
                self._failures = self._doubts = 0
            except (TryLaterError, UncertainError) as error:
                if not await self._later(batch, error):
                    return await self._record(batch.id, None)
            except HeygemError as error:
                if error.code is not ErrorCode.BATCH_UNKNOWN:
                    raise
                return None
        return None

    async def _record(self, batch_id: str, first: int | None) -> None:
        """Without that the group would be sent again, so it waits for a queue that is away."""
        while True:
            try:
                return await self._store.record_delivered(batch_id, first)
            except HeygemError as error:
                if error.code is not ErrorCode.QUEUE_UNREACHABLE:
                    raise
                await asyncio.sleep(_QUEUE_SECONDS)

    async def _later(self, batch: Batch, error: TryLaterError | UncertainError) -> bool:
        """Wait before the next try; False: there shall be none."""
        if isinstance(error, TryLaterError) and not isinstance(error, TroubleError):
            await asyncio.sleep(error.seconds)
            return True
        self._doubts += isinstance(error, UncertainError)
        if self._doubts >= _DOUBTS:
            _log.error("the videos of batch %s were not all sent: the answers to one group were lost", batch.id)
            return False
        pause = min(_PAUSE_SECONDS * 2**self._failures, _LONGEST_PAUSE_SECONDS)
        self._failures += 1
        _log.warning("videos of batch %s may not have arrived; they are sent again in %.0f s", batch.id, pause)
        await asyncio.sleep(pause)
        return True
