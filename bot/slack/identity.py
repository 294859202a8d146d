"""Who we are in the workspace, asked once at the start: a wrong token shall be one sentence, not a storm of retries."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.chat.delivery import RefusedError
from bot.chat.retry import Policy, patiently
from bot.slack.web import DEAD_TOKEN, Json, Web, refused_token

_log = logging.getLogger(__name__)

BOT_TOKEN = "HEYGEM_SLACK_BOT_TOKEN"  # noqa: S105 (its name)
APP_TOKEN = "HEYGEM_SLACK_APP_TOKEN"  # noqa: S105
_WRONG_KIND = frozenset({"not_allowed_token_type", "missing_scope", "forbidden_team", "no_permission"})
_FOR_EVER = Policy(pauses=(1.0, 2.0, 5.0))


@dataclass(frozen=True)
class Identity:
    """`enterprise`: the organisation, where the app is installed in all of it. `name`: what people write after an @."""

    user: str
    bot: str
    team: str
    enterprise: str = ""
    name: str = ""

    def owns(self, body: Json) -> bool:
        """Whether a request is of the workspace that our token is for."""
        return self.team in _ids(body, "team") or (
            bool(self.enterprise) and self.enterprise in _ids(body, "enterprise")
        )


def _ids(body: Json, kind: str) -> set[object]:
    """The installations that a request names. In a shared channel it may have happened in another's workspace."""
    parts = [body, *(body.get("authorizations") or ())]
    named = {part.get(name) for part in parts for name in (f"{kind}_id", f"context_{kind}_id")}
    installed = (body.get("view") or {}).get(f"app_installed_{kind}_id")
    return named | {(body.get(kind) or {}).get("id"), installed}


async def identify(web: Web) -> Identity:
    """Raises HeygemError TOKEN_REFUSED. Waits while Slack can't be reached."""
    answer = await _asked(lambda: web.call("auth.test"), BOT_TOKEN)
    if not answer.get("bot_id"):
        raise refused_token(BOT_TOKEN, "not_a_bot_token")
    enterprise = str(answer.get("enterprise_id") or "") if answer.get("is_enterprise_install") else ""
    return Identity(
        user=str(answer["user_id"]),
        bot=str(answer["bot_id"]),
        team=str(answer.get("team_id") or ""),
        enterprise=enterprise,
        name=str(answer.get("user") or ""),
    )


async def socket_address(web: Web, app_token: str) -> str:
    """A fresh address for Socket Mode; it is a secret. Raises HeygemError TOKEN_REFUSED."""
    answer = await _asked(lambda: web.call("apps.connections.open", token=app_token), APP_TOKEN)
    return str(answer["url"])


async def _asked(ask: Callable[[], Awaitable[Json]], setting: str) -> Json:
    while True:
        try:
            return await patiently(ask, _FOR_EVER)
        except RefusedError as refusal:
            if refusal.word in DEAD_TOKEN | _WRONG_KIND:
                raise refused_token(setting, refusal.word) from None
            _log.warning("Slack refuses to start: %s", refusal)
            await asyncio.sleep(_FOR_EVER.pauses[-1])
