"""A voice for one template, asked for by a button: for platforms where nobody can reply to a single message.

The next voice that this person sends in the batch's place, within a quarter of an hour, belongs to that template.
"""

from bot.buttons import Pressed, Verb
from bot.conversation.turn import Replies, Turn
from heygem.batches import keys
from heygem.batches.connection import reaching_queue
from heygem.batches.model import Batch, BatchState, Item
from heygem.errors import ErrorCode, HeygemError

_PATIENCE_SECONDS = 900
_AWAITED = keys.PREFIX + "awaited-voice:"  # string: id of the item, <batch>:<owner>


async def awaited_item(turn: Turn, batch: Batch | None) -> Item | None:
    """The template that the person's next voice is for."""
    if batch is None:
        return None
    with reaching_queue():
        item_id = await turn.house.store.redis.get(_key(turn, batch))
    return next((item for item in batch.items if item.id == item_id), None)


async def heard(turn: Turn, batch: Batch) -> None:
    """The voice came; the one after it is the batch's again."""
    with reaching_queue():
        await turn.house.store.redis.delete(_key(turn, batch))


def _key(turn: Turn, batch: Batch) -> str:
    return f"{_AWAITED}{batch.id}:{turn.message.person.owner}"


async def _press(turn: Turn, pressed: Pressed) -> Replies:
    batch = await turn.batch(pressed.argument(0))
    item = next((item for item in batch.items if item.id == pressed.argument(1)), None)
    if batch.state is not BatchState.COLLECTING:
        raise HeygemError(ErrorCode.BATCH_STARTED)
    if item is None:
        return turn.say(turn.words.talk.unknown_button)
    with reaching_queue():
        await turn.house.store.redis.set(_key(turn, batch), item.id, ex=_PATIENCE_SECONDS)
    words = turn.words.collecting
    return turn.say(words.own_voice_next.format(number=item.number, template=item.template.name))


BUTTONS = {Verb.OWN_VOICE: _press}
