"""Which workers are alive: each says so every few seconds."""

from redis.asyncio import Redis

from heygem.batches import keys

BEAT_S = 2.0
ALIVE_S = 10.0  # a worker that was silent for so long counts as gone


async def beat(redis: Redis, worker: str) -> None:
    """Say that `worker` lives; call every BEAT_S."""
    now = await _now(redis)
    await redis.zadd(keys.WORKERS, {worker: now + ALIVE_S})
    await redis.zremrangebyscore(keys.WORKERS, "-inf", now - 3600)


async def leave(redis: Redis, worker: str) -> None:
    await redis.zrem(keys.WORKERS, worker)


async def alive(redis: Redis) -> int:
    """How many workers are alive."""
    return int(await redis.zcount(keys.WORKERS, await _now(redis), "+inf"))


async def _now(redis: Redis) -> float:
    seconds, microseconds = await redis.time()
    return float(seconds) + float(microseconds) / 1e6
