"""Throw away what was collected. The button stands beside harmless ones, so it asks before many files are lost."""

from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.intents import AskDiscard, Discard
from bot.dialogue.questions import answered, asked
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch, BatchState


async def _ask(context: Context, intent: AskDiscard) -> Replies:
    words, batch = context.words, await _collected(context, intent.batch)
    if not batch.items:
        await context.store.cancel(batch.id)
        return context.say(words.collecting.discarded)
    question = words.collecting.discard_sure.of(len(batch.items))
    return asked(context, question, words.buttons.discard_yes, Discard(batch.id))


async def _discard(context: Context, intent: Discard) -> Replies:
    batch = await _collected(context, intent.batch)
    await context.store.cancel(batch.id)
    return answered(context.words.collecting.discarded)


async def _collected(context: Context, batch_id: str) -> Batch:
    """The batch, if it is the person's to throw away. What runs meanwhile is not stopped by that."""
    batch = await context.batch(batch_id)
    context.must_lead(batch)
    if batch.state is not BatchState.COLLECTING:
        raise HeygemError(ErrorCode.BATCH_STARTED if batch.queued else ErrorCode.BUTTON_UNKNOWN)
    return batch


HANDLERS: Handlers = {AskDiscard: _ask, Discard: _discard}
