"""What the studio shows: a person's batches as their status tells them, and what the dialogue answered."""

import hashlib
from collections.abc import Sequence
from urllib.parse import urlsplit

from bot.dialogue.codec import encode, intent_of
from bot.dialogue.estimate import Queue, progress
from bot.dialogue.intents import AskDelete, Export, Generate, MoveItem
from bot.dialogue.message import Answer, AnyButton, Button, LinkButton, Say, Toast
from bot.dialogue.status import ROWS, Row, StatusView, render_status
from bot.dialogue.text import Language, catalogue
from bot.dialogue.units import ago
from bot.web.site import Site
from bot.web.studio.page import Arranging, Card, Open, Picture, Press, StudioPage, Told
from bot.web.studio.visitor import Visitor
from bot.web.studio.words import WORDS
from bot.web.upload.desk import PIECE_BYTES
from bot.web.upload.view import most
from bot.web.upload.words import WORDS as SENDING
from heygem.batches.model import Batch, BatchState, MediaFile

MOST_BATCHES = 200
_USUAL = (Generate, Export)  # what one mostly wants where it is offered


async def studio_page(site: Site, visitor: Visitor, sought: str = "", answer: Answer | None = None) -> StudioPage:
    """`sought`: only past batches that have this in a name."""
    version = await version_of(site, visitor)  # before what is shown, so that a change in between is seen as one
    batches = [batch for batch in await site.store.history(visitor.person, MOST_BATCHES) if _shown(batch)]
    now = await site.store.now()
    cards = [await _card(site, batch, now, visitor) for batch in batches if _matches(batch, sought)]
    return StudioPage(
        words=WORDS[visitor.language],
        form_key=visitor.form_key,
        live=tuple(card for card in cards if not card.view.terminal),
        past=tuple(card for card in cards if card.view.terminal),
        sought=sought,
        sending=SENDING[visitor.language],
        longest_s=site.settings.limits.voice_seconds,
        most=most(site.settings.limits.file_mb, SENDING[visitor.language]),
        piece=PIECE_BYTES,
        version=version,
        told=tuple([await _told(site, reply) for reply in answer.replies if isinstance(reply, Say | Toast)])
        if answer
        else (),
    )


async def version_of(site: Site, visitor: Visitor) -> str:
    """Asked for every second for each open page: only what has not ended is read."""
    known = await site.store.versions(visitor.person, MOST_BATCHES)
    live = [await _view(site, batch, visitor.language) for batch in await site.store.unended(visitor.person)]
    drawn = "|".join([*(f"{batch}:{version}" for batch, version in known.items()), *(view.spoken for view in live)])
    return hashlib.sha256(drawn.encode()).hexdigest()[:16]


async def _view(site: Site, batch: Batch, language: Language) -> StatusView:
    queue = Queue() if batch.state.terminal else await Queue.before(batch, site.store)
    rows = len(batch.items) if batch.state is BatchState.COLLECTING else 0  # whoever arranges them needs all
    return render_status(batch, queue, language, rows=max(rows, ROWS))


def _shown(batch: Batch) -> bool:
    """What was thrown away before its start is no history."""
    return bool(batch.queued) or not batch.state.terminal


def _matches(batch: Batch, sought: str) -> bool:
    names = [item.template.name for item in batch.items] + ([batch.voice.name] if batch.voice else [])
    return not batch.state.terminal or not sought or any(sought.casefold() in name.casefold() for name in names)


async def _card(site: Site, batch: Batch, now: float, visitor: Visitor) -> Card:
    language = visitor.language
    words, view = catalogue(language), await _view(site, batch, language)
    delete = (Button(words.buttons.delete, encode(AskDelete(batch.id))),) if batch.state.terminal else ()
    running = batch.state in (BatchState.QUEUED, BatchState.RUNNING)
    return Card(
        id=batch.id,
        view=view,
        when=ago(max(0.0, now - batch.created), language),
        percent=_percent(batch) if running else None,
        pictures={row.number: await _picture(site, row.file) for row in view.rows if _has_picture(row.file)},
        arranging={row.number: _arranging(batch, row) for row in view.rows}
        if batch.state is BatchState.COLLECTING
        else {},
        choices=_choices((*view.buttons, *delete)),
        takes_files=batch.state is BatchState.COLLECTING and batch.place != visitor.sign_in.place,
    )


def _arranging(batch: Batch, row: Row) -> Arranging:
    def to(number: int) -> str:
        return encode(MoveItem(batch.id, row.item, str(number))) if 1 <= number <= len(batch.items) else ""

    return Arranging(encode(MoveItem(batch.id, row.item)), to(row.number - 1), to(row.number + 1))


def _percent(batch: Batch) -> int:
    return int(100 * sum(progress(item) for item in batch.items) / len(batch.items))


def _has_picture(file: MediaFile) -> bool:
    return file.info.video is not None


async def _picture(site: Site, file: MediaFile) -> str:
    """Its path: the address that the browser came by may be another than the public one."""
    address = urlsplit(await site.pictures.url(file.owner, file.sha256))
    return f"{address.path}?v={file.sha256[:12]}"


async def _told(site: Site, reply: Say | Toast) -> Told:
    if isinstance(reply, Toast):
        return Told(reply.text)
    pictures = [Picture(each.line, await _picture(site, each.file)) for each in reply.pictures]
    return Told(reply.text, _choices(reply.buttons), tuple(pictures))


def _choices(buttons: Sequence[AnyButton]) -> tuple[Press | Open, ...]:
    return tuple(map(_choice, buttons))


def _choice(button: AnyButton) -> Press | Open:
    if isinstance(button, LinkButton):
        return Open(button.label, button.url)
    return Press(button.label, button.data, main=intent_of(button.data) in _USUAL)
