"""What the page of a batch shows: a pure function of the batch, the link and the language."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.dialogue.estimate import progress
from bot.dialogue.text import catalogue
from bot.dialogue.units import clock, size
from bot.web import before, pictures
from bot.web.words import WORDS, Words
from heygem.archive.manifest import explain_failure
from heygem.base.limits import MB
from heygem.base.sentences import Language
from heygem.batches.model import Batch, BatchState, Item, ItemState
from heygem.links.download import OpenLink


@dataclass(frozen=True)
class Card:
    """One item. `percent` is of the whole render; `sentence` says why it failed."""

    number: int
    name: str
    state: ItemState
    label: str
    percent: int
    facts: str
    notes: tuple[str, ...]
    sentence: str
    width: int
    height: int
    picture: str  # its version
    size: int  # of the finished video in bytes
    template_s: float  # how long the template's pictures last; 0: it can't be compared

    @property
    def version(self) -> str:
        """Changes when the card has to be drawn anew; progress alone is updated in place."""
        return f"{self.number}:{self.state}"


@dataclass(frozen=True)
class Page:
    words: Words
    headline: str
    state: BatchState
    live: bool
    locked: bool  # by a password
    percent: int
    voice: str
    expires: datetime
    archive_facts: str
    partial: bool
    more: str  # what is ready since a partial link was made; "" while not all of it is
    as_it_was: str  # then the archive of the link itself, beside the whole one
    large: bool
    portrait: bool
    mismatch: str  # how a template was made as long as its voice
    videos: tuple[Card, ...]
    failures: tuple[Card, ...]

    @property
    def version(self) -> str:
        drawn = "|".join([self.state, *(card.version for card in (*self.videos, *self.failures))])
        return hashlib.sha256(drawn.encode()).hexdigest()[:16]


def page(batch: Batch, link: OpenLink, warn_above_mb: int, whole: OpenLink | None = None) -> Page:
    """`whole` is what a partial link opens too, once the batch has ended."""
    words = WORDS[batch.language]
    offered = whole or link
    cards = [_card(item, batch) for item in batch.items]
    failed = [card for card in cards if card.state in (ItemState.FAILED, ItemState.CANCELLED)]
    shown = [card for card in cards if card not in failed]
    return Page(
        words=words,
        headline=_headline(batch, words),
        state=batch.state,
        live=not batch.state.terminal,
        locked=link.lock is not None,
        percent=sum(card.percent for card in cards) // max(1, len(cards)),
        voice=words.voice.format(name=batch.voice.name or "…") if batch.voice else "",
        expires=datetime.fromtimestamp(link.expires, UTC),
        archive_facts=_archive_facts(offered, words),
        partial=offered.videos < len(shown),
        more=words.more.of(whole.videos - link.videos) if whole else "",
        as_it_was=words.as_it_was.format(facts=_archive_facts(link, words)) if whole else "",
        large=offered.plan.size > warn_above_mb * MB,
        portrait=sum(card.height > card.width for card in shown) * 2 > len(shown),
        mismatch=batch.options.length_mismatch,
        videos=tuple(shown),
        failures=tuple(failed),
    )


def _archive_facts(link: OpenLink, words: Words) -> str:
    return words.zip_of.of(link.videos, size=size(link.plan.size))


def _headline(batch: Batch, words: Words) -> str:
    done, total = len(batch.finished), len(batch.items)
    if batch.state is BatchState.CANCELLED:
        return words.stopped.format(done=done, n=total)
    if done == total:
        return words.done.of(total)
    if batch.state.terminal:
        return words.some_done.format(done=done, n=total)
    if done == 0 and batch.state is BatchState.QUEUED:
        return words.queued.format(n=total)
    return words.working.format(done=done, n=total)


def _card(item: Item, batch: Batch) -> Card:
    words = WORDS[batch.language]
    result = item.output.result if item.output else None
    video = item.template.info.video
    return Card(
        number=item.number,
        name=item.template.name or f"{item.number}",
        state=item.state,
        label=_label(item, words, batch.language),
        percent=round(100 * progress(item)),
        facts=_facts(item),
        notes=_notes(item, words),
        sentence=explain_failure(item.failure, batch.language) if item.failure else "",
        width=result.width if result else video.width if video else 0,
        height=result.height if result else video.height if video else 0,
        picture=pictures.version(item),
        size=item.output.size if item.output else 0,
        template_s=before.seconds(item),
    )


def _label(item: Item, words: Words, language: Language) -> str:
    stages = catalogue(language).status.stages
    if item.state is ItemState.RUNNING and item.stage in stages:
        return next(word for stage, word in stages.items() if stage == item.stage)
    return words.states[item.state]


def _facts(item: Item) -> str:
    if item.output is None:
        return clock(item.template.info.duration_s) if item.template.info.duration_s else ""
    result = item.output.result
    facts = (clock(result.duration_s), f"{result.width}×{result.height}", size(item.output.size))
    return " · ".join(fact.replace(" ", "\u00a0") for fact in facts)  # a number stays with its unit


def _notes(item: Item, words: Words) -> tuple[str, ...]:
    notes = [words.own_voice.format(name=item.voice.name)] if item.voice and item.voice.name else []
    if item.output and item.output.result.several_faces:
        notes.append(words.several_faces)
    if item.output and item.output.result.transparent:
        notes.append(words.transparent)
    if item.output and item.output.result.faces_missing:
        result = item.output.result
        notes.append(words.faces_missing.format(n=result.faces_missing, frames=result.frames))
    if item.output and item.output.result.subtitles_missing:
        notes.append(words.subtitles_missing)
    return tuple(notes)
