"""A channel's rooms: each batch lives in a thread of its own, below a message that is its status."""

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from redis.asyncio import Redis

from bot.chat.delivery import DeliveryError
from bot.chat.ordering import Queues
from bot.dialogue.text import Language, catalogue
from bot.slack import PLATFORM
from bot.slack.blocks import section
from bot.slack.mrkdwn import escape
from bot.slack.web import Web
from heygem.batches.connection import reaching_queue
from heygem.batches.keys import PREFIX
from heygem.batches.model import Place
from heygem.errors import ErrorCode, HeygemError

_POSTED = PREFIX + "slack:parent:"  # string: ts of the message that a request was answered with, arrival id
_POSTED_SECONDS = 24 * 3600  # as long as a request may wait in the inbox


class Threads:
    """`Rooms` for one request. What is said in a thread that it opened waits until the block ends."""

    def __init__(self, web: Web, redis: Redis, queues: Queues, channel: str, request: str, bot_user: str) -> None:
        self._web = web
        self._redis = redis
        self._queues = queues
        self._channel = channel
        self._request = request
        self._bot_user = bot_user
        self._turns = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._turns.aclose()

    async def open(self, language: Language) -> Place:
        """The thread of a new message, the same one when a request is worked on again.

        Raises:
            HeygemError: NOT_INVITED.
        """
        text, posted = escape(catalogue(language).slack.opening), _POSTED + self._request
        with reaching_queue():
            ts = await self._redis.get(posted)
        try:
            ts = ts or await self._web.post_patiently(self._channel, "", text, [section(text)])
        except DeliveryError:
            raise HeygemError(ErrorCode.NOT_INVITED, bot=f"<@{self._bot_user}>") from None
        place = Place(platform=PLATFORM, chat=self._channel, thread=ts)
        await self._turns.enter_async_context(self._queues.turn(place))
        with reaching_queue():
            await self._redis.set(posted, ts, ex=_POSTED_SECONDS)
        return place

    async def close(self, place: Place) -> None:
        try:
            await self._web.patiently("chat.delete", channel=place.chat, ts=place.thread)
        except DeliveryError:
            return
