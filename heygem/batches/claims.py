"""The worker's side: claim an item, keep the lease, end it. Every step is one Lua script with a fence.

A run that lost its lease to another one can't change anything any more: its fence is old.
"""

from collections.abc import Collection
from enum import StrEnum

from pydantic import BaseModel
from redis.asyncio import Redis

from heygem.base.errors import ErrorCode
from heygem.base.settings import Settings
from heygem.batches.model import Batch, Failure, Item, MediaFile, Output
from heygem.batches.records import read_batch, read_item
from heygem.batches.scripts import QUEUE
from heygem.batches.states import Event
from heygem.engines.base import Stage
from heygem.redis import keys
from heygem.redis.connection import reaches_queue, reply
from heygem.redis.scripts import Scripts

MAX_LOSSES = 3  # lost workers on one item; the last one ends it
PACES_KEPT = 50


class Hold(StrEnum):
    """What a renewal says. True only for HELD."""

    HELD = "held"
    CANCELLED = "cancelled"  # stop, then call `fail` with CANCELLED; the lease was renewed for that
    LOST = "lost"  # another run has the item, or its batch is gone: stop and delete the output

    def __bool__(self) -> bool:
        return self is Hold.HELD


class Claim(BaseModel, frozen=True):
    """One run of one item. `batch.items` is empty; `fence` grows with every run of the item."""

    batch: Batch
    item: Item
    worker: str

    @property
    def fence(self) -> int:
        return self.item.fence

    @property
    def owner(self) -> str:
        """Whose folder holds caches and results."""
        return self.batch.owner.owner

    @property
    def voice(self) -> MediaFile:
        voice = self.item.voice or self.batch.voice
        if voice is None:
            raise ValueError(f"item {self.item.id} was claimable without a voice")
        return voice


@reaches_queue
class Claims:
    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._scripts = Scripts(redis, QUEUE)
        self._quota = settings.quotas.concurrent_renders

    async def claim(self, worker: str, engines: Collection[str], auto: str = "") -> Claim | None:
        """The fairest item of these engines, or None if nothing can be claimed now. What else waits costs nothing.

        Its owner has fewest running items; among those, was served least (see docs/batches.md). First come, first
        served inside an owner. An item whose lease ran out is waiting again.

        Args:
            auto: The engine for batches that were generated while nobody knew what "auto" would be; "" takes none.
        """
        answer = await self._scripts.run("claim", worker, self._quota, MAX_LOSSES, auto, *engines)
        if answer is None:
            return None
        batch, item = answer
        return Claim(batch=read_batch([batch]), item=read_item(item), worker=worker)

    async def renew(self, claim: Claim) -> Hold:
        return Hold(await self._run("renew", claim))

    async def cancelled(self, claim: Claim) -> bool:
        """Whether this run shall stop: one cheap read, to be asked more often than the lease is renewed."""
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.hmget(keys.batch(claim.batch.id), ["id", "cancelling"])
            pipe.hget(keys.item(claim.batch.id, claim.item.id), "cancelling")
            (exists, batch), item = await pipe.execute()
        return exists is None or "1" in (batch, item)

    async def progress(self, claim: Claim, stage: Stage, fraction: float) -> bool:
        """Record how far the run is; False if it no longer holds the item."""
        return bool(await self._run("progress", claim, stage, fraction))

    async def finish(self, claim: Claim, output: Output) -> bool:
        """Record the whole, fsynced output. False: another run owns the item; delete your file.

        Safe to call again when the answer was lost.
        """
        result = output.result
        lasted = (result.duration_s, result.listened_s, claim.voice.info.duration_s)
        return await self._end(claim, Event.FINISH, "output", output.model_dump_json(), lasted)

    async def fail(self, claim: Claim, failure: Failure) -> bool:
        """End the item as failed, or as cancelled if that is the failure's code. False: another run owns it."""
        event = Event.STOP if failure.code is ErrorCode.CANCELLED else Event.FAIL
        return await self._end(claim, event, "failure", failure.model_dump_json())

    async def release(self, claim: Claim) -> bool:
        """Give the item back, for a worker that stops: no loss is counted. A cancelled one becomes cancelled."""
        return bool(await self._run("release", claim))

    async def lose(self, claim: Claim, failure: Failure | None = None) -> bool:
        """The run ended without a result that counts: what an expired lease does, without waiting for it.

        Args:
            failure: Why, if that is known: what the item ends with after its last loss.
        """
        why = failure.model_dump_json() if failure else ""
        return bool(await self._run("lose", claim, MAX_LOSSES, why))

    async def wanted(self) -> set[str]:
        """The engines for which items wait, "auto" among them."""
        return set(await reply(self._redis.smembers(keys.ENGINES)))

    async def migrate(self) -> int:
        """Bring what waits in the lines of earlier versions into today's. Returns how many items."""
        return int(await self._scripts.run("migrate"))

    async def sweep(self, engines: Collection[str]) -> int:
        """End leases that ran out. How many items of these engines could be claimed now: ring that many bells."""
        return int(await self._scripts.run("sweep", self._quota, MAX_LOSSES, *engines))

    async def _end(
        self, claim: Claim, event: Event, field: str, value: str, lasted: tuple[float, float, float] = (0, 0, 0)
    ) -> bool:
        """`lasted` are the seconds of the video, of Whisper's work and of the voice."""
        return bool(await self._run("finish", claim, event, field, value, *lasted, PACES_KEPT))

    async def _run(self, script: str, claim: Claim, *arguments: str | float) -> str:
        answer: str = await self._scripts.run(script, claim.batch.id, claim.item.id, claim.fence, *arguments)
        return answer
