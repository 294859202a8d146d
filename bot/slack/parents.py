"""The message in a channel below which a batch lives; it is the batch's status message too."""

from bot.chat.delivery import DeliveryError
from bot.replies import catalogue
from bot.slack import PLATFORM
from bot.slack.blocks import section
from bot.slack.mrkdwn import escape
from bot.slack.threads import Threads
from bot.slack.web import Web
from heygem.batches.connection import reaching_queue
from heygem.batches.keys import PREFIX
from heygem.batches.model import Batch, Place
from heygem.batches.store import Store
from heygem.sentences import Language

_POSTED = PREFIX + "slack:parent:"  # string: ts of the message that a request was answered with, arrival id
_POSTED_SECONDS = 24 * 3600  # as long as a request may wait in the inbox


class Parents:
    def __init__(self, store: Store, web: Web, threads: Threads) -> None:
        self._store = store
        self._web = web
        self._threads = threads

    async def post(self, channel: str, language: Language, request: str) -> Place | None:
        """The thread of a new message, the same one when a request is worked on again; None where we may not write."""
        text, redis = escape(catalogue(language).slack.opening), self._store.redis
        with reaching_queue():
            ts = await redis.get(_POSTED + request)
        try:
            ts = ts or await self._web.post_patiently(channel, "", text, [section(text)])
        except DeliveryError:
            return None
        with reaching_queue():
            await redis.set(_POSTED + request, ts, ex=_POSTED_SECONDS)
        return Place(platform=PLATFORM, chat=channel, thread=ts)

    async def settle(self, place: Place) -> Batch | None:
        """The batch that came to live here has the message as its status; without one the message goes again."""
        batch = await self._store.collecting(place)
        if batch is None:
            await self._remove(place)
            return None
        await self._store.set_status_message(batch.id, place.thread)
        await self._threads.note(place)
        return batch

    def invitation(self, language: Language, bot_user: str) -> str:
        return escape(catalogue(language).slack.not_here).format(bot=f"<@{bot_user}>")

    async def _remove(self, place: Place) -> None:
        try:
            await self._web.patiently("chat.delete", channel=place.chat, ts=place.thread)
        except DeliveryError:
            return
