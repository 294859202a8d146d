"""A tick on a message whose file was taken: seen at once, and nobody is called for it."""

import asyncio
import logging

from bot.chat.delivery import DeliveryError, RefusedError
from bot.slack.web import Web

_log = logging.getLogger(__name__)

_TICK = "white_check_mark"
_SECONDS = 3.0  # what follows in the thread waits for it no longer
_NEVER = frozenset({"missing_scope", "restricted_action", "not_allowed_token_type"})


class Ticks:
    def __init__(self, web: Web) -> None:
        self._web = web
        self._possible = True

    async def put(self, channel: str, ts: str) -> None:
        """It is no loss where Slack does not let us."""
        if not self._possible:
            return
        try:
            async with asyncio.timeout(_SECONDS):
                await self._web.call("reactions.add", channel=channel, timestamp=ts, name=_TICK)
        except RefusedError as refusal:
            if refusal.word in _NEVER:
                self._possible = False
                _log.warning("files that were taken get no tick: %s", refusal.word)
        except (DeliveryError, TimeoutError) as error:
            _log.info("a file that was taken got no tick: %s", type(error).__name__)
