"""A voice for one template, asked for by a button: for platforms where nobody can reply to a single message.

The next voice that this person sends in the batch's place, within a quarter of an hour, belongs to that template.
"""

from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.intents import ChooseVoiceFor, DropTranscript
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch, BatchState, Item
from heygem.redis import keys
from heygem.redis.connection import reaching_queue

_PATIENCE_SECONDS = 900
_AWAITED = keys.PREFIX + "awaited-voice:"  # string: id of the item, <batch>:<owner>


async def awaited_item(context: Context, batch: Batch | None) -> Item | None:
    """The template that the person's next voice is for."""
    if batch is None:
        return None
    with reaching_queue():
        item_id = await context.store.redis.get(_key(context, batch))
    return next((item for item in batch.items if item.id == item_id), None)


async def heard(context: Context, batch: Batch) -> None:
    """The voice came; the one after it is the batch's again."""
    with reaching_queue():
        await context.store.redis.delete(_key(context, batch))


def _key(context: Context, batch: Batch) -> str:
    return f"{_AWAITED}{batch.id}:{context.said.person.owner}"


async def _choose(context: Context, intent: ChooseVoiceFor) -> Replies:
    batch = await context.batch(intent.batch)
    item = next((item for item in batch.items if item.id == intent.item), None)
    if batch.state is not BatchState.COLLECTING:
        raise HeygemError(ErrorCode.BATCH_STARTED)
    if item is None:
        raise HeygemError(ErrorCode.BUTTON_UNKNOWN)
    with reaching_queue():
        await context.store.redis.set(_key(context, batch), item.id, ex=_PATIENCE_SECONDS)
    words = context.words.collecting
    return context.say(words.own_voice_next.format(number=item.number, template=item.template.name))


async def _drop_transcript(context: Context, intent: DropTranscript) -> Replies:
    batch = await context.batch(intent.batch)
    await context.store.set_options(batch.id, transcript="")
    return context.say(context.words.collecting.transcript_dropped)


HANDLERS: Handlers = {ChooseVoiceFor: _choose, DropTranscript: _drop_transcript}
