"""What a person sees as one character, and the order in which a person counts."""

import re
import unicodedata
from collections.abc import Callable, Iterator

JOINERS = "\u200c\u200d"  # inside Persian words and emoji families
_ZWJ = JOINERS[1]
_MARKS = frozenset({"Mn", "Mc", "Me"})
_SKINS, _FLAG_LETTERS = range(0x1F3FB, 0x1F400), range(0x1F1E6, 0x1F200)
_KOREAN_VOWELS_AND_ENDS = range(0x1160, 0x1200)
_LONGEST_CLUSTER = 32  # code points; a family of emoji has about ten, and what has more is no character
_NUMBER = re.compile(r"(\d{1,18})")


def clusters(text: str) -> Iterator[str]:
    """The text in pieces that must not be cut: a letter with its accents, a flag, a family."""
    cluster = ""
    for character in text:
        if cluster and (len(cluster) == _LONGEST_CLUSTER or not _goes_on(cluster, character)):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def clipped(text: str, limit: int, size: Callable[[str], int] = len) -> str:
    """The longest beginning of whole characters whose sizes come to `limit` at most."""
    kept, room = [], limit
    for cluster in clusters(text):
        room -= size(cluster)
        if room < 0:
            break
        kept.append(cluster)
    return "".join(kept)


def natural(text: str) -> tuple[str | int, ...]:
    """A sorting key by which "person 2" comes before "person 10"."""
    parts = _NUMBER.split(text)
    return tuple(int(part) if at % 2 else part.casefold() for at, part in enumerate(parts))


def _goes_on(cluster: str, character: str) -> bool:
    if character in JOINERS or unicodedata.category(character) in _MARKS or ord(character) in _SKINS:
        return True
    if ord(character) in _FLAG_LETTERS:
        return ord(cluster[-1]) in _FLAG_LETTERS and len(cluster) == 1
    return cluster[-1] == _ZWJ or ord(character) in _KOREAN_VOWELS_AND_ENDS
