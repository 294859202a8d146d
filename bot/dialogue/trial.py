"""One template alone, made as the whole batch will be, before anybody waits for all of them: with the whole voice, or
with a piece of it, which takes seconds.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.dialogue.again import same_voice
from bot.dialogue.batch import generate
from bot.dialogue.codec import number_in
from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.files import kept, looked_into
from bot.dialogue.intents import Preview, TryOne
from bot.dialogue.names import shown_name
from bot.dialogue.status import is_ready
from bot.previews.child import asked
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch, BatchState, Item, MediaFile
from heygem.engines.base import RenderOptions
from heygem.media.excerpt import Piece

PIECES: Mapping[str, Piece] = {"3s": "3s", "picture": "picture"}


@dataclass(frozen=True)
class Excerpt:
    """A piece of a voice, and the options with which it is spoken."""

    voice: MediaFile
    options: RenderOptions


async def _try(context: Context, intent: TryOne) -> Replies:
    whole = await _to_try(context, intent.batch)
    return await _made(context, whole, _chosen(whole, intent.number))


async def _preview(context: Context, intent: Preview) -> Replies:
    piece = PIECES.get(intent.piece or "3s")
    if piece is None:
        command, allowed = context.said.style.command("preview"), context.words.units.comma.join(PIECES)
        raise HeygemError(ErrorCode.BAD_OPTION, option=command, value=shown_name(intent.piece), allowed=allowed)
    whole = await _to_try(context, intent.batch)
    item = _chosen(whole, intent.number)
    async with _excerpt(context, whole, item, piece) as excerpt:
        return await _made(context, whole, item, excerpt)


async def _to_try(context: Context, batch_id: str) -> Batch:
    """The batch of which one is to be made before its start."""
    whole = await context.meant(batch_id)
    if whole is None or not whole.items or (whole.state.terminal and not batch_id):
        raise HeygemError(ErrorCode.TEMPLATES_MISSING)
    context.must_lead(whole)
    if whole.state is not BatchState.COLLECTING:
        raise HeygemError(ErrorCode.BATCH_STARTED)
    if not is_ready(whole):
        raise HeygemError(ErrorCode.VOICE_MISSING)
    return whole


def _chosen(whole: Batch, number: str) -> Item:
    if not number:
        return next((item for item in whole.items if item.faces != 0), whole.items[0])
    for item in whole.items:
        if item.number == number_in(number):
            return item
    raise HeygemError(ErrorCode.ITEM_UNKNOWN, number=shown_name(number))


@asynccontextmanager
async def _excerpt(context: Context, whole: Batch, item: Item, piece: Piece) -> AsyncIterator[Excerpt]:
    """Nobody reads what is said in a picture."""
    voice = item.voice or whole.voice
    if voice is None:
        raise HeygemError(ErrorCode.VOICE_MISSING)
    wordless = {"words": "off", "subtitles": "off"} if piece == "picture" else {}
    source = context.storage.file(voice.owner, voice.sha256)
    with context.storage.arriving() as path:
        async with context.services.probes:
            if await asked("heygem.media.excerpt", str(source), str(path), piece) is None:
                raise HeygemError(ErrorCode.BROKEN_MEDIA, name=voice.name)
        info = await looked_into(context, path, voice.name)
        async with kept(context, whole, path, voice.name, info) as file:
            yield Excerpt(file, whole.options.model_copy(update=wordless))


async def _made(context: Context, whole: Batch, item: Item, excerpt: Excerpt | None = None) -> Replies:
    """It is a batch of its own in the same place, which goes on collecting the other."""
    trial = await _collected(context, whole, item, excerpt)
    try:
        return await generate(context, trial)
    except HeygemError:
        await context.store.delete(trial.id)  # nobody would see it, and it would count as an open batch
        raise


async def _collected(context: Context, whole: Batch, item: Item, excerpt: Excerpt | None) -> Batch:
    """The try-out of this press, which may come twice."""
    store, message = context.store, f"{context.said.id}:try"
    if begun := await store.batch_of_message(whole.place, message):
        return await store.get(begun)
    await _clear(context, whole)
    batch = await store.open(whole.owner, whole.place, context.language, trial_of=whole.id)
    try:
        if excerpt is None:
            await same_voice(context, whole, batch)
            await store.add_template(batch.id, item.template, message, item.voice)
        else:
            await store.set_options(batch.id, engine=whole.engine, options=excerpt.options)
            await store.set_voice(batch.id, excerpt.voice, f"{message}:voice")
            await store.add_template(batch.id, item.template, message)
    except HeygemError:
        await store.delete(batch.id)
        raise
    return await store.get(batch.id)


async def _clear(context: Context, whole: Batch) -> None:
    """A try-out starts as soon as it is put together: one that has not was left by a kill."""
    for batch in await context.store.history(whole.owner):
        if batch.trial_of == whole.id and batch.state is BatchState.COLLECTING:
            await context.store.delete(batch.id)


HANDLERS: Handlers = {TryOne: _try, Preview: _preview}
