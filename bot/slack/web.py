"""Calls of Slack's Web API. What fails is an error of delivery, as `bot.chat.delivery` has them."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.delivery import DeliveryError, RefusedError, TroubleError, TryLaterError, UncertainError
from bot.chat.retry import Policy, patiently, told_seconds
from bot.slack.budget import Budgets
from bot.slack.pictures import Pictures, without_pictures
from heygem.base.errors import ErrorCode, HeygemError

Json = dict[str, Any]

_log = logging.getLogger(__name__)

DEAD_TOKEN = frozenset(
    {"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "org_login_required"}
)
_READ = frozenset({"conversations.history", "files.info", "users.info"})  # these take no JSON, and neither does
_FORM = frozenset({"files.getUploadURLExternal"})
# Slack's own words for "something went wrong here, perhaps after it was done".
_TROUBLE = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
_RATE_LIMITED = frozenset({"ratelimited", "rate_limited"})
_BAD_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
_DEFAULT_WAIT = 5.0
_SECONDS = 20  # of one request
_OBEYING = Policy(longest=30.0, waits=5)  # what may have happened is not repeated
_POSTS_PER_MINUTE = 60  # to one channel


class Web:
    """`dead(reason)` is called once the token stops working."""

    def __init__(self, client: AsyncWebClient, dead: Callable[[str], None], pictures: Pictures) -> None:
        self.client = client
        self.dead = dead
        self.pictures = pictures
        self._posts = Budgets(_POSTS_PER_MINUTE, burst=1)

    @property
    def hosts(self) -> frozenset[str]:
        """The API's own host and port, where it is not Slack's."""
        address = urlsplit(self.client.base_url)
        return frozenset() if address.hostname == "slack.com" else frozenset({address.netloc})

    async def call(self, method: str, **arguments: Any) -> Json:
        """One request. Arguments that are None are left out.

        Raises:
            DeliveryError: RefusedError with Slack's word, TryLaterError, UncertainError.
        """
        given = {name: value for name, value in arguments.items() if value is not None}
        read, form = method in _READ, method in _FORM
        try:
            async with asyncio.timeout(_SECONDS):
                answer = await self.client.api_call(
                    method,
                    http_verb="GET" if read else "POST",
                    params=given if read else None,
                    data=given if form else None,
                    json=None if read or form else given,
                )
        except SlackApiError as error:
            raise self._refused(error, ours="token" not in given) from None
        except aiohttp.ClientConnectorError as error:  # it was never sent
            _log.warning("Slack can't be reached: %s", error)
            raise TroubleError(_DEFAULT_WAIT) from None
        except (aiohttp.ClientError, SlackRequestError, TimeoutError, ValueError) as error:
            raise UncertainError(f"{method}: {type(error).__name__}") from None
        return dict(answer.data) if isinstance(answer.data, dict) else {}

    async def patiently(self, method: str, **arguments: Any) -> Json:
        """Like `call`, waiting as long as Slack says, a few times."""
        return await patiently(partial(self.call, method, **arguments), _OBEYING)

    async def post(self, channel: str, thread: str, text: str, blocks: list[Json], mark: Json | None = None) -> str:
        """A new message in a channel, or in a thread of it; returns its ts. Nothing in it is unfurled.

        `mark`: metadata, which people don't see.

        Raises TryLaterError too where the channel has had its share of messages.
        """
        posts = self._posts.of(channel)
        if seconds := posts.wait(thread):
            raise TryLaterError(seconds)
        message = {
            "channel": channel,
            "thread_ts": thread or None,
            "text": text,
            "unfurl_links": False,
            "unfurl_media": False,
            "metadata": mark,
        }
        try:
            return str((await self._laid_out("chat.postMessage", message, blocks))["ts"])
        except TryLaterError as busy:
            posts.close(busy.seconds)
            raise

    async def post_patiently(
        self, channel: str, thread: str, text: str, blocks: list[Json], mark: Json | None = None
    ) -> str:
        return await patiently(partial(self.post, channel, thread, text, blocks, mark), _OBEYING)

    async def update(self, channel: str, ts: str, text: str, blocks: list[Json]) -> None:
        await self._laid_out("chat.update", {"channel": channel, "ts": ts, "text": text}, blocks)

    async def whisper(self, channel: str, thread: str, user: str, text: str, blocks: list[Json]) -> None:
        """A message that only `user` sees."""
        message = {"channel": channel, "thread_ts": thread or None, "user": user, "text": text}
        await self._laid_out("chat.postEphemeral", message, blocks)

    async def publish(self, user: str, view: Json) -> None:
        """The person's Home tab, anew."""
        blocks = await self.pictures.filled(view["blocks"])
        try:
            await self.patiently("views.publish", user_id=user, view={**view, "blocks": blocks})
        except RefusedError:
            if blocks == without_pictures(blocks):
                raise
            self.pictures.refused()
            await self.patiently("views.publish", user_id=user, view={**view, "blocks": without_pictures(blocks)})

    async def _laid_out(self, method: str, message: Json, blocks: list[Json]) -> Json:
        """A message whose pictures Slack can't fetch arrives without them, one whose layout it refuses as text."""
        shown = await self.pictures.filled(blocks)
        try:
            return await self.call(method, **message, blocks=shown)
        except RefusedError as refusal:
            if refusal.word not in _BAD_BLOCKS:
                raise
            if shown != without_pictures(shown):
                self.pictures.refused()
                return await self._laid_out(method, message, blocks)
            _log.error("Slack refuses our blocks for %s: %s", method, refusal.word)
            return await self.call(method, **message)

    def _refused(self, error: SlackApiError, *, ours: bool) -> DeliveryError:
        response = error.response
        status, headers = getattr(response, "status_code", 0), getattr(response, "headers", {})
        data = getattr(response, "data", None)
        word = str(data.get("error", "")) if isinstance(data, dict) else ""
        if status == 429 or word in _RATE_LIMITED:
            return TryLaterError(told_seconds(headers))
        if not word or status >= 500 or word in _TROUBLE:
            return UncertainError(word or f"HTTP {status}")
        if word in DEAD_TOKEN and ours:
            self.dead(word)
        return RefusedError(word)


def refused_token(setting: str, reason: str) -> HeygemError:
    return HeygemError(ErrorCode.TOKEN_REFUSED, service="Slack", setting=setting, reason=reason)
