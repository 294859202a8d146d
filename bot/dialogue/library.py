"""Saved templates: videos saved under a name and used again, one by one or as a set.

A set is several templates whose names share the part before a slash ("teachers/1", "teachers/2"); people name the set.
"""

import asyncio
import hashlib
from collections.abc import Mapping

from bot.dialogue.codec import button
from bot.dialogue.collecting import collecting, next_batch_note, open_here
from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.intents import (
    AskDeleteTemplate,
    DeleteTemplate,
    ExplainTemplates,
    ListTemplates,
    RenameTemplate,
    SaveTemplate,
    UseTemplate,
)
from bot.dialogue.message import AnyButton, Picture, Say, ShowStatus
from bot.dialogue.questions import answered, asked
from bot.dialogue.text import Catalogue
from bot.dialogue.units import clock
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.files import link
from heygem.base.writing import natural
from heygem.batches.model import Batch, MediaFile

LONGEST_NAME = 40
_MOST = 200
_SHOWN_BUTTONS = 20


async def _explain(context: Context, _: ExplainTemplates) -> Replies:
    return context.say(context.words.templates.usage)


async def _list(context: Context, _: ListTemplates) -> Replies:
    words = context.words.templates
    sets = sets_of(await context.people.templates(context.said.person))
    if not sets:
        return context.say(words.empty)
    lines = [_row(context, number, name, files) for number, (name, files) in enumerate(sets.items(), start=1)]
    shown: list[AnyButton] = [button(name, UseTemplate(short(name))) for name in list(sets)[:_SHOWN_BUTTONS]]
    pictures = tuple(Picture(line, files[0]) for line, files in zip(lines, sets.values(), strict=True))
    return [Say("\n".join([words.title, *lines]) + f"\n\n{words.usage}", tuple(shown), pictures[:_SHOWN_BUTTONS])]


def _row(context: Context, number: int, name: str, files: list[MediaFile]) -> str:
    kind = kind_of(files, context.words)
    return context.words.templates.row.format(number=number, name=name, kind=kind)


def kind_of(files: list[MediaFile], words: Catalogue) -> str:
    """What stands under a name: how many of a set, how long a video is."""
    if len(files) > 1:
        return words.units.videos.of(len(files))
    return words.units.picture if files[0].info.still else clock(files[0].info.duration_s)


async def _save(context: Context, intent: SaveTemplate) -> Replies:
    name, words, people = intent.name, context.words.templates, context.people
    if not _is_name(name):
        return context.say(words.bad_name.format(limit=LONGEST_NAME))
    files = await _to_save(context)
    if not files:
        return context.say(words.nothing_to_save)
    saved = await people.templates(context.said.person)
    if len(saved) + len(files) > _MOST:
        return context.say(words.too_many.format(limit=_MOST))
    await _drop(context, name, saved)
    names = [name] if len(files) == 1 else [f"{name}/{number}" for number in range(1, len(files) + 1)]
    for each, file in zip(names, files, strict=True):
        await people.save_template(context.said.person, each, await owned(context, context.said.person.owner, file))
    return context.say(words.saved.format(name=name) if len(files) == 1 else words.saved_set.of(len(files), name=name))


def _is_name(text: str) -> bool:
    return 1 <= len(text) <= LONGEST_NAME and "/" not in text and text.isprintable()


async def _to_save(context: Context) -> list[MediaFile]:
    """The template that the message answers, or else all of the current batch."""
    batch = await context.current()
    if batch is None:
        return []
    if context.said.reply_to is not None:
        answered = await context.store.item_of_message(batch.id, context.said.reply_to)
        if answered is not None:
            return [answered.template]
    return [item.template for item in batch.items]


async def _use(context: Context, intent: UseTemplate) -> Replies:
    sets = sets_of(await context.people.templates(context.said.person))
    name = _meant(intent.key, intent.name, sets)
    if (files := sets.get(name)) is None:
        return context.say(context.words.templates.unknown.format(name=name))
    before = await open_here(context)
    note = [] if before else await next_batch_note(context)
    async with collecting(context, before) as batch:
        added = await _add_all(context, batch, files)
    return [*note, *context.say(context.words.templates.used.of(added, name=name)), ShowStatus(batch.id, added=True)]


