"""A text as it is to be aligned: its words, and when each may be heard, where somebody has told."""

import unicodedata
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from heygem.speech.spectrum import ROWS_PER_S, Floats
from heygem.speech.text.pronounce import Word, pronounce
from heygem.speech.words import TimedWord, Transcript, Words

# A told time is where to look, not where it is: Whisper's are off by some tenths of a second.
_SLACK_ROWS = 40
ANYWHEN = (0, 2**31 - 1)


@dataclass(frozen=True)
class Told:
    """`spans` (words, 2): the first and the last row in which each word is expected; `chances` (words,) 0..1: how sure
    it is that it is said."""

    words: list[Word]
    spans: npt.NDArray[np.int64]
    chances: Floats


def told(transcript: Transcript) -> Told:
    """Never fails."""
    if isinstance(transcript, str):
        words = pronounce(transcript)
        return Told(words, np.array([ANYWHEN] * len(words), np.int64).reshape(-1, 2), np.ones(len(words), np.float32))
    words = pronounce(transcript.text)
    heard = list(_heard(transcript, words))
    spans = [(_row(first.start_s) - _SLACK_ROWS, _row(last.end_s) + _SLACK_ROWS) for first, last in heard]
    chances = [min(first.chance, last.chance) for first, last in heard]
    return Told(words, np.array(spans, np.int64).reshape(-1, 2), np.array(chances, np.float32))


def _row(seconds: float) -> int:
    return int(seconds * ROWS_PER_S)


def places(text: str, words: Sequence[str]) -> list[int]:
    """The index in `text` at which each word begins; the words are in its order."""
    found, position = [], 0
    for word in words:
        position = max(position, text.find(word, position))
        found.append(position)
        position += len(word)
    return found


def _heard(heard: Words, words: Sequence[Word]) -> Iterator[tuple[TimedWord, TimedWord]]:
    """The first and the last heard word in which each of `words` is written."""
    texts = [unicodedata.normalize("NFC", word.text) for word in heard.words]
    ends = list(accumulate(map(len, texts)))
    for word, start in zip(words, places("".join(texts), [word.text for word in words]), strict=True):
        first, last = (heard.words[bisect(ends[:-1], index)] for index in (start, start + len(word.text) - 1))
        yield first, last
