"""Names that strangers chose, made fit to be shown in one line. They never become paths."""

import re
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

_LONGEST = 60
_LONGEST_PERSON = 40


def shown_name(name: str) -> str:
    """The last part of a file name without control, invisible and direction-changing characters."""
    short = _visible(PureWindowsPath(PurePosixPath(name).name).name)
    if len(short) <= _LONGEST:
        return short
    stem, dot, suffix = short.rpartition(".")
    tail = f"….{suffix}" if dot and len(suffix) <= 8 else "…"
    return (stem if len(tail) > 1 else short)[: _LONGEST - len(tail)] + tail


def person_name(name: str) -> str:
    """What somebody calls themselves, without what could pass for words of ours."""
    return _visible(re.sub(r"[“”\"]", "", name))[:_LONGEST_PERSON].strip()


def _visible(text: str) -> str:
    shown = (" " if unicodedata.category(character).startswith(("C", "Z")) else character for character in text)
    return re.sub(r" +", " ", "".join(shown)).strip()
