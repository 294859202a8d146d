"""`python -m bot slack`: one process for one workspace, until a signal or the end of its token.

Socket Mode needs no address of ours. Where `slack.events_url` is set, events come over HTTP instead.
"""

import asyncio
import contextlib
import logging
import signal
import sys
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.assembly import open_bot
from bot.dialogue.access import Access
from bot.dialogue.text import catalogue
from bot.slack import PLATFORM
from bot.slack.door import Door
from bot.slack.front import at_work
from bot.slack.identity import BOT_TOKEN, Identity, identify, socket_address
from bot.slack.line import Line
from bot.slack.pictures import Pictures
from bot.slack.style import SlackStyle
from bot.slack.transport import over_http, over_socket
from bot.slack.web import Web, refused_token
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.redact import hide, setup_logging
from heygem.base.settings import Settings
from heygem.base.tasks import end

_log = logging.getLogger(__name__)

_REDIS_S = 2.0  # between two tries
_STRANGERS = 100  # other workspaces that are told of in the log


@dataclass
class _Life:
    """How long we run, and why we stop."""

    over: asyncio.Event = field(default_factory=asyncio.Event)
    refused: HeygemError | None = None

    def dead(self, reason: str) -> None:
        self.refused = self.refused or refused_token(BOT_TOKEN, reason)
        self.over.set()


def run(settings: Settings) -> int:
    """Serve until SIGTERM or Ctrl-C.

    Raises:
        HeygemError: BAD_SETTING, TOKEN_REFUSED – at the start, or later when the token is revoked.
    """
    setup_logging(settings.log_level)
    hide(
        *(_secret(each) for each in (settings.slack_bot_token, settings.slack_app_token, settings.slack_signing_secret))
    )
    asyncio.run(serve(settings))
    return 0


async def serve(settings: Settings) -> None:
    """Serve until a signal, in a running loop; raises as `run` does."""
    life = _Life()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, life.over.set)
    token = _required(settings.slack_bot_token, BOT_TOKEN)
    client = AsyncWebClient(token, base_url=settings.slack.api_url, retry_handlers=[])  # a retried post may come twice
    async with open_bot(settings) as bot:
        line = Line()
        bot.heart.trouble = line.trouble
        web = Web(client, life.dead, Pictures(bot.redis, settings))
        identity = await identify(web)
        bot.heart.handle = (PLATFORM, identity.name) if identity.name else None
        async with (
            at_work(bot, web, settings, identity.user) as (door, notifying),
            _transport(settings, _bolt(door, client, identity, settings), web, line) as listening,
        ):
            resuming = asyncio.create_task(door.resume())
            over = asyncio.create_task(life.over.wait())
            welcoming = asyncio.create_task(_welcome(line, bot.access, settings))
            await asyncio.wait({over, notifying, listening}, return_when=asyncio.FIRST_COMPLETED)
            await end([over, welcoming, resuming])
            for task in (notifying, listening):
                if task.done():
                    task.result()
    if life.refused:
        raise life.refused


def _bolt(door: Door, client: AsyncWebClient, identity: Identity, settings: Settings) -> AsyncApp:
    """Bolt checks signatures and knows our own messages; everything else goes through one door."""

    async def authorize() -> AuthorizeResult:
        # Asking Slack at the first event, as Bolt would, loses that event when Slack does not answer.
        return AuthorizeResult(
            enterprise_id=None,
            team_id=identity.team,
            bot_user_id=identity.user,
            bot_id=identity.bot,
            bot_token=client.token,
        )

    quiet = logging.getLogger("slack_bolt")
    app = AsyncApp(
        logger=quiet,
        name="slack_bolt.app",
        client=AsyncWebClient(base_url=settings.slack.api_url, retry_handlers=[]),
        signing_secret=_secret(settings.slack_signing_secret),
        authorize=authorize,
    )

    strangers: set[str] = set()

    async def receive(req: AsyncBoltRequest) -> BoltResponse:
        if not identity.owns(req.body):
            _ignored(str(req.context.team_id), strangers)
            return BoltResponse(status=200)
        retry = (req.headers.get("x-slack-retry-num") or ["0"])[0]
        return await door.receive(req.body, int(retry) if retry.isdecimal() else 0)

    app.use(receive)
    return app


def _ignored(team: str, before: set[str]) -> None:
    """Our token is no good there, and whoever answers them is not we."""
    if team not in before and len(before) < _STRANGERS:
        before.add(team)
        _log.warning("the app is installed in the workspace %.20s too, which this bot does not serve", team)


def _transport(
    settings: Settings, app: AsyncApp, web: Web, line: Line
) -> AbstractAsyncContextManager["asyncio.Task[None]"]:
    if settings.slack.events_url:
        _required(settings.slack_signing_secret, "HEYGEM_SLACK_SIGNING_SECRET")
        return over_http(app, settings.slack, line)
    token = _required(settings.slack_app_token, "HEYGEM_SLACK_APP_TOKEN")
    return over_socket(app, lambda: socket_address(web, token), line, web.client.proxy)


async def _welcome(line: Line, access: Access, settings: Settings) -> None:
    """The claim code, once what is said to us reaches us: a token may still be refused before that."""
    await line.opened.wait()
    _log.info("at work in Slack")
    while True:
        with contextlib.suppress(HeygemError):
            if code := await access.claim_code(PLATFORM):
                sentence = catalogue(settings.language, SlackStyle()).doors.claim_code.format(code=code)
                sys.stdout.write(sentence + "\n")
                sys.stdout.flush()
            return
        await asyncio.sleep(_REDIS_S)


def _required(secret: SecretStr | None, setting: str) -> str:
    if not (value := _secret(secret)):
        raise HeygemError(ErrorCode.BAD_SETTING, setting=setting, reason="it is not set")
    return value


def _secret(secret: SecretStr | None) -> str:
    return secret.get_secret_value().strip() if secret else ""
