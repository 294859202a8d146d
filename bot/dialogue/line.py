"""One's own line while it is worked on: a batch is paused, resumed, or made before one's others."""

from collections.abc import Callable

from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.intents import Pause, PutFirst, Resume
from bot.dialogue.message import ShowStatus, Toast
from bot.dialogue.units import span
from heygem.batches.model import Batch
from heygem.batches.retention import DAY_S


async def _pause(context: Context, intent: Pause) -> Replies:
    batch = await _meant(context, intent.batch, lambda batch: not batch.paused)
    if batch is None:
        return context.say(context.words.collecting.nothing_to_pause)
    await context.store.line.pause(batch.id)
    kept = span(context.settings.retention.results_days * DAY_S, context.language)
    return _changed(batch, context.words.collecting.paused.format(time=kept))


async def _resume(context: Context, intent: Resume) -> Replies:
    batch = await _meant(context, intent.batch, lambda batch: batch.paused)
    if batch is None:
        return context.say(context.words.collecting.nothing_to_resume)
    await context.store.line.resume(batch.id)
    return _changed(batch, context.words.collecting.resumed)


async def _put_first(context: Context, intent: PutFirst) -> Replies:
    batch = await _meant(context, intent.batch, lambda _: True)
    if batch is None:
        return context.say(context.words.collecting.nothing_to_pause)
    await context.store.line.put_first(batch.id)
    return _changed(batch, context.words.collecting.put_first)


async def _meant(context: Context, batch_id: str, fits: Callable[[Batch], bool]) -> Batch | None:
    """The batch of a button, which must be under way; without one the latest under way that fits."""
    if not batch_id:
        return next(filter(fits, await context.under_way()), None)
    batch = await context.batch(batch_id)
    context.must_lead(batch)
    return batch if batch.under_way else None


def _changed(batch: Batch, said: str) -> Replies:
    return [Toast(said), ShowStatus(batch.id)]


HANDLERS: Handlers = {Pause: _pause, Resume: _resume, PutFirst: _put_first}
