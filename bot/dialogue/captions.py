"""The caption of a voice: the words spoken in it, or talk about it.

| the caption                                                                    | and so                          |
|---|---|
| is in quotation marks, and could be spoken in that time                        | it is the words                 |
| is of some length, as long as people usually take, and speaks of no voice or file | it is the words              |
| could be spoken in that time                                                   | the person is asked by a button |
| could not                                                                      | it is talk                      |

Who leads the batch or sent the voice may say otherwise. The caption stays on the record for that.
"""

import re
from enum import Enum

from bot.dialogue.codec import button
from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.intents import DropTranscript, UseTranscript
from bot.dialogue.message import Say
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch

VOICE_WORDS = frozenset({"voice", "audio", "声音", "配音", "语音"})  # a caption that says what the file is for
_POSSIBLE = (1.2, 10.0)  # syllables a second: very slow … very fast speech
_USUAL = (2.5, 7.0)
_ENOUGH = 20  # syllables; what is shorter fits too many recordings by chance
_LONGEST = 20_000  # characters
_QUOTED = re.compile(r"[\"“„«「『](.+)[\"”“»」』]", re.DOTALL)
_ABOUT = re.compile(
    r"\b(voice|audio|record(ing|ed)?|clips?|videos?|templates?|files?|batch|caption|attached|draft|version|please)\b"
    r"|语音|录音|声音|配音|音频|视频|模板|文件|附件|版本|请",
    re.IGNORECASE,
)


class Reading(Enum):
    SPOKEN = "spoken"
    PERHAPS = "perhaps"
    TALK = "talk"


def reading(caption: str, seconds: float) -> Reading:
    """What the caption of a voice of so many seconds is, see the table above."""
    caption = caption.strip()
    if not caption or len(caption) > _LONGEST or caption.lower() in VOICE_WORDS:
        return Reading.TALK
    quoted, syllables = _QUOTED.fullmatch(caption), _syllables(caption)
    if not _within(_POSSIBLE, syllables, seconds):
        return Reading.TALK
    usual = syllables >= _ENOUGH and _within(_USUAL, syllables, seconds) and not _ABOUT.search(caption)
    return Reading.SPOKEN if quoted or usual else Reading.PERHAPS


def words_in(caption: str) -> str:
    """A caption as the words spoken, without quotation marks around all of it."""
    quoted = _QUOTED.fullmatch(caption.strip())
    return quoted[1].strip() if quoted else caption.strip()


async def captioned(context: Context, batch: Batch, caption: str, seconds: float, *, stated: bool) -> Replies:
    """Note what the caption of the batch's voice says. `stated`: that it is the words was said with it."""
    found = reading(caption, seconds)
    if stated and found is Reading.PERHAPS:
        found = Reading.SPOKEN
    kept = "" if found is Reading.TALK else caption.strip()
    transcript = words_in(caption) if found is Reading.SPOKEN else ""
    if kept or batch.caption or batch.transcript:
        by = context.said.person.owner
        await context.store.set_options(batch.id, transcript=transcript, caption=kept, caption_by=by)
    if found is Reading.TALK:
        return []
    words = context.words
    if found is Reading.SPOKEN:
        return context.say(words.collecting.transcript_taken, button(words.buttons.not_transcript, _drop_it(batch)))
    return context.say(words.collecting.transcript_offered, button(words.buttons.use_transcript, _use_it(batch)))


def _syllables(text: str) -> float:
    """Roughly: a Chinese, Japanese or Korean character is one, elsewhere three letters are."""
    dense = len(re.findall(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]", text))
    return dense + (sum(character.isalnum() for character in text) - dense) / 3


def _within(rate: tuple[float, float], syllables: float, seconds: float) -> bool:
    slowest, fastest = rate
    return slowest * seconds <= syllables <= fastest * seconds


def _drop_it(batch: Batch) -> DropTranscript:
    return DropTranscript(batch.id)


def _use_it(batch: Batch) -> UseTranscript:
    return UseTranscript(batch.id)


async def _drop(context: Context, intent: DropTranscript) -> Replies:
    batch = await _decided(context, intent.batch)
    await context.store.set_options(batch.id, transcript="")
    words = context.words
    again = [button(words.buttons.use_transcript, _use_it(batch))] if batch.caption else []
    return [Say(words.collecting.transcript_dropped, tuple(again), again=True)]


async def _use(context: Context, intent: UseTranscript) -> Replies:
    batch = await _decided(context, intent.batch)
    if not batch.caption:  # another voice came since
        raise HeygemError(ErrorCode.BUTTON_UNKNOWN)
    await context.store.set_options(batch.id, transcript=words_in(batch.caption))
    words = context.words
    drop = button(words.buttons.not_transcript, _drop_it(batch))
    return [Say(words.collecting.transcript_used, (drop,), again=True)]


async def _decided(context: Context, batch_id: str) -> Batch:
    """The batch, if the person may decide about its caption. Raises NOT_YOURS."""
    batch = await context.batch(batch_id)
    if batch.caption_by != context.said.person.owner:
        context.must_lead(batch)
    return batch


HANDLERS: Handlers = {DropTranscript: _drop, UseTranscript: _use}
