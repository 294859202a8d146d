"""After the end: what failed is made again, or the same faces are collected for another voice."""

from bot.dialogue.batch import generate
from bot.dialogue.collecting import collecting
from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.intents import Retry, Reuse
from bot.dialogue.library import owned
from bot.dialogue.message import ShowStatus
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch, BatchState, Item, ItemState, MediaFile
from heygem.batches.store import VOICE


async def _retry(context: Context, intent: Retry) -> Replies:
    before = await context.batch(intent.batch)
    context.must_lead(before)
    failed = [item for item in before.items if item.state is ItemState.FAILED]
    if not failed:
        return [ShowStatus(before.id)]
    begun = await _begun(context, failed)
    if begun is not None and begun.state is not BatchState.COLLECTING:
        return [ShowStatus(begun.id)]
    async with collecting(context, begun) as batch:
        await same_voice(context, before, batch)
        for item in failed:
            voice = await owned(context, batch.owner.owner, item.voice) if item.voice else None
            await _add(context, batch, item, voice)
    return await generate(context, await context.store.get(batch.id))


async def _reuse(context: Context, intent: Reuse) -> Replies:
    before = await context.batch(intent.batch)
    context.must_lead(before)
    faces = list({item.template.sha256: item for item in before.items}.values())
    begun = await _begun(context, faces)
    if begun is not None and begun.state is not BatchState.COLLECTING:
        return [ShowStatus(begun.id)]
    async with collecting(context, begun) as batch:
        await _same_options(context, before, batch)
        for item in faces:
            await _add(context, batch, item, None)
    return [ShowStatus(batch.id)]


async def _begun(context: Context, items: list[Item]) -> Batch | None:
    """The batch that this same press has begun, if a kill cut it off. Raises BATCH_OPEN where there is another."""
    for what in (VOICE, *(item.id for item in items[:1])):
        if batch_id := await context.store.batch_of_message(context.place, _message(context, what)):
            return await context.store.get(batch_id)
    if await context.collecting() is not None:
        raise HeygemError(ErrorCode.BATCH_OPEN)
    return None


def _message(context: Context, what: str) -> str:
    """Each thing that a press brings is a message of its own: an item of the earlier batch, or its voice."""
    return f"{context.said.id}:{what}"


async def _same_options(context: Context, before: Batch, batch: Batch) -> None:
    await context.store.set_options(batch.id, engine=before.engine, options=before.options)


async def same_voice(context: Context, before: Batch, batch: Batch) -> None:
    """Options, voice and transcript of `before`, which may be another owner's, for a new batch."""
    await _same_options(context, before, batch)
    if before.voice is not None:
        voice = await owned(context, batch.owner.owner, before.voice)
        await context.store.set_voice(batch.id, voice, _message(context, VOICE))
        await context.store.set_options(batch.id, transcript=before.transcript)


async def _add(context: Context, batch: Batch, item: Item, voice: MediaFile | None) -> None:
    """Added already by the same press, it stays as it is."""
    template = await owned(context, batch.owner.owner, item.template)
    await context.store.add_template(batch.id, template, _message(context, item.id), voice)


HANDLERS: Handlers = {Retry: _retry, Reuse: _reuse}
