"""`python -m bot console`: one person, one place, one terminal.

Options: `--json-events FILE` writes down what the bot says (`bot.console.events`), `--language en|zh`. When stdin is
not a terminal the lines are a script: `/wait` waits until everything running has been announced, and so does the end.
"""

import argparse
import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from bot.chat.assembly import open_bot
from bot.console.events import Events
from bot.console.keyboard import Prompt, Script
from bot.console.screen import ConsoleScreen
from bot.console.talk import Talk, operator
from bot.dialogue.text import LANGUAGES, catalogue, language_of
from heygem.base.redact import setup_logging
from heygem.base.settings import Settings
from heygem.base.tasks import end


def run(settings: Settings, options: list[str]) -> int:
    chosen = _options(options)
    setup_logging(settings.log_level)
    with suppress(KeyboardInterrupt):
        asyncio.run(_talk(settings, chosen))
    return 0


def _options(options: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot console")
    parser.add_argument("--json-events", type=Path, metavar="FILE")
    parser.add_argument("--language", choices=LANGUAGES)
    return parser.parse_args(options)


async def _talk(settings: Settings, chosen: argparse.Namespace) -> None:
    live = sys.stdin.isatty() and sys.stdout.isatty()
    async with open_bot(settings) as bot:
        preferred = (await bot.people.preferences(operator())).language
        language = chosen.language or preferred or language_of(_locale(), settings.language)
        words = catalogue(language).terminal
        screen = ConsoleScreen(Console(highlight=False), Events(chosen.json_events), catalogue(language), live=live)
        talk = Talk(bot, screen, language)
        if live:
            screen.note(words.intro)
        keyboard = Prompt(screen, words.you) if live else Script()
        tasks = [asyncio.create_task(talk.hold(keyboard, echo=not live)), asyncio.create_task(talk.notifier.run())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end(tasks)
        for task in done:
            task.result()
        if live:
            screen.note(words.bye)


def _locale() -> str | None:
    value = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    code = value.partition(".")[0]
    return None if code in ("", "C", "POSIX") else code
