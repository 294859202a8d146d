"""What every worker does every two seconds, also while it renders: heal the queue, say that it lives, tidy up."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from redis.asyncio import Redis

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.batches import workers
from heygem.batches.claims import Claims
from heygem.batches.retention import sweep_old
from heygem.batches.store import Store
from heygem.engines import tidy
from heygem.redis import bells
from heygem.redis.clock import now
from heygem.redis.connection import reaching_queue
from heygem.storage.layout import Storage
from worker.abilities import Abilities
from worker.runs import Run, clear_abandoned

_log = logging.getLogger(__name__)

_RETENTION_S = 600.0


@dataclass
class Sweep:
    """Any number of workers may sweep at once. One that fails is repeated two seconds later."""

    worker: str
    redis: Redis
    store: Store
    claims: Claims
    abilities: Abilities
    wake: Callable[[], None]  # the drain: a bell may be heard by a worker that can't do what it rings for
    storage: Storage
    settings: Settings

    async def forever(self) -> None:
        await asyncio.gather(
            self._repeat(self._heal, workers.BEAT_S),
            self._repeat(self._retain, _RETENTION_S),
        )

    async def _repeat(self, step: Callable[[], Awaitable[None]], seconds: float) -> None:
        while True:
            try:
                with reaching_queue():
                    await step()
            except HeygemError as error:
                _log.warning("sweeping stops for now: %s", error.code)
            except Exception:
                _log.exception("sweeping stops for now")
            await asyncio.sleep(seconds * random.uniform(0.8, 1.2))  # noqa: S311 (so that workers don't sweep in step)

    async def _heal(self) -> None:
        await workers.beat(self.redis, self.worker, self.abilities.offer)
        claimable = await self.claims.sweep(self.abilities.lines)
        if claimable or self.abilities.doubtful:
            self.wake()
        if claimable:
            # Never by the queue's length: a bell that stands there may be one that nobody will hear.
            await bells.ring(self.redis, min(claimable, await workers.alive(self.redis)))
        if cleared := await clear_abandoned(self.storage, self._recorded, await now(self.redis)):
            _log.info("removed what %d lost runs left", cleared)

    async def _retain(self) -> None:
        await sweep_old(self.store, self.storage, self.settings, await now(self.redis))
        await asyncio.to_thread(tidy, self.settings)

    async def _recorded(self, run: Run) -> bool:
        """Whether the run's video is the one that its item's record names."""
        try:
            batch = await self.store.get(run.batch)
        except HeygemError as error:
            if error.code is ErrorCode.BATCH_UNKNOWN:
                return False
            raise
        return any(item.output is not None and item.output.name == run.video for item in batch.items)
