"""What Slack was told that we have, and have not answered yet, in Redis.

Slack delivers again what is not acknowledged within 3 s, and never again what is. So an arrival is written down first:
then it survives our death, and a second delivery of it is known as such.
"""

import json
import time
from collections.abc import Awaitable
from typing import cast

from redis.asyncio import Redis

from bot.slack.arrival import Arrival
from heygem.batches.connection import reaching_queue, reply
from heygem.batches.keys import PREFIX

_INBOX = PREFIX + "slack:inbox"  # hash: arrival id → arrival (JSON), what is not answered yet
_TRIES = PREFIX + "slack:tries"  # hash: arrival id → how often it was begun
_SEEN = PREFIX + "slack:seen:"  # string, arrival id: delivered once
_SEEN_SECONDS = 3600  # Slack's last redelivery comes after five minutes
_MOST_TRIES = 3  # an arrival during which we die each time is given up
_STALE_SECONDS = 24 * 3600

_WRITE = """
if not redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[1]) then return 0 end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
return 1
"""


class Inbox:
    """All methods raise HeygemError QUEUE_UNREACHABLE when Redis is away."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def put(self, arrival: Arrival) -> bool:
        """Write it down; False: it was delivered before."""
        entry = json.dumps({"at": time.time(), "arrival": arrival.model_dump(mode="json")})
        with reaching_queue():
            written = self._redis.eval(_WRITE, 2, _SEEN + arrival.id, _INBOX, str(_SEEN_SECONDS), arrival.id, entry)
            return bool(await cast("Awaitable[int]", written))

    async def begin(self, arrival: Arrival) -> bool:
        """Count a try; False: enough of them."""
        with reaching_queue():
            if await reply(self._redis.hincrby(_TRIES, arrival.id, 1)) <= _MOST_TRIES:
                return True
        await self.done(arrival)
        return False

    async def done(self, arrival: Arrival) -> None:
        with reaching_queue():
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.hdel(_INBOX, arrival.id)
                pipe.hdel(_TRIES, arrival.id)
                await pipe.execute()

    async def left(self) -> list[Arrival]:
        """What an earlier life of ours did not finish, oldest first."""
        with reaching_queue():
            kept = await reply(self._redis.hgetall(_INBOX))
        entries = sorted((json.loads(entry) for entry in kept.values()), key=lambda entry: float(entry["at"]))
        arrivals = [(entry["at"], Arrival.model_validate(entry["arrival"])) for entry in entries]
        for at, arrival in arrivals:
            if time.time() - at > _STALE_SECONDS:
                await self.done(arrival)
        return [arrival for at, arrival in arrivals if time.time() - at <= _STALE_SECONDS]
