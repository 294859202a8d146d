"""Past batches: list them, look into one, link again, delete one or all. And delete everything of a person."""

from bot.dialogue.codec import button, number_in
from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.intents import (
    AskClear,
    AskDelete,
    AskForget,
    ClearHistory,
    DeleteBatch,
    ExplainHistory,
    Export,
    Forget,
    ShowHistory,
    ShowPast,
)
from bot.dialogue.message import AnyButton, Say, ShowStatus
from bot.dialogue.names import shown_name
from bot.dialogue.pictures import pictures
from bot.dialogue.questions import answered, asked
from bot.dialogue.units import ago
from heygem.batches.model import Batch

_SHOWN = 10


async def _explain(context: Context, _: ExplainHistory) -> Replies:
    return context.say(context.words.history.usage)


async def _past(context: Context) -> list[Batch]:
    """The person's batches that started or may still do so, newest first."""
    return [batch for batch in await _all(context) if batch.queued or not batch.state.terminal]


async def _all(context: Context) -> list[Batch]:
    """The latest ones, and at least some that have ended. Where others read along, only those of that place."""
    limit = context.settings.quotas.open_batches + _SHOWN
    batches = await context.store.history(context.said.person, limit)
    return [batch for batch in batches if context.said.private or batch.place == context.place]


async def _list(context: Context, _: ShowHistory) -> Replies:
    words = context.words
    past = await _past(context)
    if not past:
        return context.say(words.history.empty)
    now = await context.store.now()
    lines = [row(context, number, batch, now) for number, batch in enumerate(past[:_SHOWN], start=1)]
    shown: list[AnyButton] = [
        button(f"{words.buttons.show} {number}", ShowPast(batch.id))
        for number, batch in enumerate(past[:_SHOWN], start=1)
    ]
    shown.append(button(words.buttons.clear_all, AskClear()))
    return context.say("\n".join([words.history.title, *lines]), *shown)


def row(context: Context, number: int, batch: Batch, now: float) -> str:
    """A batch in a list; `now` is by Redis' clock."""
    words = context.words
    return words.history.row.format(
        number=number,
        when=_when(context, batch, now),
        videos=words.units.videos.of(len(batch.items)),
        state=_state(context, batch),
    ) + "".join(f"{words.units.separator}{name}" for name in _names(context, batch))


def _state(context: Context, batch: Batch) -> str:
    words = context.words
    done = len(batch.finished)
    state = words.history.states[batch.state].format(done=done)
    if batch.paused:
        state = words.status.paused.format(done=done, total=len(batch.items))
    return words.status.trial.format(title=state) if batch.trial_of else state


def _names(context: Context, batch: Batch) -> list[str]:
    """By what a person knows a batch: its first template, and its voice."""
    words = context.words.history
    first = batch.items[0].template.name if batch.items else ""
    others = len(batch.items) - 1
    names = [words.first_of.of(others, name=first) if others > 0 else first] if first else []
    return [*names, *([words.voice.format(name=batch.voice.name)] if batch.voice else [])]


async def _show(context: Context, intent: ShowPast) -> Replies:
    found = await _found(context, intent.which)
    return await _details(context, *found) if found else _no_such(context, intent.which)


def _no_such(context: Context, which: str) -> Replies:
    return context.say(context.words.history.no_such.format(number=shown_name(which)))


async def _found(context: Context, which: str) -> tuple[int, Batch] | None:
    """A batch and its number in the history."""
    past = await _past(context)
    if (number := number_in(which)) is not None:
        return (number, past[number - 1]) if 1 <= number <= len(past) else None
    batch = await context.batch(which)
    return next((number for number, each in enumerate(past, start=1) if each.id == batch.id), 1), batch


async def _details(context: Context, number: int, batch: Batch) -> Replies:
    """A batch that still goes on shows its status; a past one what it holds, and what can be done with it."""
    if not batch.state.terminal:
        return [ShowStatus(batch.id)]
    words = context.words
    names = [picture.line for picture in pictures(batch)[:_SHOWN]]
    hidden = len(batch.items) - len(names)
    more = [words.status.more.of(hidden)] if hidden else []
    shown: list[AnyButton] = [button(words.buttons.new_link, Export(batch.id))] if batch.finished else []
    shown.append(button(words.buttons.delete, AskDelete(batch.id)))
    text = "\n\n".join(
        block for block in (row(context, number, batch, await context.store.now()), "\n".join([*names, *more])) if block
    )
    return [Say(text, tuple(shown), pictures(batch))]


async def _ask_delete(context: Context, intent: AskDelete) -> Replies:
    words, found = context.words, await _found(context, intent.which)
    if found is None:
        return _no_such(context, intent.which)
    _, batch = found
    context.must_lead(batch)
    question = words.history.delete_sure.format(batch=await _summary(context, batch))
    return asked(context, question, words.buttons.delete, DeleteBatch(batch.id))


def _when(context: Context, batch: Batch, now: float) -> str:
    return ago(max(0.0, now - batch.created), context.language)


async def _summary(context: Context, batch: Batch) -> str:
    units = context.words.units
    return units.separator.join((units.videos.of(len(batch.items)), _when(context, batch, await context.store.now())))


async def _delete(context: Context, intent: DeleteBatch) -> Replies:
    batch = await context.batch(intent.batch)
    context.must_lead(batch)
    await _delete_batch(context, batch)
    return answered(context.words.history.deleted)


async def _delete_batch(context: Context, batch: Batch) -> None:
    if not batch.state.terminal:
        await context.store.cancel(batch.id)
    await context.store.delete(batch.id)


async def _ask_clear(context: Context, _: AskClear) -> Replies:
    return asked(context, context.words.history.clear_sure, context.words.buttons.clear_yes, ClearHistory())


async def _clear(context: Context, _: ClearHistory) -> Replies:
    """Delete what has ended; what still goes on stays. The list is read again until nothing is left."""
    deleted = 0
    while past := [batch for batch in await _all(context) if batch.state.terminal]:
        for batch in past:
            await context.store.delete(batch.id)
            deleted += batch.queued > 0
    return answered(context.words.history.cleared.of(deleted))


async def _ask_forget(context: Context, _: AskForget) -> Replies:
    return asked(context, context.words.privacy.sure, context.words.buttons.forget_yes, Forget())


async def _forget(context: Context, _: Forget) -> Replies:
    services, person = context.services, context.said.person
    doors = (services.uploads, services.api_keys, services.sign_ins, services.browsers)
    for held in (*doors, services.people, services.store):
        await held.forget(person)
    return answered(context.words.privacy.forgotten)


HANDLERS: Handlers = {
    ShowHistory: _list,
    ExplainHistory: _explain,
    ShowPast: _show,
    AskDelete: _ask_delete,
    DeleteBatch: _delete,
    AskClear: _ask_clear,
    ClearHistory: _clear,
    AskForget: _ask_forget,
    Forget: _forget,
}
