"""The templates of a batch that is collected, in another order and under other names.

A template's number and its name make the name of its video, so both are the person's to choose.
"""

from bot.dialogue.codec import number_in
from bot.dialogue.collecting import collected, item_meant, item_numbered
from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.intents import MoveItem, RenameItem
from bot.dialogue.message import ShowStatus
from bot.dialogue.names import given_name


async def _move(context: Context, intent: MoveItem) -> Replies:
    batch = await collected(context, intent.batch)
    if batch is None:
        return context.say(context.words.collecting.no_batch)
    to = number_in(intent.to)
    if to is None or not _named(intent):
        return context.say(context.words.talk.wants_place)
    item = item_meant(batch, intent)
    item_numbered(batch, to)
    context.must_lead(batch)
    if item is None:
        return [ShowStatus(batch.id)]
    await context.services.items.move(item, to)
    moved = context.words.collecting.moved.format(name=item.template.name, number=to)
    return [*context.say(moved), ShowStatus(batch.id)]


async def _rename(context: Context, intent: RenameItem) -> Replies:
    batch = await collected(context, intent.batch)
    if batch is None:
        return context.say(context.words.collecting.no_batch)
    name = given_name(intent.name)
    if not name or not _named(intent):
        return context.say(context.words.talk.wants_name)
    item = item_meant(batch, intent)
    context.must_lead(batch)
    if item is None:
        return [ShowStatus(batch.id)]
    await context.services.items.rename(item, name)
    renamed = context.words.collecting.renamed.format(number=item.number, name=name)
    return [*context.say(renamed), ShowStatus(batch.id)]


def _named(intent: MoveItem | RenameItem) -> bool:
    return bool(intent.batch) or number_in(intent.item) is not None


HANDLERS: Handlers = {MoveItem: _move, RenameItem: _rename}
