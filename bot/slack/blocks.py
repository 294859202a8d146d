"""Statuses and answers as Block Kit, within Slack's limits whatever a person's names and numbers are."""

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from typing import Any

from bot.dialogue.codec import button, intent_of
from bot.dialogue.intents import AskDiscard, AskVoiceFor, ChooseVoiceFor, Generate, Intent, TryOne
from bot.dialogue.message import AnyButton, Button, LinkButton, Say
from bot.dialogue.status import Row, StatusView
from bot.dialogue.text import Language, catalogue
from bot.slack.mentions import Parts, as_mrkdwn, parted
from bot.slack.mrkdwn import cut, escape, shortened
from bot.slack.pictures import picture
from heygem.batches.model import BatchState, MediaFile

Block = dict[str, Any]

MESSAGE_BLOCKS = 50
HOME_BLOCKS = 100
_SECTION, _HEADER, _LABEL, _FALLBACK = 3000, 150, 75, 3500
_URL = 3000
_BUTTONS_PER_BLOCK = 25
_ROW_NAME = 200
_RANKS: dict[type[Intent] | None, int] = {Generate: 0, TryOne: 0, AskDiscard: 2}


def status_blocks(view: StatusView, language: Language, *, heads_thread: bool) -> list[Block]:
    """One row per template. `heads_thread`: the message is the one below which people put their files."""
    words, own_voice = catalogue(language).slack, catalogue(language).buttons.own_voice
    collecting = view.state is BatchState.COLLECTING
    parts: list[Block] = [header(view.title)]
    if collecting and heads_thread:
        parts.append(small(words.thread))
    if view.voice:
        parts.append(section(view.voice))
    parts += [_row(view.batch_id, row, own_voice if collecting else "") for row in view.rows]
    below = [line for line in (view.more, view.bar, *view.notes) if line]
    if below:
        parts.append(section("\n".join(below)))
    shown = [block for group in _groups(view) for block in actions(group)]
    return [*parts[: MESSAGE_BLOCKS - len(shown)], *shown]


def _groups(view: StatusView) -> Iterator[list[AnyButton]]:
    """What starts it, what changes it, what ends it: in rows of their own.

    While each template has a button for a voice of its own beside it, none is needed below.
    """
    beside = view.state is BatchState.COLLECTING and not view.more
    shown = [each for each in view.buttons if not (beside and _kind(each) is AskVoiceFor)]
    for _, group in groupby(shown, key=lambda each: _RANKS.get(_kind(each), 1)):
        yield list(group)


def status_text(view: StatusView, language: Language, *, heads_thread: bool) -> str:
    """What notifications and screen readers get: all of it, in words."""
    title, _, rest = view.spoken.partition("\n")
    hint = catalogue(language).slack.thread if heads_thread and view.state is BatchState.COLLECTING else ""
    return cut(escape("\n".join(part for part in (title, hint, rest) if part)), _FALLBACK)


def say_blocks(say: Say, me: str, *, most: int = MESSAGE_BLOCKS) -> list[Block]:
    """A message of ours; `me` is our id, which it may mention."""
    shown = list(actions(say.buttons))
    parts = [
        section(part, picture(file)) if file else _paragraph(parted(part, say.mentions, me))
        for text, file in _illustrated(say)
        for part in _parts(text)
    ]
    return [*parts[: most - len(shown)], *shown]


def say_text(say: Say, me: str) -> str:
    return cut(as_mrkdwn(parted(say.text, say.mentions, me)), _FALLBACK)


def section(text: str, accessory: Block | None = None) -> Block:
    """`text` is shown as it is: a name's underscores are underscores."""
    block: Block = {"type": "section", "text": _plain(text, _SECTION)}
    return {**block, "accessory": accessory} if accessory else block


def header(text: str) -> Block:
    return {"type": "header", "text": _plain(text, _HEADER)}


def small(text: str) -> Block:
    return {"type": "context", "elements": [_plain(text, _SECTION)]}


def _plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": shortened(text, limit) or "…", "emoji": False}


def _paragraph(parts: Parts) -> Block:
    """As it is, too; only rich text can have a mention in it."""
    if all(isinstance(part, str) for part in parts):
        return section("".join(part for part in parts if isinstance(part, str)))
    elements = [{"type": "text", "text": part} if isinstance(part, str) else part.element for part in parts]
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def actions(shown: Sequence[AnyButton]) -> Iterator[Block]:
    """Blocks of buttons. The first of several that starts something stands out."""
    numbered = enumerate(shown)
    while part := list(islice(numbered, _BUTTONS_PER_BLOCK)):
        yield {"type": "actions", "elements": [element(each, number) for number, each in part]}


def element(shown: AnyButton, number: int = 0) -> Block:
    label = _plain(shown.label, _LABEL)
    if isinstance(shown, LinkButton):
        return {"type": "button", "action_id": f"open:{number}", "text": label, "url": shown.url[:_URL]}
    primary = {"style": "primary"} if _starts(shown) else {}
    return {"type": "button", "action_id": f"press:{number}", "text": label, "value": shown.data, **primary}


def _starts(button: Button) -> bool:
    return _kind(button) is Generate


def _kind(button: AnyButton) -> type[Intent] | None:
    return intent_of(button.data) if isinstance(button, Button) else None


def _row(batch_id: str, row: Row, own_voice: str) -> Block:
    note = f" – {row.note}" if row.note else ""
    text = f"{row.glyph} {row.number}. {shortened(row.name, _ROW_NAME)}{note}"
    beside = element(button(own_voice, ChooseVoiceFor(batch_id, row.item))) if own_voice else picture(row.file)
    return section(text, beside)


def _illustrated(say: Say) -> Iterator[tuple[str, MediaFile | None]]:
    """The text, cut so that each line with a picture stands alone."""
    files = {shown.line: shown.file for shown in say.pictures}
    for alone, lines in groupby(say.text.split("\n"), key=lambda line: line if line in files else None):
        yield "\n".join(lines).strip("\n"), files.get(alone) if alone is not None else None


def _parts(text: str) -> Iterator[str]:
    """Pieces that fit into sections, cut between lines where possible."""
    while len(text) > _SECTION:
        at = text.rfind("\n", 1, _SECTION)
        at = at if at > 0 else _SECTION
        yield text[:at]
        text = text[at:].lstrip("\n")
    if text.strip():
        yield text
