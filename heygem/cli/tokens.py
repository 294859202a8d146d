"""Whether the tokens of the chat platforms are taken, each asked where it is used."""

import re
from typing import Any

import httpx
from pydantic import SecretStr

from heygem.base.settings import Settings
from heygem.cli.finding import Finding, Grade, installed
from heygem.cli.remedy import install

_ASK_S = 10.0
_AGAIN = "copy it from @BotFather again"
_SLACK_KINDS = {"HEYGEM_SLACK_BOT_TOKEN": "xoxb-", "HEYGEM_SLACK_APP_TOKEN": "xapp-"}
_APP_TOKEN = re.compile(r"xapp-\d-(A[A-Z0-9]+)-")
# As config/slack-manifest.yaml has them.
SLACK_SCOPES = {
    *("app_mentions:read", "chat:write", "commands", "files:read", "files:write", "users:read"),
    "reactions:write",
    *(f"{place}:history" for place in ("channels", "groups", "im", "mpim")),
}
_ORNAMENTS = {"reactions:write"}  # without which everything works


def telegram(settings: Settings) -> Finding:
    name = "Telegram"
    if settings.telegram_token is None:
        return Finding(name, "optional", "no token", "docs/telegram.md says how to get one")
    if installed("python-telegram-bot") is None:
        return Finding(name, "missing", "python-telegram-bot is not installed", install("telegram"))
    token = settings.telegram_token.get_secret_value()
    if not re.fullmatch(r"\d+:[\w-]+", token, re.ASCII):
        return Finding(name, "missing", "HEYGEM_TELEGRAM_TOKEN is no token", _AGAIN)
    base = settings.telegram.api_url
    address = base.format(token=token) if "{token}" in base else base + token
    try:
        answer = _json(httpx.get(f"{address}/getMe", timeout=_ASK_S))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, ImportError):  # the last: a proxy that needs a package
        return Finding(name, "missing", "does not answer", f"look whether this machine reaches {_host(base)}")
    if not answer.get("ok"):
        return Finding(name, "missing", "refuses HEYGEM_TELEGRAM_TOKEN", _AGAIN)
    way = "webhook" if settings.telegram.webhook_url else "long polling"
    return Finding(name, "ok", f"@{answer['result'].get('username', '?')}, {way}")


def slack(settings: Settings) -> Finding:
    name = "Slack"
    http = bool(settings.slack.events_url)
    second = settings.slack_signing_secret if http else settings.slack_app_token
    setting = "HEYGEM_SLACK_SIGNING_SECRET" if http else "HEYGEM_SLACK_APP_TOKEN"
    if settings.slack_bot_token is None and second is None:
        return Finding(name, "optional", "no token", "docs/slack.md says how to get one")
    if installed("slack-bolt") is None:
        return Finding(name, "missing", "slack-bolt is not installed", install("slack"))
    if settings.slack_bot_token is None or second is None:
        lacking = "HEYGEM_SLACK_BOT_TOKEN" if settings.slack_bot_token is None else setting
        return Finding(name, "missing", f"{lacking} is not set", f"set {lacking}; docs/slack.md says where it is")
    asked = [("HEYGEM_SLACK_BOT_TOKEN", settings.slack_bot_token, "auth.test")]
    if not http:
        asked.append((setting, second, "apps.connections.open"))
    for variable, token, method in asked:
        if trouble := _refusal(settings, variable, token, method):
            return Finding(name, "missing", *trouble)
    misfit = _misfit(settings, settings.slack_bot_token, None if http else second)
    return misfit or Finding(name, "ok", "HTTP" if http else "Socket Mode")


def _misfit(settings: Settings, bot: SecretStr, app: SecretStr | None) -> Finding | None:
    """What is wrong with the app of two tokens that are taken, as far as Slack tells."""
    try:
        reply = _asked(settings, bot, "auth.test")
        told = _json(_asked(settings, bot, "bots.info", bot=str(_json(reply).get("bot_id")))).get("bot")
    except (httpx.HTTPError, ValueError):
        return None
    named = _APP_TOKEN.match(app.get_secret_value().strip()) if app else None
    known = told.get("app_id") if isinstance(told, dict) else None
    if named and known and named[1] != known:
        return Finding("Slack", "missing", "the two tokens are of different apps", "copy both from one app's pages")
    if not (lacking := _lacking(reply.headers.get("x-oauth-scopes"))):
        return None
    remedy = "give it the scopes of config/slack-manifest.yaml and install it again"
    grade: Grade = "missing" if lacking - _ORNAMENTS else "optional"
    return Finding("Slack", grade, f"the app lacks {', '.join(sorted(lacking))}", remedy)


def _asked(settings: Settings, secret: SecretStr, method: str, **arguments: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {secret.get_secret_value().strip()}"}
    return httpx.post(f"{settings.slack.api_url}{method}", headers=headers, data=arguments, timeout=_ASK_S)


def _refusal(settings: Settings, variable: str, secret: SecretStr, method: str) -> tuple[str, str] | None:
    """What is wrong with a token, and what to do; None if Slack takes it."""
    token, begins = secret.get_secret_value().strip(), _SLACK_KINDS[variable]
    if not token.startswith(begins):
        other = next((name for name, start in _SLACK_KINDS.items() if token.startswith(start)), None)
        remedy = f"it belongs into {other}; put the one that begins with {begins} here" if other else f"it is {begins}…"
        return f"{variable} is another kind of token", remedy
    if not token.isascii():
        return f"{variable} is no token", "copy it from the app's page again"
    try:
        answer = _json(_asked(settings, secret, method))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, ImportError):
        return "does not answer", f"look whether this machine reaches {_host(settings.slack.api_url)}"
    if not answer.get("ok"):
        return f"refuses {variable}: {answer.get('error', '?')}", "copy it from the app's page again"
    return None


def _lacking(scopes: str | None) -> set[str]:
    """Of what Slack says that the token may; nothing where it does not say."""
    return set() if scopes is None else SLACK_SCOPES - {scope.strip() for scope in scopes.split(",")}


def _json(reply: httpx.Response) -> dict[str, Any]:
    """Raises ValueError where it is no object: something else answers there."""
    answer = reply.json()
    if not isinstance(answer, dict):
        raise ValueError("no object")
    return answer


def _host(url: str) -> str:
    """Without what may be a token."""
    return re.sub(r"^(\w+://)?([^/@]*@)?([^/?#]*).*", r"\3", url)
