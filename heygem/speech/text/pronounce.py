"""A transcript as the words that are heard, each with its phones."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from heygem.speech.text import chinese, english, scripts
from heygem.speech.text.latin import language_of, spell

# One written sign of a Chinese run, a run of digits, or a word of letters with its marks and inner apostrophes.
_TOKEN = re.compile(r"(?P<digits>[\d][\d.,:/%]*)|(?P<word>[^\W\d_]+(?:[\u0300-\u036f\u0900-\u0dff'’][^\W\d_]*)*)")
_LONGEST = 20_000  # characters: half an hour of fast speech


@dataclass(frozen=True)
class Word:
    """`phones` as in heygem/speech/gestures.py; empty where nobody knows how it is said (numbers, unknown scripts)."""

    text: str
    phones: tuple[str, ...]


def pronounce(transcript: str) -> list[Word]:
    """Never fails; signs that are not spoken are left out."""
    text = unicodedata.normalize("NFC", transcript[:_LONGEST])
    tokens = list(_tokens(text))
    kana = any(scripts.script_of(token[0]) in ("HIRAGANA", "KATAKANA") for token in tokens)
    latin = [token.lower() for token in tokens if scripts.script_of(token[0]) == "LATIN"]
    language = language_of(latin)
    return [word for token in tokens for word in _words(token, language, kana)]


def _tokens(text: str) -> Iterator[str]:
    for match in _TOKEN.finditer(text):
        yield from _runs(match.group())


def _runs(token: str) -> Iterator[str]:
    """A token in pieces of one script, so that `我的iPhone` is two."""
    start = 0
    for index in range(1, len(token) + 1):
        if index == len(token) or _differs(token[index - 1], token[index]):
            yield token[start:index]
            start = index


def _differs(before: str, after: str) -> bool:
    joins = not (before.isalpha() and after.isalpha())
    return not joins and scripts.script_of(before) != scripts.script_of(after)


def _words(token: str, language: str, kana: bool) -> list[Word]:
    script = scripts.script_of(token[0])
    if token[0].isdigit():
        return [Word(token, ())]
    if script == "CJK":
        # Among kana the same signs are read as Japanese, which no small table knows.
        return [Word(token, ())] if kana else [Word(sign, phones) for sign, phones in chinese.read(token)]
    if script == "LATIN":
        lower = token.lower().replace("’", "'")
        known = english.read(lower) if language == "en" else None
        return [Word(token, known or spell(lower, language))]
    return [Word(token, scripts.read(token, script))]
