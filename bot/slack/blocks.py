"""Statuses and answers as Block Kit, within Slack's limits whatever a person's names and numbers are."""

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from typing import Any

from bot.dialogue.codec import button, intent_of
from bot.dialogue.intents import ChooseVoiceFor, Generate
from bot.dialogue.message import AnyButton, Button, LinkButton, Say
from bot.dialogue.status import Row, StatusView
from bot.dialogue.text import catalogue
from bot.slack.mrkdwn import commands, cut, escape, name, spoken
from bot.slack.pictures import picture
from heygem.batches.model import BatchState, MediaFile
from heygem.sentences import Language

Block = dict[str, Any]

MESSAGE_BLOCKS = 50
HOME_BLOCKS = 100
_SECTION, _HEADER, _LABEL, _FALLBACK = 3000, 150, 75, 3500
_URL = 3000
_BUTTONS_PER_BLOCK = 25
_ROW_NAME = 200


def status_blocks(view: StatusView, language: Language, *, heads_thread: bool) -> list[Block]:
    """One row per template. `heads_thread`: the message is the one below which people put their files."""
    words, own_voice = catalogue(language).slack, catalogue(language).buttons.own_voice
    collecting = view.state is BatchState.COLLECTING
    parts: list[Block] = [header(view.title)]
    if collecting and heads_thread:
        parts.append(small(escape(words.thread)))
    if view.voice:
        parts.append(section(escape(view.voice)))
    parts += [_row(view.batch_id, row, own_voice if collecting else "") for row in view.rows]
    below = [line for line in (view.more, view.bar, *view.notes) if line]
    if below:
        parts.append(section(escape("\n".join(below))))
    shown = list(actions(view.buttons))
    return [*parts[: MESSAGE_BLOCKS - len(shown)], *shown]


def status_text(view: StatusView) -> str:
    """What notifications and screen readers get."""
    return cut(escape(" · ".join(part for part in (view.title, view.bar) if part)), _FALLBACK)


def say_blocks(say: Say, me: str, *, thread: bool = False, most: int = MESSAGE_BLOCKS) -> list[Block]:
    """A message of ours; `me` is our id, by whose mention commands are said in a `thread`."""
    shown = list(actions(say.buttons))
    sections = [
        section(part, picture(file) if file else None)
        for text, file in _illustrated(say)
        for part in _parts(commands(spoken(text, me), bot=me if thread else ""))
    ]
    return [*sections[: most - len(shown)], *shown]


def say_text(say: Say, me: str, *, thread: bool = False) -> str:
    return cut(commands(spoken(say.text, me), bot=me if thread else ""), _FALLBACK)


def section(text: str, accessory: Block | None = None) -> Block:
    """`text` is mrkdwn, escaped by the caller."""
    block: Block = {"type": "section", "text": {"type": "mrkdwn", "text": cut(text, _SECTION) or " ", "verbatim": True}}
    return {**block, "accessory": accessory} if accessory else block


def header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": cut(text, _HEADER), "emoji": True}}


def small(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": cut(text, _SECTION), "verbatim": True}]}


def actions(shown: Sequence[AnyButton]) -> Iterator[Block]:
    """Blocks of buttons. The first of several that starts something stands out."""
    numbered = enumerate(shown)
    while part := list(islice(numbered, _BUTTONS_PER_BLOCK)):
        yield {"type": "actions", "elements": [element(each, number) for number, each in part]}


def element(shown: AnyButton, number: int = 0) -> Block:
    label = {"type": "plain_text", "text": cut(shown.label, _LABEL) or "…", "emoji": True}
    if isinstance(shown, LinkButton):
        return {"type": "button", "action_id": f"open:{number}", "text": label, "url": shown.url[:_URL]}
    primary = {"style": "primary"} if _starts(shown) else {}
    return {"type": "button", "action_id": f"press:{number}", "text": label, "value": shown.data, **primary}


def _starts(button: Button) -> bool:
    return intent_of(button.data) is Generate


def _row(batch_id: str, row: Row, own_voice: str) -> Block:
    note = f" – {escape(row.note)}" if row.note else ""
    text = f"{row.glyph} {row.number}. {cut(name(row.name), _ROW_NAME)}{note}"
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
        at = at if at > 0 else len(cut(text, _SECTION)) - 1
        yield text[:at]
        text = text[at:].lstrip("\n")
    if text.strip():
        yield text
