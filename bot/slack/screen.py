"""The status message and announcements on Slack: a `bot.chat.screen.Screen`."""

import contextlib
import logging

from bot.chat.delivery import DeliveryError, GoneError, RefusedError, TryLaterError, UncertainError
from bot.dialogue.message import Say
from bot.dialogue.status import StatusView
from bot.dialogue.text import CommandStyle
from bot.slack import PLATFORM
from bot.slack.blocks import say_blocks, say_text, status_blocks, status_text
from bot.slack.budget import Budget
from bot.slack.style import style_in
from bot.slack.web import DEAD_TOKEN, Web
from heygem.batches.model import Batch, Place

_log = logging.getLogger(__name__)

_PACE_S = 1.5
_RETRY_S = 2.0
_REFUSED_S = 300.0  # until what Slack refuses for a reason that we don't know is tried again
# Tier 3 allows 50 updates a minute in the workspace. Ends have a share of their own, so that they never wait for bars.
_UPDATES_PER_MINUTE, _UPDATES_AT_ONCE = 38, 6
_ENDS_PER_MINUTE, _ENDS_AT_ONCE = 10, 3
_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "is_inactive"})
_NO_THREAD = frozenset({"thread_not_found", "cannot_reply_to_message", "message_not_found", "invalid_thread_ts"})
# Nobody can be told anything there any more.
_CLOSED = frozenset({"channel_not_found", "is_archived", "not_in_channel", "restricted_action", "team_not_found"})
_NOWHERE = "nowhere"


class SlackScreen:
    platform = PLATFORM

    def __init__(self, web: Web, bot_user: str) -> None:
        self._web = web
        self._bot_user = bot_user
        self._updates = Budget(_UPDATES_PER_MINUTE, _UPDATES_AT_ONCE)
        self._ends = Budget(_ENDS_PER_MINUTE, _ENDS_AT_ONCE)
        self._gone: set[str] = set()

    def style(self, place: Place) -> CommandStyle:
        return style_in(place.chat, place.thread, self._bot_user)

    def pace(self, place: Place) -> float:  # noqa: ARG002 (the budget is the workspace's)
        return _PACE_S

    async def post(self, batch: Batch, view: StatusView) -> str:
        """Post below what was said last. A message that heads its thread stays where it is: an edit does."""
        heads = bool(batch.status_message) and batch.status_message == batch.place.thread
        if heads and batch.status_message not in self._gone:  # an edit in vain would use up the next turn too
            with contextlib.suppress(GoneError):
                await self.edit(batch, view)
                return batch.status_message
        posted = await self._posted(batch, view)
        if not heads:
            await self.remove(batch, batch.status_message)
        return posted

    async def edit(self, batch: Batch, view: StatusView) -> None:
        self._take(batch, view)
        heads = batch.status_message == batch.place.thread
        blocks = status_blocks(view, batch.language, heads_thread=heads)
        text = status_text(view, batch.language, heads_thread=heads)
        try:
            await self._web.update(batch.place.chat, batch.status_message, text, blocks)
        except TryLaterError as busy:
            self._updates.close(busy.seconds)
            self._ends.close(busy.seconds)
            raise
        except UncertainError:
            raise TryLaterError(_RETRY_S) from None
        except RefusedError as refusal:
            if refusal.word in _GONE:
                self._gone.add(batch.status_message)
                raise GoneError from None
            _must_be_closed(batch, refusal)

    async def say(self, place: Place, say: Say) -> None:
        text, blocks = say_text(say, self._bot_user), say_blocks(say, self._bot_user)
        try:
            await self._web.post(place.chat, place.thread, text, blocks)
        except RefusedError as refusal:
            if refusal.word in DEAD_TOKEN:  # the next token may say it
                raise TryLaterError(_RETRY_S) from None
            _log.warning("nothing can be said in %s: %s", place.chat, refusal.word)

    def _take(self, batch: Batch, view: StatusView) -> None:
        wait = self._ends.wait(batch.id) if view.terminal else self._updates.wait(batch.id)
        if wait:
            raise TryLaterError(wait)

    async def _posted(self, batch: Batch, view: StatusView) -> str:
        place = batch.place
        text = status_text(view, batch.language, heads_thread=False)
        blocks = status_blocks(view, batch.language, heads_thread=False)
        try:
            return await self._web.post(place.chat, place.thread, text, blocks)
        except UncertainError:
            raise TryLaterError(_RETRY_S) from None
        except RefusedError as refusal:
            if refusal.word in _NO_THREAD and place.thread:  # it is gone with its first message
                return await self._web.post(place.chat, "", text, blocks)
            _must_be_closed(batch, refusal)
            return _NOWHERE

    async def remove(self, batch: Batch, message: str) -> None:
        if message in ("", _NOWHERE):
            return
        try:
            await self._web.call("chat.delete", channel=batch.place.chat, ts=message)
        except DeliveryError as error:
            _log.debug("an old status stays: %s", error)


def _must_be_closed(batch: Batch, refusal: RefusedError) -> None:
    """Raise TryLaterError where Slack refused a status for another reason than that nobody is there."""
    _log.warning("batch %s can't be shown in %s: %s", batch.id, batch.place.chat, refusal.word)
    if refusal.word not in _CLOSED:
        raise TryLaterError(_REFUSED_S)
