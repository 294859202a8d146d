"""Redis' clock: the only one that decides when anything is over its time, so that machines need not agree on theirs."""

from redis.asyncio import Redis


async def now(redis: Redis) -> float:
    """Unix seconds."""
    seconds, microseconds = await redis.time()
    return float(seconds) + float(microseconds) / 1e6
