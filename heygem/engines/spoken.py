"""What a voice says, for engines that listen better with a text, and for subtitles."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256 as hashed
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from heygem.base import extras
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.files import digest, whole
from heygem.base.settings import Settings
from heygem.engines.base import RenderJob, RenderOptions
from heygem.media.audio import Waveform, check_audible, read_waveform
from heygem.media.frame import Frame
from heygem.media.subtitles import Cue, srt
from heygem.speech.checkpoints import find_checkpoint
from heygem.speech.cues import LINE, cues
from heygem.speech.text.characters import Characters, written
from heygem.speech.words import Transcript, Words
from heygem.storage.cache import Arrays

if TYPE_CHECKING:
    from heygem.speech.transcript import Transcriber

Painter = Callable[[Iterable[Frame]], Iterable[Frame]]

_log = logging.getLogger(__name__)

_KIND = "words"
_CHINESE = ("zh", "yue")  # as Whisper names them


@dataclass(frozen=True)
class Spoken:
    """`transcript` is what was typed, else what Whisper heard and when, else None. `words` is empty where nobody knows
    their times. `listened_s` is how long Whisper worked on them just now."""

    transcript: Transcript | None
    words: Words = field(default_factory=Words)
    listened_s: float = 0.0

    def cues(self, options: RenderOptions, duration_s: float, columns: int = LINE) -> list[Cue]:
        """What a reader sees: what Whisper heard in Chinese in one kind of characters, what was typed as it is."""
        found = cues(self.words, duration_s, columns)
        if self.words.language not in _CHINESE:
            return found
        characters: Characters = "traditional" if options.chinese == "traditional" else "simplified"
        return [replace(cue, text=written(cue.text, characters)) for cue in found]

    def track(self, options: RenderOptions, duration_s: float) -> list[Cue]:
        """The video's own subtitles, where they are asked for."""
        return self.cues(options, duration_s) if options.subtitles == "on" else []

    def subtitles_missing(self, options: RenderOptions) -> bool:
        """Whether subtitles are asked for and there is nothing to write."""
        return options.subtitles != "off" and not self.words.words

    def painter(self, options: RenderOptions, width: int, height: int) -> Painter:
        """What paints the words on frames of this shape, where that is asked for. Raises FONT_MISSING."""
        if options.subtitles != "burned":
            return lambda frames: frames
        from heygem.media.burned import Burner, columns

        return Burner(self.cues(options, inf, columns(width, height))).burned


def require_words(options: RenderOptions, transcript: str | None, settings: Settings) -> None:
    """To be asked before any work, where the render will run.

    Raises:
        HeygemError: subtitles are asked for and nobody here can know the words: WORDS_UNKNOWN without a transcript,
            EXTRA_MISSING where a transcript can't be timed. WEIGHTS_MISSING if a Whisper is named and not there.
    """
    if options.subtitles == "off":
        return
    if transcript:
        extras.require("subtitles", "mesh", "scipy")  # the aligner comes with the mesh engine
    if not transcript and (options.words == "off" or find_checkpoint(settings) is None):
        raise HeygemError(ErrorCode.WORDS_UNKNOWN, subtitles=options.subtitles)


def listening_s(job: RenderJob, voice_s: float) -> float:
    """About how long Whisper will write down the words of the job's voice; 0 where nobody has to, or nobody knows.

    Raises:
        HeygemError: WEIGHTS_MISSING if a Whisper is named and not there.
    """
    transcriber = _transcriber(job)
    pace = transcriber.checkpoint.pace if transcriber and not job.transcript else None
    if transcriber is None or not pace or job.cache.has(_KIND, _voice(job), transcriber.recipe):
        return 0.0
    return pace * voice_s


def find_spoken(job: RenderJob, voice_sha256: str, report: Callable[[float], None]) -> Spoken:
    """What the job's voice says: as typed, with times where the text fits the sound; else as Whisper hears it.

    Cached. A checkpoint that can't be used costs the subtitles, and the whole render only where they were asked for.

    Raises:
        HeygemError: CANCELLED, what reading the voice raises, and with subtitles WEIGHTS_….
    """
    if job.transcript:
        return Spoken(job.transcript, _typed(job, job.transcript, voice_sha256))
    listened_s = 0.0

    def listen(transcriber: "Transcriber") -> Arrays:
        nonlocal listened_s
        began, waveform = time.monotonic(), _waveform(job)
        words = transcriber.words(waveform, report, job.cancelled)
        listened_s = time.monotonic() - began
        return words.to_arrays()

    try:
        heard = _heard(job, voice_sha256, listen)
    except HeygemError as error:
        if job.options.subtitles != "off" or not error.code.startswith("weights_"):
            raise
        _log.warning("nobody writes down what the voice says: %s", error)
        return Spoken(None)
    return Spoken(heard if heard.text else None, heard, listened_s)


def write_srt(path: Path, subtitles: Sequence[Cue]) -> None:
    """Whole or not at all; nothing where there are none."""
    if subtitles:
        with whole(path) as partial:
            partial.write_text(srt(subtitles), encoding="utf-8")


def _typed(job: RenderJob, text: str, voice_sha256: str) -> Words:
    try:
        from heygem.speech.timing import RECIPE, time_words
    except ImportError:  # the aligner comes with the mesh engine
        return Words()
    recipe = f"{RECIPE}:{hashed(text.encode()).hexdigest()}"
    found, _ = job.cache.get(
        _KIND, voice_sha256, recipe, lambda: time_words(_waveform(job), text).to_arrays(), job.cancelled
    )
    return Words.from_arrays(found)


def _heard(job: RenderJob, voice_sha256: str, listen: "Callable[[Transcriber], Arrays]") -> Words:
    transcriber = _transcriber(job)
    if transcriber is None:
        return Words()
    found, _ = job.cache.get(_KIND, voice_sha256, transcriber.recipe, lambda: listen(transcriber), job.cancelled)
    return Words.from_arrays(found)


def _transcriber(job: RenderJob) -> "Transcriber | None":
    return None if job.options.words == "off" else job.find_transcriber()


def _voice(job: RenderJob) -> str:
    return job.voice_sha256 or digest(job.voice)


def _waveform(job: RenderJob) -> Waveform:
    if job.cancelled():
        raise HeygemError(ErrorCode.CANCELLED)
    waveform = read_waveform(job.voice, job.voice_name)
    check_audible(waveform, job.voice_name)
    return waveform