async def _add_all(context: Context, batch: Batch, files: list[MediaFile]) -> int:
    """How many were added. What is in the batch already is passed over, unless it was the only one."""
    added = 0
    for number, file in enumerate(files):
        mine = await owned(context, batch.owner.owner, file)
        try:
            added += await context.store.add_template(batch.id, mine, f"{context.said.id}:{number}") is not None
        except HeygemError as error:
            if error.code is not ErrorCode.DUPLICATE_TEMPLATE or len(files) == 1:
                raise
    return added


async def owned(context: Context, owner: str, file: MediaFile) -> MediaFile:
    """The same file in another owner's folder: a saved template in a team's batch, or the other way round."""
    source, target = (
        context.storage.file(file.owner, file.sha256),
        context.storage.file(owner, file.sha256),
    )
    if not source.exists():
        raise HeygemError(ErrorCode.FILE_MISSING, name=file.name)
    await asyncio.to_thread(link, source, target)
    return file.model_copy(update={"owner": owner})


async def _rename(context: Context, intent: RenameTemplate) -> Replies:
    words, new = context.words.templates, intent.new
    sets = sets_of(await context.people.templates(context.said.person))
    name = _meant(intent.key, intent.name, sets)
    if name not in sets:
        return context.say(words.unknown.format(name=name))
    if not _is_name(new):
        return context.say(words.bad_name.format(limit=LONGEST_NAME))
    if not await context.people.rename_templates(context.said.person, name, new):
        return context.say(words.taken.format(name=new))
    return context.say(words.renamed.format(name=name, new=new))


async def _ask_delete(context: Context, intent: AskDeleteTemplate) -> Replies:
    words, sets = context.words, sets_of(await context.people.templates(context.said.person))
    name = _meant(intent.key, "", sets)
    question = words.templates.delete_sure.format(name=name, kind=kind_of(sets[name], words))
    return asked(context, question, words.buttons.delete, DeleteTemplate(intent.key))


async def _delete(context: Context, intent: DeleteTemplate) -> Replies:
    words, saved = context.words.templates, await context.people.templates(context.said.person)
    name = _meant(intent.key, intent.name, sets_of(saved))
    if name not in sets_of(saved):
        return context.say(words.unknown.format(name=name))
    await _drop(context, name, saved)
    text = words.deleted.format(name=name)
    return answered(text) if intent.key else context.say(text)


async def _drop(context: Context, name: str, saved: Mapping[str, MediaFile]) -> None:
    for each in saved:
        if _set_of(each) == name:
            await context.people.drop_template(context.said.person, each)


def _meant(key: str, name: str, sets: Mapping[str, list[MediaFile]]) -> str:
    """The name that was typed, or that a button stands for. Raises BUTTON_UNKNOWN."""
    if meant := name or next((each for each in sets if short(each) == key), ""):
        return meant
    raise HeygemError(ErrorCode.BUTTON_UNKNOWN)


def sets_of(saved: Mapping[str, MediaFile]) -> dict[str, list[MediaFile]]:
    """Templates by the name that people use, in the order of their numbers."""
    sets: dict[str, list[MediaFile]] = {}
    for name in sorted(saved, key=natural):
        sets.setdefault(_set_of(name), []).append(saved[name])
    return sets


def _set_of(name: str) -> str:
    return name.partition("/")[0]


def short(name: str) -> str:
    """A name of any length and script within a button's 64 bytes."""
    return hashlib.sha256(name.encode()).hexdigest()[:16]


HANDLERS: Handlers = {
    ListTemplates: _list,
    ExplainTemplates: _explain,
    SaveTemplate: _save,
    UseTemplate: _use,
    RenameTemplate: _rename,
    AskDeleteTemplate: _ask_delete,
    DeleteTemplate: _delete,
}
