"""A batch from its beginning to its start or end: open, show, generate, cancel, take templates out, arrange them."""

from bot.dialogue import arranging
from bot.dialogue.codec import button, number_in
from bot.dialogue.collecting import collected, item_meant, open_batch, open_here
from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.estimate import Estimate, Queue, result_seconds
from bot.dialogue.intents import AskRemove, Cancel, Export, Generate, Help, OpenBatch, RemoveItem, ShowBatch, Start
from bot.dialogue.message import Say, ShowStatus, Toast
from bot.dialogue.pages import PAGE, start_of, turns
from bot.dialogue.status import estimate_line
from bot.dialogue.units import size
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import MB
from heygem.batches.model import Batch, BatchState


async def _start(context: Context, _: Start) -> Replies:
    return context.say(context.words.talk.welcome)


async def _help(context: Context, _: Help) -> Replies:
    talk = context.words.talk
    parts = [talk.help, talk.help_groups.get(context.place.platform, ""), talk.help_admin if context.admin else ""]
    return context.say("\n\n".join(filter(None, parts)))


async def _open(context: Context, _: OpenBatch) -> Replies:
    before = await open_here(context)
    batch = before or await open_batch(context)
    return [ShowStatus(batch.id, asked=before is not None)]


async def _show(context: Context, intent: ShowBatch) -> Replies:
    batch = await context.meant(intent.batch)
    return [ShowStatus(batch.id, asked=True)] if batch else context.say(context.words.collecting.no_batch)


async def _generate(context: Context, intent: Generate) -> Replies:
    batch = await context.meant(intent.batch)
    if batch is None or (batch.state.terminal and not intent.batch):
        raise HeygemError(ErrorCode.VOICE_MISSING)
    return await generate(context, batch)


async def generate(context: Context, batch: Batch) -> Replies:
    """Start it, if that is still to be done, and say how long it will take."""
    context.must_lead(batch)
    words, store = context.words.collecting, context.store
    if batch.state.terminal:
        return [ShowStatus(batch.id)]
    if batch.state is not BatchState.COLLECTING:
        return [*context.say(words.already_started), ShowStatus(batch.id)]
    started = await _paid(context, batch)
    queue = await Queue.before(started, store)
    replies = context.say(words.started.format(estimate=estimate_line(started, queue, context.language)))
    if (large := Estimate.of(started, queue).size) > context.settings.web.warn_above_mb * MB:
        replies += context.say(words.large.format(size=size(large)))
    return [*replies, ShowStatus(batch.id)]


async def _paid(context: Context, batch: Batch) -> Batch:
    """Start the batch with its owner's minutes; they come back if it does not start."""
    if not batch.items:
        raise HeygemError(ErrorCode.TEMPLATES_MISSING)
    minutes = sum(result_seconds(batch, item) for item in batch.items) / 60
    await context.services.allowance.spend(batch.owner, minutes)
    try:
        return await context.store.generate(batch.id)
    except HeygemError:
        await context.services.allowance.give_back(batch.owner, minutes)
        raise


async def _cancel(context: Context, intent: Cancel) -> Replies:
    words, batch = context.words.collecting, await context.meant(intent.batch)
    if batch is None:
        return context.say(words.nothing_to_cancel)
    if intent.batch or not batch.state.terminal:
        context.must_lead(batch)
    if batch.state.terminal:
        return context.say(words.nothing_to_cancel)
    cancelled = await context.store.cancel(batch.id)
    if batch.state is BatchState.COLLECTING:
        return context.say(words.discarded)
    if not (finished := len(cancelled.finished)):
        return context.say(words.cancelled)
    ready = button(context.words.buttons.export_ready, Export(batch.id))
    return context.say(words.cancelled_some.of(finished), ready)


async def _ask_remove(context: Context, intent: AskRemove) -> Replies:
    batch = await collected(context, intent.batch)
    if batch is None:
        return context.say(context.words.collecting.no_batch)
    context.must_lead(batch)
    if not batch.items:
        return [ShowStatus(batch.id)]
    return [_removable(context, batch, number_in(intent.start) or 0, again=bool(intent.start))]


def _removable(context: Context, batch: Batch, start: int, *, again: bool) -> Say:
    """A menu of templates, from number `start` + 1 on."""
    words = context.words
    shown = batch.items[start : start + PAGE]
    choices = [button(f"{item.number}. {item.template.name}", RemoveItem(batch.id, item.id)) for item in shown]
    pages = turns(words, start, len(batch.items), lambda at: AskRemove(batch.id, at))
    text = words.collecting.remove_which if shown else words.collecting.none_left
    return Say(text, (*choices, *pages), again=again)


async def _remove(context: Context, intent: RemoveItem) -> Replies:
    batch = await collected(context, intent.batch)
    if batch is None:
        return context.say(context.words.collecting.no_batch)
    if not intent.batch and number_in(intent.item) is None:
        return context.say(context.words.talk.wants_number)
    item = item_meant(batch, intent)
    context.must_lead(batch)
    if item is None:
        return [ShowStatus(batch.id)]
    await context.store.remove_item(batch.id, item.id)
    removed = context.words.collecting.removed.format(name=item.template.name)
    if context.said.pressed is None:
        return [*context.say(removed), ShowStatus(batch.id)]
    left = await context.store.get(batch.id)
    return [Toast(removed), _removable(context, left, start_of(item.number), again=True)]


HANDLERS: Handlers = {
    Start: _start,
    Help: _help,
    OpenBatch: _open,
    ShowBatch: _show,
    Generate: _generate,
    Cancel: _cancel,
    AskRemove: _ask_remove,
    RemoveItem: _remove,
    **arranging.HANDLERS,
}
