"""The commands menu and what Telegram shows of the bot, in each language."""

import logging
from collections.abc import Awaitable, Callable

from telegram import BotCommand
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.dialogue.text import LANGUAGES, Language, catalogue

_log = logging.getLogger(__name__)

_OTHERWISE: Language = "en"  # for people whose language is none of ours


async def show_menu(bot: ExtBot[None]) -> None:
    """Set what differs from what Telegram has: setting it again and again is punished with long waits."""
    for language in LANGUAGES:
        for code in (None, language) if language == _OTHERWISE else (language,):
            await _show(bot, language, code)


async def _show(bot: ExtBot[None], language: Language, code: str | None) -> None:
    words = catalogue(language)
    about, short = words.telegram.about, words.telegram.about_short
    commands = tuple(BotCommand(name, line) for name, line in words.commands.items())

    async def commands_differ() -> bool:
        return await bot.get_my_commands(language_code=code) != commands

    async def about_differs() -> bool:
        return (await bot.get_my_description(code)).description != about

    async def short_differs() -> bool:
        return (await bot.get_my_short_description(code)).short_description != short

    await _set(commands_differ, lambda: bot.set_my_commands(commands, language_code=code))
    await _set(about_differs, lambda: bot.set_my_description(about, code))
    await _set(short_differs, lambda: bot.set_my_short_description(short, code))


async def _set(differs: Callable[[], Awaitable[bool]], change: Callable[[], Awaitable[bool]]) -> None:
    """One thing that fails keeps no other from being set."""
    try:
        wanted = await differs()
    except TelegramError:
        wanted = True
    try:
        if wanted:
            await change()
    except TelegramError as error:
        _log.warning("a part of the menu could not be set: %s", error)
