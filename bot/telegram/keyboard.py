"""Buttons below a message."""

import unicodedata
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.buttons import Verb, read
from bot.message import AnyButton, LinkButton

_COLUMNS = 26  # of text that a phone shows in one row
_PER_ROW = 4


def keyboard(shown: Sequence[AnyButton]) -> InlineKeyboardMarkup | None:
    rows = [[_button(button) for button in row] for row in _rows([each for each in shown if _fits(each)])]
    return InlineKeyboardMarkup(rows) if rows else None


def spelled_out(shown: Sequence[AnyButton]) -> str:
    """Links whose address Telegram takes in a text only: a machine without a dot in its name, such as localhost."""
    return "\n".join(button.url for button in shown if isinstance(button, LinkButton) and not _fits(button))


def _fits(button: AnyButton) -> bool:
    if not isinstance(button, LinkButton):
        return True
    host = urlsplit(button.url).hostname or ""
    return "." in host or ":" in host


def _button(button: AnyButton) -> InlineKeyboardButton:
    if isinstance(button, LinkButton):
        return InlineKeyboardButton(button.label, url=button.url)
    return InlineKeyboardButton(button.label, callback_data=button.data)


def _rows(shown: Sequence[AnyButton]) -> Iterator[list[AnyButton]]:
    """As many side by side as can be read; what matters most stands alone."""
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
    pressed = read(button.data)
    return pressed is not None and pressed.verb is Verb.GENERATE


def _columns(button: AnyButton) -> int:
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in button.label)
    return len(button.label) + wide + 2
