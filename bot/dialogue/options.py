"""/settings: language, engine and what an engine may be told; for the batch being collected and for the next ones.

The same for one batch alone by the button of its status message.
"""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import ValidationError

from bot.dialogue.codec import button
from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.intents import ChooseOption, Preview, SetOption, ShowOptions
from bot.dialogue.message import Button, Say, ShowStatus, Toast
from bot.dialogue.status import is_ready
from bot.dialogue.text import LANGUAGES, Catalogue
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch, BatchState
from heygem.batches.people import Preferences
from heygem.engines import AUTO, ENGINES, ignores
from heygem.engines.base import RenderOptions

LANGUAGE, ENGINE = "language", "engine"
CHOICES: Mapping[str, tuple[str, ...]] = {
    LANGUAGE: LANGUAGES,
    ENGINE: (AUTO, *ENGINES),
    "resolution": ("source", "720p", "1080p"),
    "lip_strength": ("0.6", "0.8", "1.0", "1.2", "1.4"),
    "smoothness": ("0.0", "0.25", "0.5", "0.75", "1.0"),
    "length_mismatch": ("pingpong", "loop", "cut", "hold"),
    "stills": ("alive", "frozen"),
    "subtitles": ("on", "burned", "off"),
    "words": ("auto", "off"),
    "chinese": ("auto", "simplified", "traditional"),
}
_ON = {"yes": "on", "no": "off", "开": "on", "嵌入": "burned", "关": "off"}


async def _show(context: Context, intent: ShowOptions) -> Replies:
    return _list(context, await context.batch(intent.batch) if intent.batch else None)


async def _choose(context: Context, intent: ChooseOption) -> Replies:
    batch = await context.batch(intent.batch) if intent.batch else None
    if not intent.name:
        return _list(context, batch, again=True)
    _must_be_known(context, intent.name)
    return _choices(context, batch, intent.name)


async def _set(context: Context, intent: SetOption) -> Replies:
    _must_be_known(context, intent.name)
    if intent.batch:
        return await _set_batch(context, await context.batch(intent.batch), intent.name, intent.value)
    return await _set_person(context, intent.name, intent.value)


def _must_be_known(context: Context, name: str) -> None:
    if name not in CHOICES:
        allowed, settings = _joined(context.words, CHOICES), context.said.style.command("settings")
        raise HeygemError(ErrorCode.BAD_OPTION, option=settings, value=name[:40], allowed=allowed)


def _list(context: Context, batch: Batch | None, *, again: bool = False) -> Replies:
    """What holds for the batch, or for the person; `of` binds the buttons to the batch."""
    words, of = context.words, batch.id if batch else ""
    line, names = words.options.line, words.options.names
    lines = [line.format(option=names[name], value=_now(context, batch, name)) for name in CHOICES]
    shown = tuple(button(words.options.names[name], ChooseOption(name, of)) for name in CHOICES)
    shown = (*shown, *_previews(words, batch))
    title, below = (words.options.title_batch, []) if batch else (words.options.title, ["", words.options.usage])
    return [Say("\n".join([title, *lines, *below]), shown, again=again)]


def _previews(words: Catalogue, batch: Batch | None) -> tuple[Button, ...]:
    """How a batch that can be made would be with these options."""
    if batch is None or batch.state is not BatchState.COLLECTING or not is_ready(batch):
        return ()
    return (
        button(words.buttons.preview_picture, Preview(batch.id, "picture")),
        button(words.buttons.preview_3s, Preview(batch.id, "3s")),
    )


def _choices(context: Context, batch: Batch | None, name: str) -> Replies:
    words, of = context.words, batch.id if batch else ""
    text = words.options.choose.format(option=words.options.names[name], value=_now(context, batch, name))
    chosen = _value(context, batch, name)
    labels = {each: ("✓ " if each == chosen else "") + _shown(words, name, each) for each in CHOICES[name]}
    choices = [button(label, SetOption(name, each, of)) for each, label in labels.items()]
    back = button(words.buttons.back, ChooseOption(batch=of))
    return [Say(text, (*choices, back), again=context.said.pressed is not None)]


