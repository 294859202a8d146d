"""Where a new batch lives: in a channel a thread of its own, below a message that is its status.

A command may be typed where we are not and can never post, as between two people: what can't be posted opens nothing.
"""

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from redis.asyncio import Redis

from bot.chat.delivery import DeliveryError, RefusedError
from bot.dialogue.message import Room
from bot.dialogue.ordering import Queues
from bot.dialogue.text import Language, catalogue
from bot.slack import PLATFORM
from bot.slack.arrival import Arrival
from bot.slack.heads import Heads
from bot.slack.web import Web
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Place


class Threads:
    """Opens what requests open."""

    def __init__(self, web: Web, redis: Redis, bot_user: str) -> None:
        self._web = web
        self._heads = Heads(web, redis)
        self._bot_user = bot_user

    def opening(self, arrival: Arrival, queues: Queues) -> "Opening":
        return Opening(self._web, self._heads, queues, arrival, self._bot_user)


class Opening:
    """The dialogue's `Rooms` for one request. What is said in a thread that it opened waits until the block ends."""

    def __init__(self, web: Web, heads: Heads, queues: Queues, arrival: Arrival, bot_user: str) -> None:
        self._web = web
        self._heads = heads
        self._queues = queues
        self._arrival = arrival
        self._bot_user = bot_user
        self._turns = AsyncExitStack()
        self.message = ""  # the one that was posted

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._turns.aclose()

    async def open(self, language: Language) -> Room:
        """A new message, the same one when a request is worked on again.

        Raises:
            HeygemError: NOT_INVITED, NOT_HERE; NOT_POSTED where Slack is not well.
        """
        arrival, text = self._arrival, catalogue(language).slack.opening
        try:
            ts = await self._heads.post(arrival.channel, arrival.id, text)
        except RefusedError:
            code = ErrorCode.NOT_INVITED if arrival.invitable else ErrorCode.NOT_HERE
            raise HeygemError(code, bot=f"<@{self._bot_user}>") from None
        except DeliveryError:
            raise HeygemError(ErrorCode.NOT_POSTED, service="Slack") from None
        self.message = ts
        place = Place(platform=PLATFORM, chat=arrival.channel, thread="" if arrival.im else ts)
        if place.thread:
            await self._turns.enter_async_context(self._queues.turn(place))
        return Room(place, ts)

    async def close(self, room: Room) -> None:
        try:
            await self._web.patiently("chat.delete", channel=room.place.chat, ts=room.message)
        except DeliveryError:
            return
