"""Which batches a front end has to look at again. Nothing is lost while no front end runs."""

import asyncio
from collections.abc import AsyncIterator

from redis.asyncio import Redis

from heygem.batches import keys
from heygem.batches.connection import reply

_POLL_S = 0.2
_REMIND_S = 10.0  # a batch that was named and not cleaned is named again


async def dirty(redis: Redis, platform: str) -> AsyncIterator[str]:
    """Ids of batches that changed, each once per change, for ever; at first all that are not clean."""
    clock = asyncio.get_running_loop().time
    named: dict[str, tuple[str, float]] = {}
    while True:
        changed = await reply(redis.hgetall(keys.dirty(platform)))
        named = {batch: was for batch, was in named.items() if batch in changed}
        for batch, version in changed.items():
            was, at = named.get(batch, ("", 0.0))
            if version != was or clock() - at > _REMIND_S:
                named[batch] = (version, clock())
                yield batch
        await asyncio.sleep(_POLL_S)
