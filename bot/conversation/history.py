"""/history: past batches, link again, delete one, delete all. /forget: delete everything of mine."""

import time

from bot import buttons
from bot.buttons import Pressed, Verb
from bot.conversation.turn import Replies, Turn, number_in
from bot.message import AnyButton, ShowStatus
from bot.units import ago
from heygem.batches.model import Batch

_SHOWN = 10


async def _history(turn: Turn, argument: str) -> Replies:
    match argument.lower().split():
        case []:
            return await _list(turn)
        case ["clear"]:
            return _clear_sure(turn)
        case [number] if number_in(number):
            return await _show(turn, int(number))
        case ["delete", number] if number_in(number):
            return await _delete_number(turn, int(number))
        case _:
            return turn.say(turn.words.history.usage)


async def _past(turn: Turn) -> list[Batch]:
    """The person's batches that started or may still do so, newest first."""
    return [batch for batch in await _all(turn) if batch.queued or not batch.state.terminal]


async def _all(turn: Turn) -> list[Batch]:
    """The latest ones, and at least some that have ended. Where others read along, only those of that place."""
    limit = turn.house.settings.quotas.open_batches + _SHOWN
    batches = await turn.house.store.history(turn.message.person, limit)
    return [batch for batch in batches if turn.message.private or batch.place == turn.place]


async def _list(turn: Turn) -> Replies:
    words = turn.words
    past = await _past(turn)
    if not past:
        return turn.say(words.history.empty)
    lines = [_row(turn, number, batch) for number, batch in enumerate(past[:_SHOWN], start=1)]
    shown: list[AnyButton] = [
        buttons.button(f"{words.buttons.show} {number}", Verb.HISTORY_SHOW, batch.id)
        for number, batch in enumerate(past[:_SHOWN], start=1)
    ]
    shown.append(buttons.button(words.buttons.clear_all, Verb.CLEAR))
    return turn.say("\n".join([words.history.title, *lines]), *shown)


def _row(turn: Turn, number: int, batch: Batch) -> str:
    words = turn.words
    return words.history.row.format(
        number=number,
        when=ago(max(0.0, time.time() - batch.created), turn.language),
        videos=words.units.videos.of(len(batch.items)),
        state=words.history.states[batch.state].format(done=len(batch.finished)),
    )


async def _show(turn: Turn, number: int) -> Replies:
    past = await _past(turn)
    if not 1 <= number <= len(past):
        return turn.say(turn.words.history.usage)
    return _details(turn, number, past[number - 1])


async def _press_show(turn: Turn, pressed: Pressed) -> Replies:
    batch = await turn.batch(pressed.argument(0))
    numbers = {past.id: number for number, past in enumerate(await _past(turn), start=1)}
    return _details(turn, numbers.get(batch.id, 1), batch)


def _details(turn: Turn, number: int, batch: Batch) -> Replies:
    """A batch that still goes on shows its status; a past one what it holds, and what can be done with it."""
    if not batch.state.terminal:
        return [ShowStatus(batch.id)]
    words = turn.words
    names = [f"{item.number}. {item.template.name}" for item in batch.items[:_SHOWN]]
    hidden = len(batch.items) - len(names)
    more = [words.status.more.of(hidden)] if hidden else []
    shown = [buttons.export(batch.id, words.buttons.new_link)] if batch.finished else []
    shown.append(buttons.button(words.buttons.delete, Verb.DELETE, batch.id))
    return turn.say("\n".join([_row(turn, number, batch), *names, *more]), *shown)


async def _delete_number(turn: Turn, number: int) -> Replies:
    past = await _past(turn)
    if not 1 <= number <= len(past):
        return turn.say(turn.words.history.usage)
    return _delete_sure(turn, past[number - 1])


async def _press_delete(turn: Turn, pressed: Pressed) -> Replies:
    return _delete_sure(turn, await turn.batch(pressed.argument(0)))


def _delete_sure(turn: Turn, batch: Batch) -> Replies:
    turn.must_lead(batch)
    words = turn.words
    return turn.say(
        words.history.delete_sure.format(batch=_summary(turn, batch)),
        buttons.button(words.buttons.delete, Verb.DELETE_SURE, batch.id),
        buttons.button(words.buttons.keep, Verb.KEEP),
    )


def _summary(turn: Turn, batch: Batch) -> str:
    when = ago(max(0.0, time.time() - batch.created), turn.language)
    return turn.words.units.separator.join((turn.words.units.videos.of(len(batch.items)), when))


async def _delete(turn: Turn, pressed: Pressed) -> Replies:
    batch = await turn.batch(pressed.argument(0))
    turn.must_lead(batch)
    await _delete_batch(turn, batch)
    return turn.say(turn.words.history.deleted)


async def _delete_batch(turn: Turn, batch: Batch) -> None:
    if not batch.state.terminal:
        await turn.house.store.cancel(batch.id)
    await turn.house.store.delete(batch.id)


async def _press_clear(turn: Turn, _: Pressed) -> Replies:
    return _clear_sure(turn)


def _clear_sure(turn: Turn) -> Replies:
    words = turn.words
    return turn.say(
        words.history.clear_sure,
        buttons.button(words.buttons.clear_yes, Verb.CLEAR_SURE),
        buttons.button(words.buttons.keep, Verb.KEEP),
    )


async def _clear(turn: Turn, _: Pressed) -> Replies:
    """Delete what has ended; what still goes on stays. The list is read again until nothing is left."""
    deleted = 0
    while past := [batch for batch in await _all(turn) if batch.state.terminal]:
        for batch in past:
            await turn.house.store.delete(batch.id)
            deleted += batch.queued > 0
    return turn.say(turn.words.history.cleared.of(deleted))


async def _keep(turn: Turn, _: Pressed) -> Replies:
    return turn.say(turn.words.talk.kept)


async def _forget(turn: Turn, _: str) -> Replies:
    words = turn.words
    return turn.say(
        words.privacy.sure,
        buttons.button(words.buttons.forget_yes, Verb.FORGET_SURE),
        buttons.button(words.buttons.keep, Verb.KEEP),
    )


async def _forget_sure(turn: Turn, _: Pressed) -> Replies:
    await turn.house.store.forget(turn.message.person)
    await turn.house.people.forget(turn.message.person)
    return turn.say(turn.words.privacy.forgotten)


COMMANDS = {"history": _history, "forget": _forget}
BUTTONS = {
    Verb.HISTORY_SHOW: _press_show,
    Verb.DELETE: _press_delete,
    Verb.DELETE_SURE: _delete,
    Verb.CLEAR: _press_clear,
    Verb.CLEAR_SURE: _clear,
    Verb.KEEP: _keep,
    Verb.FORGET_SURE: _forget_sure,
}
