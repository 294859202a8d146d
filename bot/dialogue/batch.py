"""A batch from its beginning to its start or end: open, show, look at, generate, cancel."""

from bot.dialogue.codec import button
from bot.dialogue.collecting import open_batch, open_here
from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.estimate import Estimate, Queue, result_seconds
from bot.dialogue.intents import Cancel, Export, Generate, Help, OpenBatch, ShowBatch, ShowPictures, Start
from bot.dialogue.message import Say, ShowStatus
from bot.dialogue.pictures import pictures
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


async def _show_pictures(context: Context, intent: ShowPictures) -> Replies:
    batch = await context.meant(intent.batch)
    if batch is None or (batch.state.terminal and not batch.queued):
        return context.say(context.words.collecting.no_batch)
    if not batch.items:
        return [ShowStatus(batch.id)]
    shown = pictures(batch)
    text = "\n".join([context.words.collecting.pictures, *(picture.line for picture in shown)])
    return [Say(text, pictures=shown, shared=batch.place == context.place)]


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


HANDLERS: Handlers = {
    Start: _start,
    Help: _help,
    OpenBatch: _open,
    ShowBatch: _show,
    ShowPictures: _show_pictures,
    Generate: _generate,
    Cancel: _cancel,
}
