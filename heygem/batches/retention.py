"""What goes by itself: old results, abandoned batches, files that nothing uses, caches beyond their size, leftovers.

Any number of workers may sweep at once, and a sweep may die anywhere: each step looks at what is there now, and the
next sweep goes on where this one stopped.
"""

import asyncio
import contextlib

from heygem.base.errors import HeygemError
from heygem.base.limits import MB
from heygem.base.settings import Retention, Settings
from heygem.batches import leftovers
from heygem.batches.model import Batch
from heygem.batches.store import Store
from heygem.redis import keys
from heygem.storage.layout import Storage

DAY_S = 24 * 3600.0
EXPIRED_S = 3600.0  # for so long an expired batch can still be told about


def kept_until(batch: Batch, retention: Retention, now: float) -> float:
    """Until when a batch and its results stay, in Unix seconds; one that has not ended stays at least so long."""
    return (batch.ended or now) + retention.results_days * DAY_S


async def sweep_old(store: Store, storage: Storage, settings: Settings, now: float) -> None:
    """Remove what is over its time.

    Args:
        now: Unix seconds.
    """
    kept = settings.retention
    await store.expire(now - kept.abandoned_days * DAY_S, now)
    await _cancel_paused(store, now - kept.results_days * DAY_S)
    await _delete_before(store, keys.EXPIRED, now - EXPIRED_S)
    await _delete_before(store, keys.ENDED, now - kept.results_days * DAY_S)
    await leftovers.remove_unused_files(store.redis, storage, now)
    await leftovers.remove_orphaned_results(store, storage, now)
    await asyncio.to_thread(leftovers.remove_stale_uploads, storage, now)
    await asyncio.to_thread(leftovers.shrink_caches, storage, kept.cache_mb * MB, now)


async def _cancel_paused(store: Store, before: float) -> None:
    """What was paused and not resumed would keep its files for ever."""
    for batch_id in await store.line.paused(before):
        with contextlib.suppress(HeygemError):
            await store.cancel(batch_id)


async def _delete_before(store: Store, index: str, before: float) -> None:
    over: list[str] = await store.redis.zrangebyscore(index, "-inf", before)
    for batch_id in over:
        with contextlib.suppress(HeygemError):  # another worker's sweep, or its owner, was quicker
            await store.delete(batch_id)
