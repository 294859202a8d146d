"""People delete a message with files, or a file: what it brought into a batch that is still collected goes too.

Of a deleted file Slack tells nothing but its id, so it is written down which message it came with.
"""

import contextlib

from redis.asyncio import Redis

from bot.slack.arrival import Arrival
from bot.slack.file import File
from heygem.base.errors import HeygemError
from heygem.redis import keys
from heygem.redis.connection import reaching_queue, reply

_SENT_S = 8 * 24 * 3600


class Withdrawals:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def remember(self, arrival: Arrival) -> None:
        """A message with files is here."""
        with contextlib.suppress(HeygemError), reaching_queue():
            for file in arrival.files:
                name = f"withdrawn:{arrival.id}:{file.id}"
                bare = {"files": (File(id=file.id),), "text": ""}  # it outlives what is known of the file
                gone = arrival.model_copy(update={"id": name, "kind": "withdrawn", **bare})
                await reply(self._redis.sadd(keys.slack_sent(file.id), gone.model_dump_json()))
                await self._redis.expire(keys.slack_sent(file.id), _SENT_S)

    async def of(self, arrival: Arrival) -> list[Arrival]:
        """The messages that something went from."""
        if arrival.channel:
            return [arrival]
        with reaching_queue():
            sent = [
                each for file in arrival.files for each in await reply(self._redis.smembers(keys.slack_sent(file.id)))
            ]
        return [Arrival.model_validate_json(each) for each in sent]
