"""Menus of more choices than one message holds: pages that change in place."""

from collections.abc import Callable

from bot.dialogue.codec import button
from bot.dialogue.intents import Intent
from bot.dialogue.message import Button
from bot.dialogue.text import Catalogue

PAGE = 20  # choices in one message


def turns(words: Catalogue, start: int, total: int, page: Callable[[str], Intent]) -> list[Button]:
    """Buttons to the pages before and after the one from number `start` + 1 on; `page` is asked with such a start."""
    neighbours = ((words.buttons.back, start - PAGE), (words.buttons.more, start + PAGE))
    return [button(label, page(str(at))) for label, at in neighbours if 0 <= at < total]


def start_of(number: int) -> int:
    """Where the page begins that number 1, 2, 3 … stands on."""
    return (number - 1) // PAGE * PAGE
