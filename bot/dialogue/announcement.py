"""The new message at the end of a batch, and the answer to /export: what succeeded, what failed and why, the link."""

from dataclasses import replace

from bot.dialogue.access import CONSOLE
from bot.dialogue.message import LinkButton, Say
from bot.dialogue.status import onward
from bot.dialogue.text import SLASHED, Catalogue, CommandStyle, Language, catalogue
from bot.dialogue.units import size, span
from heygem.base.settings import opens_only_here
from heygem.batches.model import Batch, BatchState, Item, ItemState
from heygem.links.download import Link

_FAILURES = 10  # told with their reasons in one message; the rest is counted
_NAMES = 5
_FACES_MISSING_SHARE = 0.02  # of a video's frames; fewer is a blink behind a hand


def announcement(batch: Batch, link: Link | None, style: CommandStyle = SLASHED, whole: Batch | None = None) -> Say:
    """The final message; `link` is None where nothing succeeded, `whole` the batch of which this one was a try-out."""
    spoken = catalogue(batch.language, style)
    words = spoken.ending
    done, total = len(batch.finished), len(batch.items)
    if not done:
        head = words.none_done.of(total)
    elif done == total:
        head = words.all_done.of(total)
    else:
        head = words.some_done.format(done=done, total=total)
    said = _message([head], batch, link, spoken)
    if batch.trial_of and (whole is None or whole.state is not BatchState.COLLECTING):
        return said  # what it was a try-out of has been decided meanwhile
    if batch.trial_of and done:
        said = _message([head, words.tried], batch, link, spoken)
    return replace(said, buttons=(*said.buttons, *onward(batch, spoken)))


def export(batch: Batch, link: Link, spoken: Catalogue) -> Say:
    """The answer to /export, for a finished batch or for what is finished so far."""
    words = spoken.ending
    done, total = len(batch.finished), len(batch.items)
    if done == total:
        head = words.export_of.of(done)
    else:
        head = (words.export_some if batch.state.terminal else words.partial).format(done=done, total=total)
    return _message([head], batch, link, spoken)


def left_out(large: list[Item], limit: int, language: Language, *, only_here: bool) -> str:
    """After the videos themselves: which of them are larger than the `limit` bytes that the chat takes."""
    words = catalogue(language)
    sentence = words.ending.left_out.format(limit=size(limit), names=_names(large, words))
    return f"{sentence} {words.ending.only_here}" if only_here else sentence


def link_button(link: Link, language: Language) -> LinkButton:
    return LinkButton(catalogue(language).buttons.download, link.url)


def _message(head: list[str], batch: Batch, link: Link | None, words: Catalogue) -> Say:
    blocks = [
        head,
        _failures(batch, words),
        _notices(batch, words),
        _link_facts(link, words, batch.place.platform),
    ]
    text = "\n\n".join("\n".join(block) for block in blocks if block)
    return Say(text, (link_button(link, words.language),) if link else ())


def _failures(batch: Batch, words: Catalogue) -> list[str]:
    failed = [item for item in batch.items if item.state is ItemState.FAILED]
    shown = [_failure(item, words) for item in failed[:_FAILURES]]
    hidden = len(failed) - len(shown)
    return shown + ([words.ending.more_failures.of(hidden)] if hidden else [])


def _failure(item: Item, words: Catalogue) -> str:
    reason = words.explain(item.failure.code, item.failure.params) if item.failure else ""
    return f"❌ {words.ending.failure.format(number=item.number, name=item.template.name, reason=reason)}"


def _notices(batch: Batch, words: Catalogue) -> list[str]:
    several = [item for item in batch.finished if item.output and item.output.result.several_faces]
    missing = [item for item in batch.finished if _mouth_missing(item)]
    clear = [item for item in batch.finished if item.output and item.output.result.transparent]
    wordless = [item for item in batch.finished if item.output and item.output.result.subtitles_missing]
    notices = (
        (words.ending.several_faces, several),
        (words.ending.faces_missing, missing),
        (words.ending.transparent, clear),
        (words.ending.subtitles_missing, wordless),
    )
    return [sentence.format(names=_names(items, words)) for sentence, items in notices if items]


def _mouth_missing(item: Item) -> bool:
    result = item.output.result if item.output else None
    return result is not None and result.faces_missing > _FACES_MISSING_SHARE * result.frames


def _names(items: list[Item], words: Catalogue) -> str:
    names = words.units.comma.join(item.template.name for item in items[:_NAMES])
    hidden = len(items) - _NAMES
    return f"{names} {words.status.more.of(hidden)}" if hidden > 0 else names


def _link_facts(link: Link | None, spoken: Catalogue, platform: str) -> list[str]:
    if link is None:
        return []
    words = spoken.ending
    lasts = words.expires.format(time=span(link.lasts_s, spoken.language))
    large = [words.large.format(size=size(link.size))] if link.warning else []
    near = [words.only_here] if opens_only_here(link.url) and platform != CONSOLE else []
    return [words.size.format(size=size(link.size)), *large, lasts, *near]
