"""A person's own line: what waits in it is paused, put first, or taken out. Between people nothing changes by that."""

import contextlib

from redis.asyncio import Redis

from heygem.base.errors import HeygemError
from heygem.batches import workers
from heygem.batches.claims import MAX_LOSSES
from heygem.batches.items import raise_unless_ok
from heygem.batches.scripts import QUEUE
from heygem.redis import bells, keys
from heygem.redis.connection import reaches_queue, reaching_queue
from heygem.redis.scripts import Scripts


@reaches_queue
class Line:
    """Methods raise BATCH_UNKNOWN; where there is nothing to do, as in a batch that has ended, they do nothing."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._scripts = Scripts(redis, QUEUE)

    async def pause(self, batch_id: str) -> None:
        """What waits is not claimed until the batch is resumed. What runs goes on to its end."""
        await self._run("pause", batch_id)

    async def resume(self, batch_id: str) -> None:
        """What waits is claimable again, in the place that it had."""
        await self._run("resume", batch_id)
        await self.ring()

    async def put_first(self, batch_id: str) -> None:
        """It is claimed before all other batches of its owner."""
        await self._run("put_first", batch_id)

    async def cancel_item(self, batch_id: str, item_id: str) -> None:
        """A waiting item ends at once, a running one when its worker stops; the batch goes on. Raises ITEM_UNKNOWN."""
        (status,) = await self._scripts.run("cancel_item", batch_id, item_id, MAX_LOSSES)
        raise_unless_ok(status, number=item_id)

    async def paused(self, before: float) -> list[str]:
        """Batches that have been paused since before that (Unix seconds)."""
        found: list[str] = await self._redis.zrangebyscore(keys.PAUSED, "-inf", before)
        return found

    async def ring(self) -> None:
        """Wake the workers: there is something to claim. Without it their own sweep would find it, a little later."""
        with contextlib.suppress(HeygemError), reaching_queue():
            await bells.ring(self._redis, max(1, await workers.alive(self._redis)))

    async def _run(self, script: str, batch_id: str) -> None:
        (status,) = await self._scripts.run(script, batch_id)
        raise_unless_ok(status)
