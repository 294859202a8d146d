"""The commands menu and what Telegram shows of the bot, in each language."""

import logging

from telegram import BotCommand
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.replies import catalogue
from heygem.sentences import LANGUAGES, Language

_log = logging.getLogger(__name__)

_OTHERWISE: Language = "en"  # for people whose language is none of ours


async def show_menu(bot: ExtBot[None]) -> None:
    """Set what differs from what Telegram has: setting it again and again is punished with long waits."""
    try:
        for language in LANGUAGES:
            codes = (None, language) if language == _OTHERWISE else (language,)
            for code in codes:
                await _show(bot, language, code)
    except TelegramError as error:
        _log.warning("the menu could not be set: %s", error)


async def _show(bot: ExtBot[None], language: Language, code: str | None) -> None:
    words = catalogue(language)
    commands = tuple(BotCommand(name, line) for name, line in words.commands.items())
    if await bot.get_my_commands(language_code=code) != commands:
        await bot.set_my_commands(commands, language_code=code)
    if (await bot.get_my_description(code)).description != words.telegram.about:
        await bot.set_my_description(words.telegram.about, code)
    if (await bot.get_my_short_description(code)).short_description != words.telegram.about_short:
        await bot.set_my_short_description(words.telegram.about_short, code)
