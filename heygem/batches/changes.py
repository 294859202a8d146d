"""Which batches a front end has to look at again. Nothing is lost while no front end runs."""

import asyncio
import logging
from collections.abc import AsyncIterator

from redis.asyncio import Redis

from heygem.base.errors import HeygemError
from heygem.batches.claims import MAX_LOSSES
from heygem.batches.scripts import QUEUE
from heygem.redis import keys
from heygem.redis.connection import reaching_queue, reply
from heygem.redis.scripts import Scripts

_log = logging.getLogger(__name__)

_POLL_S = 0.2
_REMIND_S = 10.0  # a batch that was named and not cleaned is named again


async def dirty(redis: Redis, platform: str) -> AsyncIterator[str]:
    """Ids of batches that changed, each once per change, for ever; at first all that are not clean.

    While Redis is away it waits.
    """
    clock = asyncio.get_running_loop().time
    scripts = Scripts(redis, QUEUE)
    named: dict[str, tuple[str, float]] = {}
    while True:
        changed = await _changed(redis, scripts, platform)
        named = {batch: was for batch, was in named.items() if batch in changed}
        for batch, version in changed.items():
            was, at = named.get(batch, ("", 0.0))
            if version != was or clock() - at > _REMIND_S:
                named[batch] = (version, clock())
                yield batch
        await asyncio.sleep(_POLL_S)


async def _changed(redis: Redis, scripts: Scripts, platform: str) -> dict[str, str]:
    """Batch → version. Ends lost runs too: without any worker alive, nobody else would tell the person."""
    try:
        with reaching_queue():
            await scripts.run("sweep", 0, MAX_LOSSES)
            return await reply(redis.hgetall(keys.dirty(platform)))
    except HeygemError as error:
        _log.debug("no news of batches: %s", error)
        return {}
