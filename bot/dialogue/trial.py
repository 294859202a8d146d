"""One template alone, made as the whole batch will be, before anybody waits for all of them."""

from bot.dialogue.again import same_voice
from bot.dialogue.batch import generate
from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.intents import TryOne
from bot.dialogue.status import is_ready
from heygem.batches.model import Batch, BatchState
from heygem.errors import ErrorCode, HeygemError


async def _try(context: Context, intent: TryOne) -> Replies:
    """It is a batch of its own in the same place, which goes on collecting the other."""
    whole = await context.meant(intent.batch)
    if whole is None or not whole.items:
        raise HeygemError(ErrorCode.TEMPLATES_MISSING)
    context.must_lead(whole)
    if whole.state is not BatchState.COLLECTING:
        raise HeygemError(ErrorCode.BATCH_STARTED)
    if not is_ready(whole):
        raise HeygemError(ErrorCode.VOICE_MISSING)
    return await generate(context, await _collected(context, whole))


async def _collected(context: Context, whole: Batch) -> Batch:
    """The try-out of this press, which may come twice."""
    store, message, first = context.store, f"{context.said.id}:try", whole.items[0]
    if begun := await store.batch_of_message(whole.place, message):
        return await store.get(begun)
    batch = await store.open(whole.owner, whole.place, context.language, trial_of=whole.id)
    try:
        await same_voice(context, whole, batch)
        await store.add_template(batch.id, first.template, message, first.voice)
    except HeygemError:
        await store.delete(batch.id)
        raise
    return await store.get(batch.id)


HANDLERS: Handlers = {TryOne: _try}
