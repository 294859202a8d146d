"""The message that a request opens a batch with: one, however often the request is worked on.

That it is about to be posted is on the record first. So after a kill, or an answer that was lost, the channel is asked
for it: it bears a mark that people don't see.
"""

import hashlib
from functools import partial

from redis.asyncio import Redis

from bot.chat.delivery import DeliveryError, UncertainError
from bot.slack.blocks import section
from bot.slack.file import Json
from bot.slack.mrkdwn import escape
from bot.slack.web import Web
from heygem.redis import keys
from heygem.redis.connection import reaching_queue

_POSTED_S = 24 * 3600  # as long as a request may wait in the inbox
_BEGUN = "begun"  # instead of a ts: it is about to be posted
_EVENT = "heygem_batch"
_LOOKED_AT = 100  # of the channel's latest messages


class Heads:
    def __init__(self, web: Web, redis: Redis) -> None:
        self._web = web
        self._redis = redis

    async def post(self, channel: str, request: str, text: str) -> str:
        """Returns its ts. Raises DeliveryError."""
        record, mark = keys.slack_head(request), _mark(request)
        with reaching_queue():
            new = await self._redis.set(record, _BEGUN, nx=True, ex=_POSTED_S)
            ts = _BEGUN if new else await self._redis.get(record)
        if ts not in (None, _BEGUN):
            return str(ts)
        ts = (None if new else await self._left(channel, mark)) or await self._posted(channel, text, mark)
        with reaching_queue():
            await self._redis.set(record, ts, ex=_POSTED_S)
        return ts

    async def _posted(self, channel: str, text: str, mark: Json) -> str:
        post = partial(self._web.post_patiently, channel, "", escape(text), [section(text)], mark)
        try:
            return await post()
        except UncertainError:
            return await self._left(channel, mark) or await post()

    async def _left(self, channel: str, mark: Json) -> str | None:
        """The message with this mark, where it stands."""
        try:
            told = await self._web.patiently(
                "conversations.history", channel=channel, include_all_metadata="true", limit=_LOOKED_AT
            )
        except DeliveryError:
            return None
        return next((str(said["ts"]) for said in told.get("messages") or () if said.get("metadata") == mark), None)


def _mark(request: str) -> Json:
    """Others in the workspace can read it, so it tells nothing."""
    told = hashlib.sha256(request.encode()).hexdigest()[:20]
    return {"event_type": _EVENT, "event_payload": {"request": told}}
