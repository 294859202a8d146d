"""What is said and when, whoever found it out."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from heygem.storage.cache import Arrays


@dataclass(frozen=True)
class TimedWord:
    """`text` as it stands in the text, with the blanks and signs around it: the texts in a row are the whole text.
    `chance` is how sure it is that just this was said, 0..1."""

    text: str
    start_s: float
    end_s: float
    chance: float = 1.0


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
            "chances": np.array([word.chance for word in self.words], np.float64),
            "language": np.array(self.language),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        texts: npt.NDArray[Any] = arrays["texts"]
        times, chances = arrays["times"].tolist(), arrays["chances"].tolist()
        columns = zip(texts.tolist(), times, chances, strict=True)
        words = tuple(TimedWord(str(text), start, end, chance) for text, (start, end), chance in columns)
        return cls(words, str(arrays["language"]))


Transcript = str | Words  # what is said; with its times, if they are known
