"""Where a text may be parted: never inside of a word, in scripts that write no blanks either."""

import unicodedata
from collections.abc import Sequence
from itertools import accumulate, pairwise

from heygem.speech.text import chinese
from heygem.speech.text.scripts import script_of

_JOINED = {"THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN"}  # scripts whose words stand side by side, beside the wide ones
_KANA = ("HIRAGANA", "KATAKANA")
_FOLLOWING = "P"  # category of signs that no line begins with
_OPENING = ("Ps", "Pi")


def seams(texts: Sequence[str]) -> list[bool]:
    """For each text but the last, whether it may be parted from the next one."""
    whole = "".join(texts)
    within = _inside_of_words(whole)
    ends = list(accumulate(map(len, texts)))
    return [end not in within and _parts(one, two) for (one, two), end in zip(pairwise(texts), ends, strict=False)]


def wide(sign: str) -> bool:
    """Whether it takes the room of two letters."""
    return unicodedata.east_asian_width(sign) in "WF"


def _parts(one: str, two: str) -> bool:
    if one[-1:].isspace() or two[:1].isspace():
        return True
    if not one or not two or _clings(two[0]) or unicodedata.category(one[-1]) in _OPENING:
        return False
    return any(wide(sign) or script_of(sign) in _JOINED for sign in (one[-1], two[0]))


def _clings(sign: str) -> bool:
    category = unicodedata.category(sign)
    return category.startswith(_FOLLOWING) and category not in _OPENING


def _inside_of_words(text: str) -> set[int]:
    """Indices of signs that go on with a Chinese word; Japanese words are nobody's here."""
    if any(script_of(sign) in _KANA for sign in text) or not any(script_of(sign) == "CJK" for sign in text):
        return set()
    inside: set[int] = set()
    at = 0
    for word in chinese.words(text):
        inside |= set(range(at + 1, at + len(word)))
        at += len(word)
    return inside
