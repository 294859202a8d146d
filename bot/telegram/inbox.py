"""Updates on their way from Telegram to the conversation.

Asking for the next updates tells Telegram that the ones before arrived, while a file of theirs may still be on its way.
So each is kept in Redis until it is answered: what a killed bot had not answered is answered by the next one. An update
that comes twice is taken once. Without Redis they pass through unkept.
"""

import asyncio
import json
import logging
import time

from redis.asyncio import Redis
from redis.exceptions import RedisError
from telegram import Update
from telegram.ext import ExtBot

from heygem.batches.connection import reply
from heygem.batches.keys import PREFIX

_log = logging.getLogger(__name__)

_KEPT_SECONDS = 2 * 86_400  # Telegram repeats an update for a day at most
_WITHOUT_SECONDS = 2.0  # after Redis failed, no update waits for it until then
_KEEP = """
if not redis.call('SET', KEYS[1], 1, 'NX', 'EX', ARGV[3]) then return 0 end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
return 1
"""


class Inbox(asyncio.Queue[object]):
    def __init__(self, redis: Redis, bot_id: str) -> None:
        super().__init__()
        self._redis = redis
        self._prefix = f"{PREFIX}telegram:{bot_id}:"
        self._waiting = self._prefix + "waiting"  # hash update id → update (JSON)
        self._keep_script = redis.register_script(_KEEP)
        self._away_until = 0.0

    async def put(self, item: object) -> None:
        if isinstance(item, Update) and not await self._keep(item):
            _log.debug("update %d came again", item.update_id)
            return
        await super().put(item)

    async def replay(self, bot: ExtBot[None]) -> None:
        """Take up what was not answered. Raises RedisError."""
        waiting = await reply(self._redis.hgetall(self._waiting))
        for number in sorted(waiting, key=int):
            update = Update.de_json(json.loads(waiting[number]), bot)
            await super().put(update)
        if waiting:
            _log.info("%d updates were left to answer", len(waiting))

    async def done(self, update: Update) -> None:
        try:
            await reply(self._redis.hdel(self._waiting, str(update.update_id)))
        except (RedisError, OSError):
            _log.warning("an answered update stays in the inbox")

    async def _keep(self, update: Update) -> bool:
        """False for one that came before."""
        if time.monotonic() < self._away_until:
            return True
        number = str(update.update_id)
        try:
            kept = await self._keep_script(
                keys=[f"{self._prefix}seen:{number}", self._waiting], args=[number, update.to_json(), _KEPT_SECONDS]
            )
        except (RedisError, OSError):
            self._away_until = time.monotonic() + _WITHOUT_SECONDS
            return True
        return bool(kept)
