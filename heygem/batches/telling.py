"""What is to be told: which batches changed since they were shown, and how far their end was announced."""

from collections.abc import AsyncIterator

from redis.asyncio import Redis

from heygem.batches import changes
from heygem.batches.items import set_fields
from heygem.batches.scripts import QUEUE
from heygem.redis import keys
from heygem.redis.connection import reaches_queue
from heygem.redis.scripts import Scripts

_ANNOUNCING_S = 10  # to send one message; whoever takes longer may have died


@reaches_queue
class Telling:
    """Methods raise QUEUE_UNREACHABLE when Redis is away, but for `dirty`, which waits."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._scripts = Scripts(redis, QUEUE)

    async def dirty(self, platform: str) -> AsyncIterator[str]:
        """Ids of batches that changed, for ever; waits while Redis is away.

        A batch comes again until `clean` was told its latest version.
        """
        async for batch_id in changes.dirty(self._redis, platform):
            yield batch_id

    async def clean(self, platform: str, batch_id: str, seen_version: int) -> bool:
        """The status message shows `seen_version`. False: the batch changed since and stays dirty."""
        return bool(await self._scripts.run("clean", platform, batch_id, seen_version))

    async def begin_announcement(self, batch_id: str) -> bool:
        """Whether the caller is the one to send the message that tells the person. If it dies, another one is soon."""
        return bool(await self._redis.set(keys.announcing(batch_id), "1", nx=True, ex=_ANNOUNCING_S))

    async def leave_announcement(self, batch_id: str) -> None:
        """It was not sent now; whoever comes next may send it."""
        await self._redis.delete(keys.announcing(batch_id))

    async def record_announcement(self, batch_id: str) -> None:
        """It was sent. What may follow it, its videos, begins with the first. Raises BATCH_UNKNOWN."""
        await set_fields(self._scripts, batch_id, "quietly", {"announced": "1", "delivered": "0"})

    async def record_delivered(self, batch_id: str, count: int | None) -> None:
        """So many of its videos went into the chat; None: no more will. Raises BATCH_UNKNOWN."""
        delivered = "" if count is None else str(count)
        await set_fields(self._scripts, batch_id, "quietly", {"delivered": delivered})
