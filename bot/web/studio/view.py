"""What the studio shows: a person's batches as their status tells them, and what the dialogue answered."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from bot.dialogue.codec import encode, intent_of
from bot.dialogue.estimate import Queue, progress
from bot.dialogue.intents import AskDelete, Export, Generate
from bot.dialogue.message import Answer, AnyButton, Button, LinkButton, Say, Toast
from bot.dialogue.status import render_status
from bot.dialogue.text import Language, catalogue
from bot.dialogue.units import ago
from bot.web.site import Site
from bot.web.studio.page import Card, Open, Picture, Press, StudioPage, Told
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
    batches = [batch for batch in await site.store.history(visitor.person, MOST_BATCHES) if _shown(batch)]
    now = await site.store.now()
    cards = [await _card(site, batch, now, visitor.language) for batch in batches if _matches(batch, sought)]
    return StudioPage(
        words=WORDS[visitor.language],
        form_key=visitor.form_key,
        live=tuple(card for card in cards if not card.view.terminal),
        past=tuple(card for card in cards if card.view.terminal),
        sought=sought,
        sending=SENDING[visitor.language],
        most=most(site.settings.limits.file_mb, SENDING[visitor.language]),
        piece=PIECE_BYTES,
        told=tuple([await _told(site, reply) for reply in answer.replies if isinstance(reply, Say | Toast)])
        if answer
        else (),
    )


def _shown(batch: Batch) -> bool:
    """What was thrown away before its start is no history."""
    return bool(batch.queued) or not batch.state.terminal


def _matches(batch: Batch, sought: str) -> bool:
    names = [item.template.name for item in batch.items] + ([batch.voice.name] if batch.voice else [])
    return not batch.state.terminal or not sought or any(sought.casefold() in name.casefold() for name in names)


async def _card(site: Site, batch: Batch, now: float, language: Language) -> Card:
    words = catalogue(language)
    queue = Queue() if batch.state.terminal else await Queue.before(batch, site.store)  # asked every two seconds
    view = render_status(batch, queue, language)
    delete = (Button(words.buttons.delete, encode(AskDelete(batch.id))),) if batch.state.terminal else ()
    running = batch.state in (BatchState.QUEUED, BatchState.RUNNING)
    return Card(
        id=batch.id,
        view=view,
        when=ago(max(0.0, now - batch.created), language),
        percent=_percent(batch) if running else None,
        pictures={row.number: await _picture(site, row.file) for row in view.rows if _has_picture(row.file)},
        choices=_choices((*view.buttons, *delete)),
        takes_files=batch.state is BatchState.COLLECTING,
    )


def _percent(batch: Batch) -> int:
    return int(100 * sum(progress(item) for item in batch.items) / len(batch.items))


def _has_picture(file: MediaFile) -> bool:
    return file.info.video is not None


async def _picture(site: Site, file: MediaFile) -> str:
    """Its path: the address that the browser came by may be another than the public one."""
    return urlsplit(await site.pictures.url(file.owner, file.sha256)).path


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
