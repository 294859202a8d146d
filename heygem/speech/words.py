"""What is said and when, whoever found it out."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from heygem.storage.cache import Arrays


@dataclass(frozen=True)
class TimedWord:
    """`text` as it stands in the text, with the blanks and signs around it: the texts in a row are the whole text."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Words:
    """Words in the order in which they are said; none where nothing is known. `language` is Whisper's code for what it
    heard ("en", "zh"); "" where nobody asked."""

    words: tuple[TimedWord, ...] = ()
    language: str = ""

    @property
    def text(self) -> str:
        return "".join(word.text for word in self.words).strip()

    def to_arrays(self) -> Arrays:
        return {
            "texts": np.array([word.text for word in self.words], dtype=np.str_),
            "times": np.array([(word.start_s, word.end_s) for word in self.words], np.float64).reshape(-1, 2),
            "language": np.array(self.language),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        texts: npt.NDArray[Any] = arrays["texts"]
        times = arrays["times"].tolist()
        words = tuple(TimedWord(str(text), *time) for text, time in zip(texts.tolist(), times, strict=True))
        return cls(words, str(arrays["language"]))


Transcript = str | Words  # what is said; with its times, if they are known
