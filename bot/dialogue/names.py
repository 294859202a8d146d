"""Names that strangers chose, made fit to be shown in one line. They never become paths."""

import re
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

from heygem.base.writing import JOINERS, clipped

_LONGEST = 60
_LONGEST_PERSON = 40
_LOOSE = re.compile(rf"(?<![^ {JOINERS}])[{JOINERS}]+|[{JOINERS}]+(?=[ {JOINERS}]|$)")  # joiners that join nothing


def shown_name(name: str) -> str:
    """The last part of a file name without control, invisible and direction-changing characters."""
    return _shortened(_visible(PureWindowsPath(PurePosixPath(name).name).name))


def given_name(text: str) -> str:
    """A name that was written down as one: all of it counts, and no part of it is a folder's."""
    return _shortened(_visible(re.sub(r"[/\\]", "-", text)))


def _shortened(short: str) -> str:
    if len(short) <= _LONGEST:
        return short
    stem, dot, suffix = short.rpartition(".")
    tail = f"….{suffix}" if dot and len(suffix) <= 8 else "…"
    return clipped(stem if len(tail) > 1 else short, _LONGEST - len(tail)) + tail


def person_name(name: str) -> str:
    """What somebody calls themselves, without what could pass for words of ours."""
    return clipped(_visible(re.sub(r"[“”\"]", "", name)), _LONGEST_PERSON).strip()


def _visible(text: str) -> str:
    visible = "".join(character if _shown(character) else " " for character in text)
    return _LOOSE.sub("", re.sub(r" +", " ", visible)).strip()


def _shown(character: str) -> bool:
    return character in JOINERS or not unicodedata.category(character).startswith(("C", "Z"))
