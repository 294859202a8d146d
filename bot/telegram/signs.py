"""A sign in the chat that the bot is busy with it: Telegram shows "typing" for five seconds, or until a message."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from telegram.constants import ChatAction
from telegram.ext import ExtBot

from bot.chat.delivery import DeliveryError
from bot.telegram.calls import Calls
from bot.telegram.speaker import thread_of
from heygem.base.tasks import end
from heygem.batches.model import Place

_UNNOTICED_S = 1.0  # what is done within that needs no sign
_AGAIN_S = 4.5


class Signs:
    def __init__(self, bot: ExtBot[None], calls: Calls) -> None:
        self._bot = bot
        self._calls = calls
        self._busy: Counter[Place] = Counter()
        self._showing: dict[Place, asyncio.Task[None]] = {}

    @asynccontextmanager
    async def busy(self, place: Place) -> AsyncIterator[None]:
        """One sign in a place, however many files are on their way there."""
        self._busy[place] += 1
        if place not in self._showing:
            self._showing[place] = asyncio.create_task(self._show(place))
        try:
            yield
        finally:
            self._busy[place] -= 1
            if not self._busy[place]:
                del self._busy[place]
                await end([self._showing.pop(place)])

    async def _show(self, place: Place) -> None:
        pause = _UNNOTICED_S
        while True:
            await asyncio.sleep(pause)
            pause = _AGAIN_S
            with contextlib.suppress(DeliveryError):
                await self._calls.into(place, lambda chat: self._typing(chat, place), messages=0)

    async def _typing(self, chat: int, place: Place) -> None:
        await self._bot.send_chat_action(chat, ChatAction.TYPING, message_thread_id=thread_of(place))
