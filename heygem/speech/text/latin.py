"""Words in Latin letters, spelled out by the habits of their language."""
# ruff: noqa: SIM905

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from heygem.speech.text import english
from heygem.speech.text.habits import HABITS, SHARED

# A language is known by its small words.
_SMALL_WORDS = {
    "de": "der die das und ist nicht ein eine ich du wir sie es mit auf für im den dem zu von wie was".split(),
    "es": "el la los las de que y en un una por con no se es lo para mi del al como pero muy".split(),
    "fr": "le la les et est je vous une des pas que qui dans pour ce il elle nous du au ne mon ma".split(),
    "it": "il la lo gli di che e un una per con non è sono mi del della come ma io questo al".split(),
    "pt": "o a os as de que e um uma por com não se é para do da em no na mas como eu".split(),
    "en": "the a of and to is in it you that he was for on are with i they be this have my".split(),
}
_MOSTLY = 0.75  # of the words in the English dictionary: it also holds many names and foreign words
_VOWELS = "aeiouyäöüàâéèêëíìîïóòôõúùûáãœæø"
_LETTERS = r"[^\W\d_]"
_MARKS = {
    "<": f"(?<=[{_VOWELS}])",
    ">": f"(?=[{_VOWELS}])",
    "%": f"(?![{_VOWELS}])",
    "^": f"(?<!{_LETTERS})",
    "$": f"(?!{_LETTERS})",
}


class Rule(NamedTuple):
    pattern: re.Pattern[str]
    phones: tuple[str, ...]


def language_of(words: list[str]) -> str:
    """Of words in lower case: en, de, es, fr, it, pt, or "" for any other."""
    if not words:
        return ""
    counts = {language: sum(word in small for word in words) for language, small in _SMALL_WORDS.items()}
    best = max(counts, key=lambda language: counts[language])
    entries = english.dictionary()
    english_share = sum(word.replace("’", "'") in entries for word in words) / len(words)
    if english_share > _MOSTLY and counts["en"] >= max(counts.values()) - len(words) // 12:
        return "en"
    return best if counts[best] else ("en" if english_share > _MOSTLY else "")


def spell(word: str, language: str) -> tuple[str, ...]:
    """Phones of a word in lower case, from the longest spelling that fits at each letter."""
    phones: list[str] = []
    position = 0
    while position < len(word):
        rule, length = _fitting(word, position, language)
        phones += rule
        position += length
    return tuple(phones)


def _fitting(word: str, position: int, language: str) -> tuple[tuple[str, ...], int]:
    for rule in _rules(language):
        if match := rule.pattern.match(word, position):
            return rule.phones, max(1, match.end() - position)
    plain = unicodedata.normalize("NFD", word[position])[0]
    if plain != word[position]:
        return _fitting(plain, 0, language)[0], 1
    return (), 1


@lru_cache
def _rules(language: str) -> tuple[Rule, ...]:
    own = {**SHARED, **HABITS.get(language, {})}
    spellings = sorted(own, key=lambda spelling: -len(spelling))
    return tuple(Rule(_pattern(spelling), tuple(own[spelling].split())) for spelling in spellings)


def _pattern(spelling: str) -> re.Pattern[str]:
    """`<` a vowel before, `>` after, `%` none after, `(ei)` one of these after, `^` and `$` the word's edges."""
    parts = re.findall(r"\(\w+\)|.", spelling)
    return re.compile("".join(f"(?=[{part[1:-1]}])" if len(part) > 1 else _MARKS.get(part, part) for part in parts))
