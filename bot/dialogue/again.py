"""After the end: what failed is made again, or the same faces are collected for another voice."""

from bot.dialogue.batch import generate
from bot.dialogue.collecting import collecting
from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.intents import Retry, Reuse
from bot.dialogue.library import owned
from bot.dialogue.message import ShowStatus
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch, Item, ItemState, MediaFile


async def _retry(context: Context, intent: Retry) -> Replies:
    before = await context.batch(intent.batch)
    context.must_lead(before)
    failed = [item for item in before.items if item.state is ItemState.FAILED]
    if not failed:
        return [ShowStatus(before.id)]
    await _must_be_free(context)
    async with collecting(context, None) as batch:
        await same_voice(context, before, batch)
        for item in failed:
            voice = await owned(context, batch.owner.owner, item.voice) if item.voice else None
            await _add(context, batch, item, voice)
    return await generate(context, await context.store.get(batch.id))


async def _reuse(context: Context, intent: Reuse) -> Replies:
    before = await context.batch(intent.batch)
    context.must_lead(before)
    await _must_be_free(context)
    async with collecting(context, None) as batch:
        await _same_options(context, before, batch)
        for item in {item.template.sha256: item for item in before.items}.values():
            await _add(context, batch, item, None)
    return [ShowStatus(batch.id)]


async def _must_be_free(context: Context) -> None:
    if await context.collecting() is not None:
        raise HeygemError(ErrorCode.BATCH_OPEN)


async def _same_options(context: Context, before: Batch, batch: Batch) -> None:
    await context.store.set_options(batch.id, engine=before.engine, options=before.options)


async def same_voice(context: Context, before: Batch, batch: Batch) -> None:
    """Options, voice and transcript of `before`, which may be another owner's, for a new batch."""
    await _same_options(context, before, batch)
    if before.voice is not None:
        voice = await owned(context, batch.owner.owner, before.voice)
        await context.store.set_voice(batch.id, voice, f"{context.said.id}:voice")
        await context.store.set_options(batch.id, transcript=before.transcript)


async def _add(context: Context, batch: Batch, item: Item, voice: MediaFile | None) -> None:
    """Added already by the same press, it stays as it is."""
    template = await owned(context, batch.owner.owner, item.template)
    await context.store.add_template(batch.id, template, f"{context.said.id}:{item.id}", voice)


HANDLERS: Handlers = {Retry: _retry, Reuse: _reuse}
