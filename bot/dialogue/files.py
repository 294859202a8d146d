"""A file arrives: what it is, where it goes.

| what probing finds                | goes to                                                        |
|---|---|
| sound without a picture           | the batch's voice; as reply to a template, that template's own |
| video captioned "voice" or "声音"  | its sound is used like a voice                                 |
| video as reply to a template      | its sound becomes that template's own voice                    |
| any other video, still picture    | a template                                                     |

What it was said to be for comes first (`AddFile.role`): then it has to be fit for that.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.dialogue.captions import VOICE_WORDS, captioned
from bot.dialogue.collecting import collecting, next_batch_note, open_here
from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.intents import AddFile
from bot.dialogue.message import Attachment, BeyondFetchLimitError, ShowStatus
from bot.dialogue.names import shown_name
from bot.dialogue.ordering import aside
from bot.dialogue.upload_page import offer_page
from heygem.base.disk import disk_full, is_disk_full
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import MB, too_large
from heygem.batches.model import Batch, Item, MediaFile
from heygem.batches.store import VOICE
from heygem.media.info import MediaInfo
from heygem.media.probe import check_template, check_voice, probe

_SOUND_FORMATS = frozenset({"wav", "mp3", "aac", "flac"})  # a picture in these is a cover
_TITLE_WORDS = 6  # of a caption that is a name; a longer one is talk


async def _receive(context: Context, intent: AddFile) -> Replies:
    """Fetch, probe and check a file, then add it to the batch; a bad one leaves everything as it was."""
    attachment = intent.attachment
    before = await open_here(context)
    if not await _is_meant(context, before) or await context.store.batch_of_message(context.place, context.said.id):
        return []  # overheard in a group; or the same update again
    limit = context.settings.limits.file_mb * MB
    name = shown_name(attachment.name)
    if attachment.size is not None and attachment.size > limit:
        raise too_large(name, attachment.size, limit)
    if attachment.fetch_limit is not None and (attachment.size or 0) > attachment.fetch_limit:
        return await offer_page(context, intent)
    context.storage.require_space(attachment.size or 0)
    await _require_room(context, before, attachment.size or 0)
    with context.storage.arriving() as path:
        try:
            async with aside(fetching=True):
                await _fetch(attachment, path, limit)
                info = await looked_into(context, path, name)
        except BeyondFetchLimitError:
            return await offer_page(context, intent)
        before = await open_here(context)  # what came before it has had its effect by now
        if not await _is_meant(context, before):
            return []
        await _require_room(context, before, path.stat().st_size)
        return await _add(context, intent, before, path, name, info)


async def looked_into(context: Context, path: Path, name: str) -> MediaInfo:
    """What a file that came is."""
    limit = context.settings.limits.file_mb * MB
    if path.stat().st_size > limit:
        raise too_large(name, path.stat().st_size, limit)
    async with context.services.probes:
        return await asyncio.to_thread(probe, path, name, context.settings.limits)


async def _require_room(context: Context, batch: Batch | None, size: int) -> None:
    await context.services.allowance.require_room(batch.owner if batch else context.said.person, size)


async def _is_meant(context: Context, before: Batch | None) -> bool:
    """Whether a file is for us. One that was not said to us is where a batch is being collected, and begins the next
    batch in the thread that is the running one's own.
    """
    if before is not None or context.said.direct:
        return True
    latest = await context.store.latest(context.place) if context.place.thread else None
    return latest is not None and latest.status_message == context.place.thread and not latest.state.terminal


async def _fetch(attachment: Attachment, path: Path, limit: int) -> None:
    try:
        await attachment.fetch(path, limit)
    except OSError as error:
        if is_disk_full(error):
            raise disk_full(attachment.size or MB, 0) from error
        raise


async def _add(
    context: Context, intent: AddFile, before: Batch | None, path: Path, name: str, info: MediaInfo
) -> Replies:
    answered = await _answered_item(context, before)
    meant = is_voice(info, intent.caption, to_template=answered is not None)
    voice = intent.role == "voice" if intent.role else meant
    if voice and answered is None:
        answered = await context.services.notes.awaited(context.said, before) if before else None
    if voice and answered is None and before is not None:
        await _must_not_be_astray(context, before)
    name = name or _called(context, intent.caption, info, before, voice=voice)
    check = check_voice if voice else check_template
    info = check(info, name, context.settings.limits)
    note = await next_batch_note(context) if before is None else []
    async with collecting(context, before) as batch, kept(context, batch, path, name, info) as file:
        replies = await _assign(context, intent, batch, file, answered, voice=voice)
    return [] if replies is None else [*note, *replies, ShowStatus(batch.id, added=True)]


async def _assign(
    context: Context, intent: AddFile, batch: Batch, file: MediaFile, answered: Item | None, *, voice: bool
) -> Replies | None:
    """Put the file where it belongs; None for a message that was taken before."""
    store, message = context.store, context.said
    if not voice:
        return [] if await store.add_template(batch.id, file, message.id) else None
    if answered is None:
        taken = await store.set_voice(batch.id, file, message.id)
        return await _speak(context, intent, batch, file) if taken else None
    if not await store.set_item_voice(batch.id, answered.id, file, message.id):
        return None
    await context.services.notes.voice_came(context.said, batch)
    said = context.words.collecting.item_voice
    return context.say(said.format(number=answered.number, template=answered.template.name, voice=file.name))


async def _speak(context: Context, intent: AddFile, batch: Batch, file: MediaFile) -> Replies:
    """What a new voice of the batch changes: the voice before, and the words spoken."""
    replaced = context.say(context.words.collecting.voice_replaced) if batch.voice is not None else []
    stated = intent.role == "voice"
    return replaced + await captioned(context, batch, intent.caption, file.info.duration_s, stated=stated)


def is_voice(info: MediaInfo, caption: str, *, to_template: bool) -> bool:
    """Whether a file is meant for its sound (see the table above)."""
    if info.still:
        return False
    if info.format in _SOUND_FORMATS or (info.video is None and info.unreadable_video is None):
        return True
    return to_template or says_voice(caption)


def says_voice(caption: str) -> bool:
    return caption.strip().strip(".!。！").lower() in VOICE_WORDS


async def _answered_item(context: Context, batch: Batch | None) -> Item | None:
    if batch is not None and context.said.item:
        return next((item for item in batch.items if item.id == context.said.item), None)
    if batch is None or context.said.reply_to is None:
        return None
    return await context.store.item_of_message(batch.id, context.said.reply_to)


@asynccontextmanager
async def kept(context: Context, batch: Batch, path: Path, name: str, info: MediaInfo) -> AsyncIterator[MediaFile]:
    """The file in its owner's folder; it goes again if nothing came to use it."""
    owner = batch.owner.owner
    sha256 = await asyncio.to_thread(context.storage.keep, owner, path)
    file = MediaFile(owner=owner, sha256=sha256, name=name, info=info)
    try:
        yield file
    finally:
        await context.store.remove_unused(file)


async def _must_not_be_astray(context: Context, batch: Batch) -> None:
    """A voice that answers a video which is in the open batch no more was not meant for all of it."""
    if context.said.reply_to is None:
        return
    taken = await context.store.taken(context.place, context.said.reply_to)
    if taken is not None and taken[1] != VOICE and not any(item.id == taken[1] for item in batch.items):
        raise HeygemError(ErrorCode.VOICE_ASTRAY)


def _called(context: Context, caption: str, info: MediaInfo, batch: Batch | None, *, voice: bool) -> str:
    """A name for what came without one: its caption if that can be a name, else what it is and its number."""
    units = context.words_of(batch).units
    if voice:
        return units.unnamed_voice
    if title := title_in(caption):
        return title
    kind = units.picture if info.still else units.unnamed_template
    return f"{kind} {len(batch.items) + 1 if batch else 1}"


def title_in(caption: str) -> str:
    """A caption that can be a name, or ""."""
    title = shown_name(caption.strip().partition("\n")[0].replace("/", " "))
    return title if title == caption.strip() and len(title.split()) <= _TITLE_WORDS else ""


HANDLERS: Handlers = {AddFile: _receive}
