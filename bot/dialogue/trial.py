"""One template alone, made as the whole batch will be, before anybody waits for all of them."""

from bot.dialogue.again import same_voice
from bot.dialogue.batch import generate
from bot.dialogue.codec import number_in
from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.intents import TryOne
from bot.dialogue.names import shown_name
from bot.dialogue.status import is_ready
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch, BatchState, Item


async def _try(context: Context, intent: TryOne) -> Replies:
    """It is a batch of its own in the same place, which goes on collecting the other."""
    whole = await context.meant(intent.batch)
    if whole is None or not whole.items or (whole.state.terminal and not intent.batch):
        raise HeygemError(ErrorCode.TEMPLATES_MISSING)
    context.must_lead(whole)
    if whole.state is not BatchState.COLLECTING:
        raise HeygemError(ErrorCode.BATCH_STARTED)
    if not is_ready(whole):
        raise HeygemError(ErrorCode.VOICE_MISSING)
    trial = await _collected(context, whole, _chosen(whole, intent.number))
    try:
        return await generate(context, trial)
    except HeygemError:
        await context.store.delete(trial.id)  # nobody would see it, and it would count as an open batch
        raise


def _chosen(whole: Batch, number: str) -> Item:
    if not number:
        return next((item for item in whole.items if item.faces != 0), whole.items[0])
    for item in whole.items:
        if item.number == number_in(number):
            return item
    raise HeygemError(ErrorCode.ITEM_UNKNOWN, number=shown_name(number))


async def _collected(context: Context, whole: Batch, item: Item) -> Batch:
    """The try-out of this press, which may come twice."""
    store, message = context.store, f"{context.said.id}:try"
    if begun := await store.batch_of_message(whole.place, message):
        return await store.get(begun)
    await _clear(context, whole)
    batch = await store.open(whole.owner, whole.place, context.language, trial_of=whole.id)
    try:
        await same_voice(context, whole, batch)
        await store.add_template(batch.id, item.template, message, item.voice)
    except HeygemError:
        await store.delete(batch.id)
        raise
    return await store.get(batch.id)


async def _clear(context: Context, whole: Batch) -> None:
    """A try-out starts as soon as it is put together: one that has not was left by a kill."""
    for batch in await context.store.history(whole.owner):
        if batch.trial_of == whole.id and batch.state is BatchState.COLLECTING:
            await context.store.delete(batch.id)


HANDLERS: Handlers = {TryOne: _try}
