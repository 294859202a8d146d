"""How updates come: by asking Telegram for them, or through a webhook where a public address is set."""

import asyncio
import contextlib
import logging
import secrets
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from telegram.error import Conflict, InvalidToken, TelegramError
from telegram.ext import Updater

from bot.dialogue.text import catalogue
from bot.telegram.front import Front
from bot.telegram.incoming import WANTED
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.redact import hide
from heygem.base.settings import Settings, Telegram

_log = logging.getLogger(__name__)

_STOP_S = 5.0  # Telegram may be away when we say goodbye
_WEBHOOK_TRIES = 5


@asynccontextmanager
async def listening(front: Front, settings: Settings) -> AsyncIterator[None]:
    """Raises HeygemError BAD_SETTING where Telegram does not take the webhook, or its address can't be had."""
    updater = front.application.updater
    assert updater is not None  # noqa: S101 (the builder makes one)
    try:
        try:
            await _start(updater, settings)
        except InvalidToken:
            front.connection.refused.set()
        yield
    finally:
        if updater.running:
            with contextlib.suppress(TelegramError, TimeoutError):
                await asyncio.wait_for(updater.stop(), _STOP_S)


async def _start(updater: Updater, settings: Settings) -> None:
    if settings.telegram.webhook_url:
        await _webhook(updater, settings.telegram)
    else:
        await updater.start_polling(
            timeout=30, allowed_updates=list(WANTED), bootstrap_retries=-1, error_callback=_trouble(settings)
        )


async def _webhook(updater: Updater, settings: Telegram) -> None:
    secret = secrets.token_urlsafe(32)
    hide(secret)
    try:
        await updater.start_webhook(
            settings.webhook_host,
            settings.webhook_port,
            urlsplit(settings.webhook_url).path,
            webhook_url=settings.webhook_url,
            secret_token=secret,
            allowed_updates=list(WANTED),
            bootstrap_retries=_WEBHOOK_TRIES,
        )
    except InvalidToken:
        raise
    except (OSError, TelegramError) as error:
        raise HeygemError(ErrorCode.BAD_SETTING, setting="telegram.webhook_url", reason=str(error)) from None


def _trouble(settings: Settings) -> Callable[[TelegramError], None]:
    """What goes wrong while asking. A second bot with the same token is told once, in a sentence."""
    told = False

    def tell(error: TelegramError) -> None:
        nonlocal told
        if not isinstance(error, Conflict):
            _log.warning("Telegram can't be reached: %s", type(error).__name__)
        elif not told:
            told = True
            sentence = catalogue(settings.language).explain(ErrorCode.TOKEN_IN_USE, {"service": "Telegram"})
            sys.stderr.write(f"{sentence} ({ErrorCode.TOKEN_IN_USE})\n")

    return tell
