"""One window through Whisper: its language, and its words with their times. torch is at hand where this is imported."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import whisper
from torch import Tensor
from whisper.audio import N_FRAMES, N_SAMPLES
from whisper.decoding import DecodingOptions, DecodingResult
from whisper.timing import add_word_timestamps
from whisper.tokenizer import Tokenizer, get_tokenizer

from heygem.speech.spectrum import ROWS_PER_S
from heygem.speech.words import TimedWord

# What is repetitive or unlikely is decoded again, drawing lots: twice at most, since each time costs as much, and not
# so wildly that the last one, which counts, is worse than the first.
_TEMPERATURES = (0.0, 0.3, 0.6)
# Whisper's own marks of words that nobody said: going round in circles, unlikely, and where it hears no speech.
_REPETITIVE, _UNLIKELY, _SPEECHLESS = 2.4, -1.0, 0.6

# Written in the way in which the words shall be: without it, Chinese comes unpunctuated and in either script.
_PROMPTS = {"zh": "以下是普通话的句子，有标点符号。"}
_ECHO = 5  # signs of a prompt that nobody says in a row by chance


@dataclass(frozen=True)
class Decoding:
    """A voice (n,) at 16 kHz before a model. Rows are hundredths of a second."""

    model: Any
    waveform: npt.NDArray[np.float32]

    def language(self, first: int, last: int) -> str:
        """Whisper's code for what is spoken in these rows."""
        if not self.model.is_multilingual:
            return "en"
        chances: dict[str, float] = self.model.detect_language(self._window(first, last))[1]
        return max(chances, key=lambda language: chances[language])

    def words(self, first: int, last: int, language: str) -> list[TimedWord]:
        """Of these rows, half a minute at most; none where Whisper doubts that they are any."""
        tokenizer = get_tokenizer(
            self.model.is_multilingual, num_languages=self.model.num_languages, language=language, task="transcribe"
        )
        found = self._decoded(self._window(first, last), language, _prompt(tokenizer, language))
        if not _sound(found):
            return []
        # As one sentence: the times inside of it are found by their words.
        sentence: dict[str, Any] = {
            "seek": first, "start": first / ROWS_PER_S, "end": last / ROWS_PER_S, "tokens": found.tokens
        }  # fmt: skip
        add_word_timestamps(
            segments=[sentence],
            model=self.model,
            tokenizer=tokenizer,
            mel=self._window(first, last),
            num_frames=last - first,
            last_speech_timestamp=first / ROWS_PER_S,
        )
        return [
            TimedWord(str(word["word"]), float(word["start"]), float(word["end"]), float(word["probability"]))
            for word in sentence["words"]
        ]

    def _decoded(self, window: Tensor, language: str, prompt: Sequence[int] | None) -> DecodingResult:
        for temperature in _TEMPERATURES:
            options = DecodingOptions(
                language=language, temperature=temperature, prompt=prompt, fp16=self._in_half, task="transcribe"
            )
            found: DecodingResult = self.model.decode(window, options)
            if _echoes(found.text, language):  # what it can't make out it fills with the prompt
                prompt = None
                continue
            if found.compression_ratio <= _REPETITIVE and (
                found.avg_logprob >= _UNLIKELY or found.no_speech_prob > _SPEECHLESS
            ):
                break
        return found

    def _window(self, first: int, last: int) -> Tensor:
        window: Tensor = whisper.pad_or_trim(self._mel[:, first:last], N_FRAMES).to(self.model.device)
        return window.half() if self._in_half else window

    @cached_property
    def _mel(self) -> Tensor:
        mel: Tensor = whisper.log_mel_spectrogram(self.waveform, self.model.dims.n_mels, padding=N_SAMPLES)
        return mel

    @property
    def _in_half(self) -> bool:
        return bool(self.model.device.type == "cuda")


def _prompt(tokenizer: Tokenizer, language: str) -> list[int] | None:
    prompt = _PROMPTS.get(language)
    return tokenizer.encode(f" {prompt}") if prompt else None


def _echoes(text: str, language: str) -> bool:
    prompt = _PROMPTS.get(language, "")
    return any(prompt[at : at + _ECHO] in text for at in range(len(prompt) - _ECHO + 1))


def _sound(found: DecodingResult) -> bool:
    speechless = found.no_speech_prob > _SPEECHLESS and found.avg_logprob < _UNLIKELY
    return found.compression_ratio <= _REPETITIVE and not speechless
