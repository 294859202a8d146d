"""Which threads of a channel have batches, so that /export can list what a channel made."""

import time

from redis.asyncio import Redis

from bot.slack import PLATFORM
from heygem.batches.connection import reaching_queue
from heygem.batches.keys import PREFIX
from heygem.batches.model import Batch, Person, Place
from heygem.batches.store import Store

_THREADS = PREFIX + "slack:threads:"  # zset: thread ts → Unix time of its latest batch, channel
_KEEP_SECONDS = 30 * 24 * 3600
_MOST = 20


class Threads:
    def __init__(self, redis: Redis, store: Store) -> None:
        self._redis = redis
        self._store = store

    async def note(self, place: Place) -> None:
        """A batch lives in this thread."""
        key, now = _THREADS + place.chat, time.time()
        with reaching_queue():
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.zadd(key, {place.thread: now})
                pipe.zremrangebyscore(key, "-inf", now - _KEEP_SECONDS)
                pipe.expire(key, _KEEP_SECONDS)
                await pipe.execute()

    async def finished(self, channel: str) -> list[Batch]:
        """Batches of this channel with something to export, whoever owns them; the latest thread first."""
        with reaching_queue():
            threads: list[str] = await self._redis.zrevrange(_THREADS + channel, 0, _MOST - 1)
        places = (Place(platform=PLATFORM, chat=channel, thread=thread) for thread in threads)
        latest = [await self._store.latest(place) for place in places]
        return [batch for batch in latest if batch is not None and batch.finished]

    async def mine(self, person: Person, channel: str) -> Batch | None:
        """The person's batch of this channel that a command means: the newest that goes on, or else the newest."""
        here = [batch for batch in await self._store.history(person) if batch.place.chat == channel]
        return next((batch for batch in here if not batch.state.terminal), here[0] if here else None)
