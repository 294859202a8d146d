"""Updates on their way from Telegram to the conversation.

Asking for the next updates tells Telegram that the ones before arrived, while a file of theirs may still be on its way.
So each is kept in the inbox until it is answered: what a killed bot had not answered is answered by the next one. An
update that comes twice is taken once. Without Redis they pass through unkept.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial

from redis.asyncio import Redis
from telegram import Update
from telegram.ext import ExtBot

from bot.chat.inbox import Envelope, Inbox, Step
from bot.telegram.screen import TELEGRAM
from heygem.base.errors import HeygemError
from heygem.redis import keys

_log = logging.getLogger(__name__)

_WITHOUT_S = 2.0  # after Redis failed, no update waits for it until then


class Updates(asyncio.Queue[object]):
    """`give_up` tells whoever sent an update that it is left out."""

    def __init__(self, redis: Redis, bot_id: str, give_up: Callable[[Update], Awaitable[None]]) -> None:
        super().__init__()
        self._inbox = Inbox(redis, f"{TELEGRAM}:{bot_id}")
        self._old = keys.old_telegram_inbox(bot_id)
        self._give_up = give_up
        self._away_until = 0.0

    async def put(self, item: object) -> None:
        if isinstance(item, Update) and not await self._keep(item):
            _log.debug("update %d came again", item.update_id)
            return
        await super().put(item)

    async def replay(self, bot: ExtBot[None]) -> None:
        """Take up what was not answered. Raises QUEUE_UNREACHABLE."""
        await self._inbox.adopt(self._old, lambda update: (json.loads(update)["update_id"], update))
        left = await self._inbox.left()
        for envelope in left:
            try:
                await super().put(Update.de_json(json.loads(envelope.event), bot))
            except Exception as error:  # whatever a version of PTB makes of what another one wrote
                _log.error("update %s, left to answer, can't be read: %s", envelope.id, type(error).__name__)
                with contextlib.suppress(HeygemError):  # those behind it wait for nothing
                    await self._inbox.done(envelope.id)
        if left:
            _log.info("%d updates were left to answer", len(left))

    async def answer(self, update: Update, handle: Step) -> None:
        await self._inbox.answer(str(update.update_id), handle, partial(self._give_up, update))

    async def _keep(self, update: Update) -> bool:
        """False for one that came before."""
        if time.monotonic() < self._away_until:
            return True
        try:
            return await self._inbox.put(Envelope(str(update.update_id), update.to_json()))
        except HeygemError:
            self._away_until = time.monotonic() + _WITHOUT_S
            return True
