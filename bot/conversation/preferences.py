"""/settings: language, engine and what an engine may be told; for the batch being collected and for the next ones."""

from collections.abc import Mapping

from pydantic import ValidationError

from bot import buttons
from bot.buttons import Pressed, Verb
from bot.conversation.turn import Replies, Turn
from bot.message import ShowStatus
from bot.replies import Catalogue, catalogue
from heygem.batches.model import Batch
from heygem.batches.people import Preferences
from heygem.engines import AUTO, ENGINES
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
    "subtitles": ("true", "false"),
}
_ON = {"on": "true", "yes": "true", "off": "false", "no": "false", "开": "true", "关": "false"}


async def _settings(turn: Turn, argument: str) -> Replies:
    name, _, value = argument.partition(" ")
    if not name:
        return _list(turn)
    name = name.lower()
    if name not in CHOICES:
        raise HeygemError(ErrorCode.BAD_OPTION, option="/settings", value=name, allowed=_joined(turn.words, CHOICES))
    return await _set(turn, name, value.strip().lower()) if value.strip() else _choose(turn, name)


def _list(turn: Turn) -> Replies:
    words = turn.words
    lines = [f"{words.options.names[name]}: {_shown(words, name, _value(turn, name))}" for name in CHOICES]
    shown = [buttons.button(words.options.names[name], Verb.OPTION, name) for name in CHOICES]
    return turn.say("\n".join([words.options.title, *lines, "", words.options.usage]), *shown)


def _choose(turn: Turn, name: str) -> Replies:
    words = turn.words
    text = words.options.choose.format(option=words.options.names[name], value=_shown(words, name, _value(turn, name)))
    return turn.say(
        text, *(buttons.button(_shown(words, name, value), Verb.SET, name, value) for value in CHOICES[name])
    )


async def _set(turn: Turn, name: str, value: str) -> Replies:
    value = _ON.get(value, value) if name == "subtitles" else value
    chosen = _changed(turn, name, value)
    await turn.house.people.set_preferences(turn.message.person, chosen)
    batch = await turn.house.store.collecting(turn.place)
    here = batch is not None and (batch.owner == turn.message.person or turn.admin)
    words = catalogue(chosen.language or turn.language)
    said = words.options.changed_both if here else words.options.changed
    replies = turn.say(said.format(option=words.options.names[name], value=_shown(words, name, value)))
    if batch is None or not here:
        return replies
    await _apply(turn, batch, name, chosen)
    return [*replies, ShowStatus(batch.id)]


async def _apply(turn: Turn, batch: Batch, name: str, chosen: Preferences) -> None:
    if name == LANGUAGE:
        await turn.house.store.set_options(batch.id, language=chosen.language)
    elif name == ENGINE:
        await turn.house.store.set_options(batch.id, engine=chosen.engine)
    else:
        options = batch.options.model_copy(update={name: getattr(chosen.options, name)})
        await turn.house.store.set_options(batch.id, options=options)


def _changed(turn: Turn, name: str, value: str) -> Preferences:
    """The person's preferences with one of them changed; numbers may be any in their range.

    Raises:
        HeygemError: BAD_OPTION with what is possible.
    """
    bad = HeygemError(
        ErrorCode.BAD_OPTION, option=turn.words.options.names[name], value=value[:40], allowed=_allowed(turn, name)
    )
    if name in (LANGUAGE, ENGINE):
        if value not in CHOICES[name]:
            raise bad
        return turn.preferences.model_copy(update={name: value})
    try:
        options = RenderOptions.model_validate(turn.preferences.options.model_dump() | {name: value})
    except ValidationError:
        raise bad from None
    return turn.preferences.model_copy(update={"options": options})


def _value(turn: Turn, name: str) -> str:
    if name == LANGUAGE:
        return turn.language
    if name == ENGINE:
        return turn.preferences.engine or turn.house.settings.engine
    return str(getattr(turn.preferences.options, name)).lower()


def _shown(words: Catalogue, name: str, value: str) -> str:
    return words.options.values.get(f"{name}.{value}", value)


def _allowed(turn: Turn, name: str) -> str:
    return _joined(turn.words, CHOICES[name])


def _joined(words: Catalogue, names: Mapping[str, object] | tuple[str, ...]) -> str:
    return words.units.comma.join(names)


async def _press_option(turn: Turn, pressed: Pressed) -> Replies:
    name = pressed.argument(0)
    return _choose(turn, name) if name in CHOICES else turn.say(turn.words.talk.unknown_button)


async def _press_set(turn: Turn, pressed: Pressed) -> Replies:
    name = pressed.argument(0)
    return await _set(turn, name, pressed.argument(1)) if name in CHOICES else turn.say(turn.words.talk.unknown_button)


COMMANDS = {"settings": _settings}
BUTTONS = {Verb.OPTION: _press_option, Verb.SET: _press_set}
