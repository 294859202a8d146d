"""/settings: language, engine and what an engine may be told; for the batch being collected and for the next ones.

The same for one batch alone by the button of its status message.
"""

from collections.abc import Mapping

from pydantic import ValidationError

from bot import buttons
from bot.buttons import Pressed, Verb
from bot.conversation.turn import Replies, Turn
from bot.message import ShowStatus
from bot.replies import Catalogue, catalogue
from heygem.batches.model import Batch
from heygem.batches.people import Preferences
from heygem.engines import AUTO, ENGINES, ignores
from heygem.engines.base import RenderOptions
from heygem.errors import ErrorCode, HeygemError
from heygem.sentences import LANGUAGES

LANGUAGE, ENGINE = "language", "engine"
CHOICES: Mapping[str, tuple[str, ...]] = {
    LANGUAGE: LANGUAGES,
    ENGINE: (AUTO, *ENGINES),
    "resolution": ("source", "720p", "1080p"),
    "lip_strength": ("0.6", "0.8", "1.0", "1.2", "1.4"),
    "smoothness": ("0.0", "0.25", "0.5", "0.75", "1.0"),
    "length_mismatch": ("pingpong", "loop", "cut", "hold"),
    "subtitles": ("on", "burned", "off"),
}
_ON = {"yes": "on", "no": "off", "开": "on", "嵌入": "burned", "关": "off"}


async def _settings(turn: Turn, argument: str) -> Replies:
    name, _, value = argument.partition(" ")
    if not name:
        return _list(turn, None)
    name = name.lower()
    if name not in CHOICES:
        raise HeygemError(ErrorCode.BAD_OPTION, option="/settings", value=name, allowed=_joined(turn.words, CHOICES))
    return await _set(turn, name, value.strip().lower()) if value.strip() else _choose(turn, None, name)


def _list(turn: Turn, batch: Batch | None) -> Replies:
    """What holds for the batch, or for the person; `of` binds the buttons to the batch."""
    words, of = turn.words, (batch.id,) if batch else ()
    lines = [f"{words.options.names[name]}: {_now(turn, batch, name)}" for name in CHOICES]
    shown = [buttons.button(words.options.names[name], Verb.OPTION, name, *of) for name in CHOICES]
    if batch is not None:
        return turn.say("\n".join([words.options.title_batch, *lines]), *shown)
    return turn.say("\n".join([words.options.title, *lines, "", words.options.usage]), *shown)


def _choose(turn: Turn, batch: Batch | None, name: str) -> Replies:
    words, of = turn.words, (batch.id,) if batch else ()
    text = words.options.choose.format(option=words.options.names[name], value=_now(turn, batch, name))
    choices = (buttons.button(_shown(words, name, each), Verb.SET, name, each, *of) for each in CHOICES[name])
    return turn.say(text, *choices)


async def _set(turn: Turn, name: str, value: str) -> Replies:
    """For the person from now on, and for the batch that is collected here if it is theirs."""
    chosen = _changed(turn, turn.preferences, name, value)
    await turn.house.people.set_preferences(turn.message.person, chosen)
    batch = await turn.house.store.collecting(turn.place)
    here = batch is not None and (batch.owner == turn.message.person or turn.admin)
    words = catalogue(chosen.language or turn.language)
    sentence = words.options.changed_both if here else words.options.changed
    engine = chosen.engine or turn.house.settings.engine
    replies = _confirmed(turn, words, sentence, name, value, engine)
    if batch is None or not here:
        return replies
    await _apply(turn, batch, name, chosen)
    return [*replies, ShowStatus(batch.id)]


async def _set_batch(turn: Turn, batch: Batch, name: str, value: str) -> Replies:
    turn.must_lead(batch)
    await _apply(turn, batch, name, _changed(turn, _of_batch(batch), name, value))
    replies = _confirmed(turn, turn.words, turn.words.options.changed_batch, name, value, batch.engine)
    return [*replies, ShowStatus(batch.id)]


def _confirmed(turn: Turn, words: Catalogue, sentence: str, name: str, value: str, engine: str) -> Replies:
    told = _told(words, name, _spelled(name, value), engine)
    return turn.say(sentence.format(option=words.options.names[name], value=told))


async def _apply(turn: Turn, batch: Batch, name: str, chosen: Preferences) -> None:
    if name == LANGUAGE:
        await turn.house.store.set_options(batch.id, language=chosen.language)
    elif name == ENGINE:
        await turn.house.store.set_options(batch.id, engine=chosen.engine)
    else:
        options = batch.options.model_copy(update={name: getattr(chosen.options, name)})
        await turn.house.store.set_options(batch.id, options=options)


def _of_batch(batch: Batch) -> Preferences:
    return Preferences(language=batch.language, engine=batch.engine, options=batch.options)


def _changed(turn: Turn, before: Preferences, name: str, value: str) -> Preferences:
    """Preferences with one of them changed; numbers may be any in their range.

    Raises:
        HeygemError: BAD_OPTION with what is possible.
    """
    bad = HeygemError(
        ErrorCode.BAD_OPTION, option=turn.words.options.names[name], value=value[:40], allowed=_allowed(turn, name)
    )
    if name in (LANGUAGE, ENGINE):
        if value not in CHOICES[name]:
            raise bad
        return before.model_copy(update={name: value})
    try:
        options = RenderOptions.model_validate(before.options.model_dump() | {name: _spelled(name, value)})
    except ValidationError:
        raise bad from None
    return before.model_copy(update={"options": options})


def _spelled(name: str, value: str) -> str:
    return _ON.get(value, value) if name == "subtitles" else value


def _value(turn: Turn, batch: Batch | None, name: str) -> str:
    chosen = _of_batch(batch) if batch else turn.preferences
    if name == LANGUAGE:
        return chosen.language if batch and chosen.language else turn.language
    if name == ENGINE:
        return chosen.engine or turn.house.settings.engine
    return str(getattr(chosen.options, name)).lower()


def _now(turn: Turn, batch: Batch | None, name: str) -> str:
    """The value as people are told it, and whether the engine minds it."""
    return _told(turn.words, name, _value(turn, batch, name), _value(turn, batch, ENGINE))


def _told(words: Catalogue, name: str, value: str, engine: str) -> str:
    shown = _shown(words, name, value)
    return words.options.no_effect.format(value=shown, engine=engine) if ignores(engine, name) else shown


def _shown(words: Catalogue, name: str, value: str) -> str:
    return words.options.values.get(f"{name}.{value}", value)


def _allowed(turn: Turn, name: str) -> str:
    return _joined(turn.words, CHOICES[name])


def _joined(words: Catalogue, names: Mapping[str, object] | tuple[str, ...]) -> str:
    return words.units.comma.join(names)


async def _press_options(turn: Turn, pressed: Pressed) -> Replies:
    return _list(turn, await turn.batch(pressed.argument(0)))


async def _press_option(turn: Turn, pressed: Pressed) -> Replies:
    name, of = pressed.argument(0), pressed.argument(1)
    if name not in CHOICES:
        return turn.say(turn.words.talk.unknown_button)
    return _choose(turn, await turn.batch(of) if of else None, name)


async def _press_set(turn: Turn, pressed: Pressed) -> Replies:
    name, value, of = (pressed.argument(index) for index in range(3))
    if name not in CHOICES:
        return turn.say(turn.words.talk.unknown_button)
    return await _set_batch(turn, await turn.batch(of), name, value) if of else await _set(turn, name, value)


COMMANDS = {"settings": _settings}
BUTTONS = {Verb.OPTIONS: _press_options, Verb.OPTION: _press_option, Verb.SET: _press_set}
