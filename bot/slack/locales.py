"""Which language a person has chosen in Slack."""

import time

from bot.chat.delivery import DeliveryError
from bot.slack.web import Web

_REMEMBER_SECONDS = 3600.0
_MOST = 5000


class Locales:
    def __init__(self, web: Web) -> None:
        self._web = web
        self._known: dict[str, tuple[str | None, float]] = {}

    async def of(self, user: str) -> str | None:
        """Slack's code, as zh-CN; None where it does not tell."""
        known, until = self._known.get(user, (None, 0.0))
        if until > time.monotonic():
            return known
        try:
            answer = await self._web.call("users.info", user=user, include_locale="true")
        except DeliveryError:
            return known
        if len(self._known) >= _MOST:
            self._known.clear()
        locale = str((answer.get("user") or {}).get("locale") or "") or None
        self._known[user] = (locale, time.monotonic() + _REMEMBER_SECONDS)
        return locale
