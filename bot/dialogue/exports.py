"""A fresh link to what is finished, at any time."""

from bot.dialogue.announcement import export
from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.history import row
from bot.dialogue.intents import Export
from bot.dialogue.message import AnyButton, LinkButton
from bot.dialogue.units import size
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch

_SHOWN = 10
_LOOKED_AT = 40  # the chat's newest batches


async def _export(context: Context, intent: Export) -> Replies:
    if intent.batch:
        return await _one(context, await context.batch(intent.batch))
    match await _exportable(context):
        case []:
            raise HeygemError(ErrorCode.NOTHING_TO_EXPORT)
        case [batch]:
            return await _one(context, batch)
        case several:
            return await _list(context, several[:_SHOWN])


async def _exportable(context: Context) -> list[Batch]:
    """The newest finished batch of this place, whoever owns it. Said in a chat itself: of each place in it."""
    store = context.store
    if not context.place.thread:
        finished = [batch for batch in await store.in_chat(context.place, _LOOKED_AT) if batch.finished]
        if newest := {batch.place: batch for batch in reversed(finished)}:
            return sorted(newest.values(), key=lambda batch: batch.created, reverse=True)
    latest = await store.latest(context.place)
    if latest is not None and latest.finished:
        return [latest]
    past = await store.history(context.said.person)
    return [batch for batch in past if batch.finished and batch.place == context.place][:1]


async def _one(context: Context, batch: Batch) -> Replies:
    link = await context.services.links.create(batch)
    return [export(batch, link, context.words)]


async def _list(context: Context, batches: list[Batch]) -> Replies:
    words, now = context.words, await context.store.now()
    lines: list[str] = []
    shown: list[AnyButton] = []
    for number, batch in enumerate(batches, start=1):
        link = await context.services.links.create(batch)
        lines.append(words.units.separator.join((row(context, number, batch, now), size(link.size))))
        shown.append(LinkButton(f"{words.buttons.download} {number}", link.url))
    return context.say("\n".join([words.ending.exports, *lines]), *shown)


HANDLERS: Handlers = {Export: _export}
