"""A file arrives: what it is, where it goes.

| what probing finds                | goes to                                                        |
|---|---|
| sound without a picture           | the batch's voice; as reply to a template, that template's own |
| video captioned "voice" or "声音"  | its sound is used like a voice                                 |
| video as reply to a template      | its sound becomes that template's own voice                    |
| any other video, still picture    | a template                                                     |

The caption of a batch's voice is taken as the words spoken in it if it can be: as many as a person speaks in that time.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot import buttons
from bot.buttons import Pressed, Verb
from bot.conversation import own_voice
from bot.conversation.collecting import collecting, next_batch_note, open_here
from bot.conversation.names import shown_name
from bot.conversation.turn import Replies, Turn
from bot.conversation.uploads import offer_page
from bot.message import Attachment, BeyondFetchLimitError, ShowStatus
from heygem.batches.model import Batch, Item, MediaFile
from heygem.errors import ErrorCode, HeygemError
from heygem.limits import MB
from heygem.media.info import MediaInfo
from heygem.media.probe import check_template, check_voice, probe
from heygem.storage import disk_full, is_disk_full

_SOUND_FORMATS = frozenset({"wav", "mp3", "aac", "flac"})  # a picture in these is a cover
_VOICE_WORDS = frozenset({"voice", "audio", "声音", "配音", "语音"})
_SYLLABLES_PER_SECOND = (1.2, 10.0)  # very slow … very fast speech
_TRANSCRIPT_LIMIT = 20_000


async def receive(turn: Turn, attachment: Attachment) -> Replies:
    """Fetch, probe and check a file, then add it to the batch; a bad one leaves everything as it was."""
    before = await open_here(turn)
    if before is None and not turn.message.direct:
        return []  # a file in a group that was not meant for us
    if await turn.house.store.batch_of_message(turn.place, turn.message.id):
        return []  # the same update again
    limit = turn.house.settings.limits.file_mb * MB
    name = shown_name(attachment.name)
    if attachment.size is not None and attachment.size > limit:
        raise _too_large(name, attachment.size, limit)
    if attachment.fetch_limit is not None and (attachment.size or 0) > attachment.fetch_limit:
        return await offer_page(turn, attachment)
    turn.house.storage.require_space(attachment.size or 0)
    owner = before.owner if before else turn.message.person
    await turn.house.allowance.require_room(owner, attachment.size or 0)
    with turn.house.storage.arriving() as path:
        try:
            await _fetch(attachment, path, limit)
        except BeyondFetchLimitError:
            return await offer_page(turn, attachment)
        if path.stat().st_size > limit:
            raise _too_large(name, path.stat().st_size, limit)
        await turn.house.allowance.require_room(owner, path.stat().st_size)
        async with turn.house.probes:
            info = await asyncio.to_thread(probe, path, name, turn.house.settings.limits)
        return await _add(turn, path, name, info)


async def _fetch(attachment: Attachment, path: Path, limit: int) -> None:
    try:
        await attachment.fetch(path, limit)
    except OSError as error:
        if is_disk_full(error):
            raise disk_full(attachment.size or MB, 0) from error
        raise


async def _add(turn: Turn, path: Path, name: str, info: MediaInfo) -> Replies:
    before = await open_here(turn)
    answered = await _answered_item(turn, before)
    voice = is_voice(info, turn.message.text, to_template=answered is not None)
    if voice and answered is None:
        answered = await own_voice.awaited_item(turn, before)
    name = name or _unnamed(turn, voice=voice)
    check = check_voice if voice else check_template
    info = check(info, name, turn.house.settings.limits)
    note = await next_batch_note(turn) if before is None else []
    async with collecting(turn) as batch, _kept(turn, batch, path, name, info) as file:
        replies = await _assign(turn, batch, file, answered, voice=voice)
    return [] if replies is None else [*note, *replies, ShowStatus(batch.id)]


async def _assign(turn: Turn, batch: Batch, file: MediaFile, answered: Item | None, *, voice: bool) -> Replies | None:
    """Put the file where it belongs; None for a message that was taken before."""
    store, message = turn.house.store, turn.message
    if not voice:
        return [] if await store.add_template(batch.id, file, message.id) else None
    if answered is None:
        return await _speak(turn, batch, file) if await store.set_voice(batch.id, file, message.id) else None
    if not await store.set_item_voice(batch.id, answered.id, file, message.id):
        return None
    await own_voice.heard(turn, batch)
    said = turn.words.collecting.item_voice
    return turn.say(said.format(number=answered.number, template=answered.template.name, voice=file.name))


async def _speak(turn: Turn, batch: Batch, file: MediaFile) -> Replies:
    """What a new voice of the batch changes: the words spoken, and the voice before."""
    words = turn.words.collecting
    caption = turn.message.text.strip()
    transcript = caption if is_transcript(caption, file.info.duration_s) else ""
    if transcript or batch.transcript:
        await turn.house.store.set_options(batch.id, transcript=transcript)
    replies = turn.say(words.voice_replaced) if batch.voice is not None else []
    if transcript:
        no = buttons.button(turn.words.buttons.not_transcript, Verb.NO_TRANSCRIPT, batch.id)
        replies += turn.say(words.transcript_taken, no)
    return replies


def is_voice(info: MediaInfo, caption: str, *, to_template: bool) -> bool:
    """Whether a file is meant for its sound (see the table above)."""
    if info.still:
        return False
    if info.format in _SOUND_FORMATS or (info.video is None and info.unreadable_video is None):
        return True
    return to_template or says_voice(caption)


def says_voice(caption: str) -> bool:
    return caption.strip().strip(".!。！").lower() in _VOICE_WORDS


def is_transcript(caption: str, seconds: float) -> bool:
    """Whether a caption can be what is spoken: "here is my voice" under half a minute of speech is not."""
    if not caption or len(caption) > _TRANSCRIPT_LIMIT or caption.lower() in _VOICE_WORDS:
        return False
    slowest, fastest = _SYLLABLES_PER_SECOND
    return slowest * seconds <= _syllables(caption) <= fastest * seconds


def _syllables(text: str) -> float:
    """Roughly: a Chinese, Japanese or Korean character is one, elsewhere three letters are."""
    dense = len(re.findall(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", text))
    return dense + (sum(character.isalnum() for character in text) - dense) / 3


async def _answered_item(turn: Turn, batch: Batch | None) -> Item | None:
    if batch is not None and turn.message.item:
        return next((item for item in batch.items if item.id == turn.message.item), None)
    if batch is None or turn.message.reply_to is None:
        return None
    return await turn.house.store.item_of_message(batch.id, turn.message.reply_to)


@asynccontextmanager
async def _kept(turn: Turn, batch: Batch, path: Path, name: str, info: MediaInfo) -> AsyncIterator[MediaFile]:
    """The file in its owner's folder; it goes again if nothing came to use it."""
    owner = batch.owner.owner
    sha256 = await asyncio.to_thread(turn.house.storage.keep, owner, path)
    file = MediaFile(owner=owner, sha256=sha256, name=name, info=info)
    try:
        yield file
    finally:
        await turn.house.store.remove_unused(file)


def _unnamed(turn: Turn, *, voice: bool) -> str:
    units = turn.words.units
    return units.unnamed_voice if voice else units.unnamed_template


def _too_large(name: str, actual: int, limit: int) -> HeygemError:
    return HeygemError(ErrorCode.TOO_LARGE, name=name, actual_mb=-(-actual // MB), limit_mb=limit // MB)


async def _drop_transcript(turn: Turn, pressed: Pressed) -> Replies:
    batch = await turn.batch(pressed.argument(0))
    await turn.house.store.set_options(batch.id, transcript="")
    return turn.say(turn.words.collecting.transcript_dropped)


BUTTONS = {Verb.NO_TRANSCRIPT: _drop_transcript}
