"""`python -m bot telegram`: the bot on Telegram, until SIGTERM or Ctrl-C."""

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from itertools import chain, repeat
from typing import TypeVar

from redis.exceptions import RedisError
from telegram.error import InvalidToken, NetworkError, RetryAfter

from bot.chat.assembly import open_bot
from bot.dialogue.access import Access
from bot.dialogue.text import catalogue
from bot.telegram.calls import seconds_of
from bot.telegram.front import Front
from bot.telegram.listen import listening
from bot.telegram.menu import show_menu
from bot.telegram.screen import TELEGRAM
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.redact import hide, setup_logging
from heygem.base.settings import Settings
from heygem.base.tasks import end

_log = logging.getLogger(__name__)

_Answer = TypeVar("_Answer")

_AGAIN_S = (1.0, 2.0, 5.0, 10.0, 30.0)  # between tries to reach Telegram at the start
_REDIS_S = 2.0
_LAST_WORDS_S = 5.0  # of answers that are under way when the bot shall stop
_TOKEN = "HEYGEM_TELEGRAM_TOKEN"  # noqa: S105 (the setting's name)


def run(settings: Settings) -> None:
    """Raises HeygemError BAD_SETTING without a token, TOKEN_REFUSED for one that Telegram does not accept."""
    if settings.telegram_token is None:
        raise HeygemError(ErrorCode.BAD_SETTING, setting=_TOKEN, reason="it is not set")
    token = settings.telegram_token.get_secret_value()
    hide(token, token.partition(":")[2])
    setup_logging(settings.log_level)
    asyncio.run(_run(settings, token))


async def _run(settings: Settings, token: str) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(settings, token, stop)


async def serve(settings: Settings, token: str, stop: asyncio.Event) -> None:
    """Until `stop` is set. Raises TOKEN_REFUSED, also when that happens later on."""
    async with open_bot(settings) as house:
        front = Front.of(settings, token, house)
        async with _introduced(front, stop):
            if stop.is_set():
                return
            house.heart.handle = TELEGRAM, front.connection.username
            tasks = [
                asyncio.create_task(front.notifier.run()),
                asyncio.create_task(_settle_in(front, house.access, settings)),
                asyncio.create_task(show_menu(front.connection)),
            ]
            try:
                async with _answering(front), listening(front, settings):
                    _say(f"Telegram: @{front.connection.username}")
                    await _until_over(front, stop, tasks[0])
            finally:
                await front.notifier.leave()
                await end(tasks)


@asynccontextmanager
async def _introduced(front: Front, stop: asyncio.Event) -> AsyncIterator[None]:
    """Telegram knows the bot; or `stop` was set while it could not be reached."""
    pauses = chain(_AGAIN_S, repeat(_AGAIN_S[-1]))
    try:
        while not stop.is_set():
            try:
                await front.connection.initialize()
                break
            except InvalidToken:
                raise _refused() from None
            except RetryAfter as wait:
                await _pause(stop, seconds_of(wait))
            except NetworkError as error:
                _log.warning("Telegram can't be reached: %s", type(error).__name__)
                await _pause(stop, next(pauses))
        yield
    finally:
        await front.files.close()
        await front.connection.shutdown()


@asynccontextmanager
async def _answering(front: Front) -> AsyncIterator[None]:
    """Updates that arrive are answered; at the end there is a moment for those that are being answered."""
    await front.application.initialize()
    await front.application.start()
    try:
        yield
    finally:
        await front.turns.end(_LAST_WORDS_S)
        await front.application.stop()
        await front.application.shutdown()


async def _until_over(front: Front, stop: asyncio.Event, notifying: "asyncio.Task[None]") -> None:
    refused = asyncio.create_task(front.connection.refused.wait())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({refused, stopping, notifying}, return_when=asyncio.FIRST_COMPLETED)
        if front.connection.refused.is_set():
            raise _refused()
        if notifying.done():
            notifying.result()
    finally:
        await end([refused, stopping])


async def _settle_in(front: Front, access: Access, settings: Settings) -> None:
    """What needs Redis at the start, once it is there: what was left to answer, and the claim code."""
    await _with_redis(partial(front.updates.replay, front.connection))
    if code := await _with_redis(partial(access.claim_code, TELEGRAM)):
        _say(catalogue(settings.language).doors.claim_code.format(code=code))


async def _with_redis(step: Callable[[], Awaitable[_Answer]]) -> _Answer:
    """Each step for itself: what was done before it is not done again."""
    while True:
        with contextlib.suppress(RedisError, HeygemError, OSError):
            return await step()
        await asyncio.sleep(_REDIS_S)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


def _refused() -> HeygemError:
    reason = "it was revoked, is wrong, or belongs to another server"
    return HeygemError(ErrorCode.TOKEN_REFUSED, service="Telegram", setting=_TOKEN, reason=reason)


def _say(line: str) -> None:
    """To the operator's screen; the claim code is for no log file of ours."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