async def _set_person(context: Context, name: str, value: str) -> Replies:
    """For the person from now on, and for the batch that is collected here if it is theirs."""
    chosen = _changed(context, context.preferences, name, value)
    await context.people.set_preferences(context.said.person, chosen)
    batch = await context.collecting()
    here = batch is not None and (batch.owner == context.said.person or context.admin)
    standing = replace(context.standing, preferences=chosen)
    context = replace(context, language=chosen.language or context.language, standing=standing)
    sentence = context.words.options.changed_both if here else context.words.options.changed
    confirmed = _confirmed(context, sentence, name, value, chosen.engine or context.settings.engine)
    if batch is not None and here:
        await _apply(context, batch, name, chosen)
    if name == LANGUAGE:
        await _speak_it_everywhere(context)
    return _done(context, confirmed, batch if here else None, _list(context, None, again=True))


async def _speak_it_everywhere(context: Context) -> None:
    """What goes on of theirs speaks the person's language from now on, wherever it is."""
    for batch in await context.store.history(context.said.person):
        if not batch.state.terminal and not batch.language_chosen:
            await context.store.set_options(batch.id, language=context.language)


async def _set_batch(context: Context, batch: Batch, name: str, value: str) -> Replies:
    context.must_lead(batch)
    await _apply(context, batch, name, _changed(context, _of_batch(batch), name, value))
    if name == LANGUAGE:
        await context.store.set_options(batch.id, language_chosen=True)
    confirmed = _confirmed(context, context.words.options.changed_batch, name, value, batch.engine)
    return _done(context, confirmed, batch, _list(context, await context.store.get(batch.id), again=True))


def _done(context: Context, confirmed: str, batch: Batch | None, menu: Replies) -> Replies:
    """A menu is shown anew, and the status changes by itself; who typed is shown what became of it."""
    if context.said.pressed is not None:
        return [Toast(confirmed), *menu]
    return [*context.say(confirmed), *([ShowStatus(batch.id, speaker=context.speaker)] if batch else [])]


def _confirmed(context: Context, sentence: str, name: str, value: str, engine: str) -> str:
    told = _told(context.words, name, _spelled(name, value), engine)
    return sentence.format(option=context.words.options.names[name], value=told)


async def _apply(context: Context, batch: Batch, name: str, chosen: Preferences) -> None:
    if name == LANGUAGE:
        await context.store.set_options(batch.id, language=chosen.language)
    elif name == ENGINE:
        await context.store.set_options(batch.id, engine=chosen.engine)
    else:
        options = batch.options.model_copy(update={name: getattr(chosen.options, name)})
        await context.store.set_options(batch.id, options=options)


def _of_batch(batch: Batch) -> Preferences:
    return Preferences(language=batch.language, engine=batch.engine, options=batch.options)


def _changed(context: Context, before: Preferences, name: str, value: str) -> Preferences:
    """Preferences with one of them changed; numbers may be any in their range.

    Raises:
        HeygemError: BAD_OPTION with what is possible.
    """
    bad = HeygemError(
        ErrorCode.BAD_OPTION,
        option=context.words.options.names[name],
        value=value[:40],
        allowed=_allowed(context, name),
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


def _value(context: Context, batch: Batch | None, name: str) -> str:
    chosen = _of_batch(batch) if batch else context.preferences
    if name == LANGUAGE:
        return chosen.language if batch and chosen.language else context.language
    if name == ENGINE:
        return chosen.engine or context.settings.engine
    return str(getattr(chosen.options, name)).lower()


def _now(context: Context, batch: Batch | None, name: str) -> str:
    """The value as people are told it, and whether the engine minds it."""
    return _told(context.words, name, _value(context, batch, name), _value(context, batch, ENGINE))


def _told(words: Catalogue, name: str, value: str, engine: str) -> str:
    shown = _shown(words, name, value)
    return words.options.no_effect.format(value=shown, engine=engine) if ignores(engine, name) else shown


def _shown(words: Catalogue, name: str, value: str) -> str:
    return words.options.values.get(f"{name}.{value}", value)


def _allowed(context: Context, name: str) -> str:
    return _joined(context.words, CHOICES[name])


def _joined(words: Catalogue, names: Mapping[str, object] | tuple[str, ...]) -> str:
    return words.units.comma.join(names)


HANDLERS: Handlers = {ShowOptions: _show, ChooseOption: _choose, SetOption: _set}
