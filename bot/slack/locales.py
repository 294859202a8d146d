"""Which language a person has chosen in Slack, and what they are called there."""

import time

from bot.chat.delivery import DeliveryError
from bot.slack.web import Web

_REMEMBER_S = 3600.0
_MOST = 5000


class Locales:
    def __init__(self, web: Web) -> None:
        self._web = web
        self._known: dict[str, tuple[str | None, str, float]] = {}

    async def of(self, user: str) -> str | None:
        """Slack's code, as zh-CN; None where it does not tell."""
        return (await self.look(user))[0]

    async def look(self, user: str) -> tuple[str | None, str]:
        """Slack's code, and the person's name: "" where it does not tell."""
        locale, name, until = self._known.get(user, (None, "", 0.0))
        if until > time.monotonic():
            return locale, name
        try:
            answer = await self._web.call("users.info", user=user, include_locale="true")
        except DeliveryError:
            return locale, name
        if len(self._known) >= _MOST:
            self._known.clear()
        found = answer.get("user") or {}
        locale, name = str(found.get("locale") or "") or None, str(found.get("real_name") or "")
        self._known[user] = (locale, name, time.monotonic() + _REMEMBER_S)
        return locale, name
