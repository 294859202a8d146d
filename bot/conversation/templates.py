"""/templates: videos saved under a name and used again, one by one or as a set.

A set is several templates whose names share the part before a slash ("teachers/1", "teachers/2"); people name the set.
"""

import asyncio
import hashlib
from collections.abc import Mapping

from bot import buttons
from bot.buttons import Pressed, Verb
from bot.conversation.collecting import collecting, next_batch_note
from bot.conversation.turn import Replies, Turn
from bot.message import AnyButton, Picture, Say, ShowStatus
from bot.units import clock
from heygem.base.files import link
from heygem.batches.model import Batch, MediaFile
from heygem.errors import ErrorCode, HeygemError

_LONGEST_NAME = 40
_MOST = 200
_SHOWN_BUTTONS = 20


async def _templates(turn: Turn, argument: str) -> Replies:
    verb, _, name = argument.partition(" ")
    match verb.lower(), name.strip():
        case "", _:
            return await _list(turn)
        case "save", name:
            return await _save(turn, name)
        case "use", name:
            return await _use(turn, name)
        case "delete", name:
            return await _delete(turn, name)
        case _:
            return turn.say(turn.words.templates.usage)


async def _list(turn: Turn) -> Replies:
    words = turn.words.templates
    sets = _sets(await turn.house.people.templates(turn.message.person))
    if not sets:
        return turn.say(words.empty)
    lines = [_row(turn, number, name, files) for number, (name, files) in enumerate(sets.items(), start=1)]
    shown: list[AnyButton] = [
        buttons.button(name, Verb.TEMPLATE_USE, _short(name)) for name in list(sets)[:_SHOWN_BUTTONS]
    ]
    pictures = tuple(Picture(line, files[0]) for line, files in zip(lines, sets.values(), strict=True))
    return [Say("\n".join([words.title, *lines]) + f"\n\n{words.usage}", tuple(shown), pictures[:_SHOWN_BUTTONS])]


def _row(turn: Turn, number: int, name: str, files: list[MediaFile]) -> str:
    words, info = turn.words, files[0].info
    if len(files) > 1:
        kind = words.units.videos.of(len(files))
    else:
        kind = words.units.picture if info.still else clock(info.duration_s)
    return words.templates.row.format(number=number, name=name, kind=kind)


async def _save(turn: Turn, name: str) -> Replies:
    words, people = turn.words.templates, turn.house.people
    if not 1 <= len(name) <= _LONGEST_NAME or "/" in name or not name.isprintable():
        return turn.say(words.bad_name.format(limit=_LONGEST_NAME))
    files = await _to_save(turn)
    if not files:
        return turn.say(words.nothing_to_save)
    saved = await people.templates(turn.message.person)
    if len(saved) + len(files) > _MOST:
        return turn.say(words.too_many.format(limit=_MOST))
    await _drop(turn, name, saved)
    names = [name] if len(files) == 1 else [f"{name}/{number}" for number in range(1, len(files) + 1)]
    for each, file in zip(names, files, strict=True):
        await people.save_template(turn.message.person, each, await _owned(turn, turn.message.person.owner, file))
    return turn.say(words.saved.format(name=name) if len(files) == 1 else words.saved_set.of(len(files), name=name))


async def _to_save(turn: Turn) -> list[MediaFile]:
    """The template that the message answers, or else all of the current batch."""
    batch = await turn.current()
    if batch is None:
        return []
    if turn.message.reply_to is not None:
        answered = await turn.house.store.item_of_message(batch.id, turn.message.reply_to)
        if answered is not None:
            return [answered.template]
    return [item.template for item in batch.items]


async def _use(turn: Turn, name: str) -> Replies:
    files = _sets(await turn.house.people.templates(turn.message.person)).get(name)
    if files is None:
        return turn.say(turn.words.templates.unknown.format(name=name))
    note = [] if await turn.house.store.collecting(turn.place) else await next_batch_note(turn)
    async with collecting(turn) as batch:
        added = await _add_all(turn, batch, files)
    return [*note, *turn.say(turn.words.templates.used.of(added, name=name)), ShowStatus(batch.id)]


async def _add_all(turn: Turn, batch: Batch, files: list[MediaFile]) -> int:
    """How many were added. What is in the batch already is passed over, unless it was the only one."""
    added = 0
    for number, file in enumerate(files):
        mine = await _owned(turn, batch.owner.owner, file)
        try:
            added += await turn.house.store.add_template(batch.id, mine, f"{turn.message.id}:{number}") is not None
        except HeygemError as error:
            if error.code is not ErrorCode.DUPLICATE_TEMPLATE or len(files) == 1:
                raise
    return added


async def _owned(turn: Turn, owner: str, file: MediaFile) -> MediaFile:
    """The same file in another owner's folder: a saved template in a team's batch, or the other way round."""
    source, target = turn.house.storage.file(file.owner, file.sha256), turn.house.storage.file(owner, file.sha256)
    if not source.exists():
        raise HeygemError(ErrorCode.FILE_MISSING, name=file.name)
    await asyncio.to_thread(link, source, target)
    return file.model_copy(update={"owner": owner})


async def _delete(turn: Turn, name: str) -> Replies:
    words = turn.words.templates
    saved = await turn.house.people.templates(turn.message.person)
    if name not in _sets(saved):
        return turn.say(words.unknown.format(name=name))
    await _drop(turn, name, saved)
    return turn.say(words.deleted.format(name=name))


async def _drop(turn: Turn, name: str, saved: Mapping[str, MediaFile]) -> None:
    for each in saved:
        if _set_of(each) == name:
            await turn.house.people.drop_template(turn.message.person, each)


async def _press_use(turn: Turn, pressed: Pressed) -> Replies:
    sets = _sets(await turn.house.people.templates(turn.message.person))
    name = next((name for name in sets if _short(name) == pressed.argument(0)), None)
    return turn.say(turn.words.talk.unknown_button) if name is None else await _use(turn, name)


def _sets(saved: Mapping[str, MediaFile]) -> dict[str, list[MediaFile]]:
    """Templates by the name that people use, in the order of their numbers."""
    sets: dict[str, list[MediaFile]] = {}
    for name in sorted(saved, key=lambda name: (_set_of(name), len(name), name)):
        sets.setdefault(_set_of(name), []).append(saved[name])
    return sets


def _set_of(name: str) -> str:
    return name.partition("/")[0]


def _short(name: str) -> str:
    """A name of any length and script within a button's 64 bytes."""
    return hashlib.sha256(name.encode()).hexdigest()[:16]


COMMANDS = {"templates": _templates}
BUTTONS = {Verb.TEMPLATE_USE: _press_use}
