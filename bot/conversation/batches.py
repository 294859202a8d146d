"""/start /help /batch /generate /status /remove /cancel, and their buttons."""

from bot import buttons
from bot.buttons import Pressed, Verb
from bot.conversation.collecting import open_batch
from bot.conversation.turn import Replies, Turn, number_in
from bot.estimate import Estimate, Queue, result_seconds
from bot.message import ShowStatus
from bot.status import estimate_line
from bot.units import size
from heygem.batches.model import Batch, BatchState
from heygem.errors import ErrorCode, HeygemError
from heygem.limits import MB

_REMOVE_CHOICES = 20


async def _start(turn: Turn, _: str) -> Replies:
    return turn.say(turn.words.talk.welcome)


async def _help(turn: Turn, _: str) -> Replies:
    talk = turn.words.talk
    parts = [talk.help, talk.help_groups.get(turn.place.platform, ""), talk.help_admin if turn.admin else ""]
    return turn.say("\n\n".join(filter(None, parts)))


async def _open(turn: Turn, _: str) -> Replies:
    return [ShowStatus((await open_batch(turn)).id)]


async def _status(turn: Turn, _: str) -> Replies:
    batch = await turn.current()
    return [ShowStatus(batch.id)] if batch else turn.say(turn.words.collecting.no_batch)


async def _generate_current(turn: Turn, _: str) -> Replies:
    batch = await turn.current()
    if batch is None or batch.state.terminal:
        raise HeygemError(ErrorCode.VOICE_MISSING)
    return await _generate(turn, batch)


async def _generate(turn: Turn, batch: Batch) -> Replies:
    turn.must_lead(batch)
    words, store = turn.words.collecting, turn.house.store
    if batch.state.terminal:
        return [ShowStatus(batch.id)]
    if batch.state is not BatchState.COLLECTING:
        return [*turn.say(words.already_started), ShowStatus(batch.id)]
    started = await _paid(turn, batch)
    queue = await Queue.before(started, store)
    replies = turn.say(words.started.format(estimate=estimate_line(started, queue, turn.language)))
    if (large := Estimate.of(started, queue).size) > turn.house.settings.web.warn_above_mb * MB:
        replies += turn.say(words.large.format(size=size(large)))
    return [*replies, ShowStatus(batch.id)]


async def _paid(turn: Turn, batch: Batch) -> Batch:
    """Start the batch with its owner's minutes; they come back if it does not start."""
    if not batch.items:
        raise HeygemError(ErrorCode.TEMPLATES_MISSING)
    minutes = sum(result_seconds(batch, item) for item in batch.items) / 60
    await turn.house.allowance.spend(batch.owner, minutes)
    try:
        return await turn.house.store.generate(batch.id)
    except HeygemError:
        await turn.house.allowance.give_back(batch.owner, minutes)
        raise


async def _cancel_current(turn: Turn, _: str) -> Replies:
    batch = await turn.current()
    if batch is None or batch.state.terminal:
        return turn.say(turn.words.collecting.nothing_to_cancel)
    return await _cancel(turn, batch)


async def _cancel(turn: Turn, batch: Batch) -> Replies:
    turn.must_lead(batch)
    words = turn.words.collecting
    if batch.state.terminal:
        return turn.say(words.nothing_to_cancel)
    cancelled = await turn.house.store.cancel(batch.id)
    if batch.state is BatchState.COLLECTING:
        return turn.say(words.discarded)
    if not (finished := len(cancelled.finished)):
        return turn.say(words.cancelled)
    ready = buttons.export(batch.id, turn.words.buttons.export_ready)
    return turn.say(words.cancelled_some.of(finished), ready)


async def _remove_number(turn: Turn, argument: str) -> Replies:
    batch = await turn.house.store.collecting(turn.place)
    if batch is None:
        return turn.say(turn.words.collecting.no_batch)
    if (number := number_in(argument)) is None:
        return turn.say(turn.words.talk.wants_number.format(example="/remove 2"))
    chosen = next((item for item in batch.items if item.number == number), None)
    if chosen is None:
        raise HeygemError(ErrorCode.ITEM_UNKNOWN, number=number)
    return await _remove(turn, batch, chosen.id)


async def _remove(turn: Turn, batch: Batch, item_id: str) -> Replies:
    turn.must_lead(batch)
    item = next((item for item in batch.items if item.id == item_id), None)
    if item is None:
        return [ShowStatus(batch.id)]
    await turn.house.store.remove_item(batch.id, item.id)
    return [*turn.say(turn.words.collecting.removed.format(name=item.template.name)), ShowStatus(batch.id)]


async def _remove_menu(turn: Turn, pressed: Pressed) -> Replies:
    batch = await turn.batch(pressed.argument(0))
    choices = [
        buttons.button(f"{item.number}. {item.template.name}", Verb.REMOVE, batch.id, item.id)
        for item in batch.items[:_REMOVE_CHOICES]
    ]
    return turn.say(turn.words.collecting.remove_which, *choices) if choices else [ShowStatus(batch.id)]


async def _press_generate(turn: Turn, pressed: Pressed) -> Replies:
    return await _generate(turn, await turn.batch(pressed.argument(0)))


async def _press_cancel(turn: Turn, pressed: Pressed) -> Replies:
    return await _cancel(turn, await turn.batch(pressed.argument(0)))


async def _press_remove(turn: Turn, pressed: Pressed) -> Replies:
    return await _remove(turn, await turn.batch(pressed.argument(0)), pressed.argument(1))


async def _press_status(turn: Turn, pressed: Pressed) -> Replies:
    return [ShowStatus((await turn.batch(pressed.argument(0))).id)]


async def _press_new(turn: Turn, _: Pressed) -> Replies:
    return await _open(turn, "")


COMMANDS = {
    "start": _start,
    "help": _help,
    "batch": _open,
    "generate": _generate_current,
    "status": _status,
    "cancel": _cancel_current,
    "remove": _remove_number,
}
BUTTONS = {
    Verb.GENERATE: _press_generate,
    Verb.CANCEL: _press_cancel,
    Verb.REMOVE_MENU: _remove_menu,
    Verb.REMOVE: _press_remove,
    Verb.STATUS: _press_status,
    Verb.NEW: _press_new,
}
