"""Buttons below a message, and the links that Telegram takes in a text only."""

import unicodedata
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.chat.delivery import RefusedError
from bot.dialogue.codec import intent_of
from bot.dialogue.intents import AskDiscard, Generate, TryOne
from bot.dialogue.message import AnyButton, LinkButton
from bot.telegram.text import LONGEST_TEXT, fit, width

_COLUMNS = 26  # of text that a phone shows in one row
_PER_ROW = 4
_ALONE = (Generate, TryOne, AskDiscard)
_BAD_ADDRESS = ("button_url_invalid", "button url")


class Keyboards:
    """Knows which machines Telegram takes no buttons to: names without a dot, and whatever it refused before."""

    def __init__(self) -> None:
        self._refused: set[str] = set()

    def below(self, shown: Sequence[AnyButton]) -> InlineKeyboardMarkup | None:
        rows = [[_button(button) for button in row] for row in _rows([each for each in shown if self._takes(each)])]
        return InlineKeyboardMarkup(rows) if rows else None

    def text(self, text: str, shown: Sequence[AnyButton], limit: int = LONGEST_TEXT) -> str:
        """The text with the links that are not below it, which stay whole whatever is cut."""
        untaken = (each for each in shown if isinstance(each, LinkButton) and not self._takes(each))
        links = "".join(f"\n\n{each.label}: {each.url}" for each in untaken)
        return (fit(text, limit - width(links)) + links).strip()

    def refused(self, error: RefusedError, shown: Sequence[AnyButton]) -> bool:
        """Whether the address of a button was what Telegram refused; from now on it stands in the text."""
        if not any(words in error.word.lower() for words in _BAD_ADDRESS):
            return False
        hosts = {_host(each) for each in shown if isinstance(each, LinkButton) and self._takes(each)}
        self._refused |= hosts
        return bool(hosts)

    def _takes(self, button: AnyButton) -> bool:
        if not isinstance(button, LinkButton):
            return True
        host = _host(button)
        return ("." in host or ":" in host) and host not in self._refused


def _host(button: LinkButton) -> str:
    return urlsplit(button.url).hostname or ""


def _button(button: AnyButton) -> InlineKeyboardButton:
    if isinstance(button, LinkButton):
        return InlineKeyboardButton(button.label, url=button.url)
    return InlineKeyboardButton(button.label, callback_data=button.data)


def _rows(shown: Sequence[AnyButton]) -> Iterator[list[AnyButton]]:
    """As many side by side as can be read; what matters most stands alone, and so does what destroys."""
    row: list[AnyButton] = []
    for button in shown:
        alone = _alone(button)
        full = len(row) == _PER_ROW or sum(map(_columns, [*row, button])) > _COLUMNS
        if row and (alone or full or _alone(row[-1])):
            yield row
            row = []
        row.append(button)
    if row:
        yield row


def _alone(button: AnyButton) -> bool:
    if isinstance(button, LinkButton):
        return True
    return intent_of(button.data) in _ALONE


def _columns(button: AnyButton) -> int:
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in button.label)
    return len(button.label) + wide + 2
