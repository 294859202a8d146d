"""What is not wanted goes: one template, what a deleted message brought, or all that was collected.

All of it stands beside harmless buttons, so throwing it away asks before many files are lost.
"""

from bot.dialogue.codec import button, number_in
from bot.dialogue.collecting import item_meant
from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.intents import AskDiscard, AskRemove, Discard, RemoveItem, Withdraw
from bot.dialogue.message import Say, ShowStatus, Toast
from bot.dialogue.pages import PAGE, start_of, turns
from bot.dialogue.questions import answered, asked
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch, BatchState, Item


async def _ask_remove(context: Context, intent: AskRemove) -> Replies:
    batch = await _changeable(context, intent.batch)
    if batch is None:
        return context.say(context.words.collecting.no_batch)
    context.must_lead(batch)
    if not batch.items or batch.state.terminal:
        return [ShowStatus(batch.id)]
    return [_removable(context, batch, number_in(intent.start) or 0, again=bool(intent.start))]


def _removable(context: Context, batch: Batch, start: int, *, again: bool) -> Say:
    """A menu of templates, from number `start` + 1 on."""
    words = context.words
    there = _there(batch)
    start = min(start, start_of(max(1, len(there))))  # the last page may have gone meanwhile
    shown = there[start : start + PAGE]
    choices = [button(f"{item.number}. {item.template.name}", RemoveItem(batch.id, item.id)) for item in shown]
    pages = turns(words, start, len(there), lambda at: AskRemove(batch.id, at))
    text = words.collecting.remove_which if shown else words.collecting.none_left
    return Say(text, (*choices, *pages), again=again)


def _there(batch: Batch) -> list[Item]:
    return [item for item in batch.items if not item.state.terminal and not item.cancelling]


async def _remove(context: Context, intent: RemoveItem) -> Replies:
    batch = await _changeable(context, intent.batch)
    if batch is None:
        return context.say(context.words.collecting.no_batch)
    if not intent.batch and number_in(intent.item) is None:
        return context.say(context.words.talk.wants_number)
    item = item_meant(batch, intent)
    context.must_lead(batch)
    if item is None or item.state.terminal or batch.state.terminal:
        return [ShowStatus(batch.id)]
    removed = await _removed(context, batch, item)
    if context.said.pressed is None:
        return [*context.say(removed), ShowStatus(batch.id)]
    left = await context.store.get(batch.id)
    before = sum(each.number < item.number for each in _there(left))
    return [Toast(removed), _removable(context, left, start_of(before + 1), again=True)]


async def _removed(context: Context, batch: Batch, item: Item) -> str:
    """What is said of it: one that is collected goes, one that was started is not made."""
    words = context.words.collecting
    if batch.state is BatchState.COLLECTING:
        await context.store.remove_item(batch.id, item.id)
        return words.removed.format(name=item.template.name)
    await context.store.line.cancel_item(batch.id, item.id)
    return words.item_cancelled.format(name=item.template.name)


async def _changeable(context: Context, batch_id: str) -> Batch | None:
    """What is collected, or else is under way."""
    if batch_id:
        return await context.batch(batch_id)
    batch = await context.collecting() or await context.current()
    return None if batch is None or batch.state.terminal else batch


async def _withdraw(context: Context, intent: Withdraw) -> Replies:
    await context.store.withdraw(context.place, intent.message)
    return []


async def _ask_discard(context: Context, intent: AskDiscard) -> Replies:
    words, batch = context.words, await _discardable(context, intent.batch)
    if not batch.items:
        await context.store.cancel(batch.id)
        return context.say(words.collecting.discarded)
    question = words.collecting.discard_sure.of(len(batch.items))
    return asked(context, question, words.buttons.discard_yes, Discard(batch.id))


async def _discard(context: Context, intent: Discard) -> Replies:
    batch = await _discardable(context, intent.batch)
    await context.store.cancel(batch.id)
    return answered(context.words.collecting.discarded)


async def _discardable(context: Context, batch_id: str) -> Batch:
    """The batch, if it is the person's to throw away. What runs meanwhile is not stopped by that."""
    batch = await context.batch(batch_id)
    context.must_lead(batch)
    if batch.state is not BatchState.COLLECTING:
        raise HeygemError(ErrorCode.BATCH_STARTED if batch.queued else ErrorCode.BUTTON_UNKNOWN)
    return batch


HANDLERS: Handlers = {
    AskRemove: _ask_remove,
    RemoveItem: _remove,
    Withdraw: _withdraw,
    AskDiscard: _ask_discard,
    Discard: _discard,
}
