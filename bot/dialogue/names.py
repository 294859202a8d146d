"""Names that strangers chose, made fit to be shown in one line. They never become paths."""

import re
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

_LONGEST = 60


def shown_name(name: str) -> str:
    """The last part of a file name without control, invisible and direction-changing characters."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    visible = "".join(
        " " if unicodedata.category(character).startswith(("C", "Z")) else character for character in last
    )
    short = re.sub(r" +", " ", visible).strip()
    if len(short) <= _LONGEST:
        return short
    stem, dot, suffix = short.rpartition(".")
    tail = f"….{suffix}" if dot and len(suffix) <= 8 else "…"
    return (stem if len(tail) > 1 else short)[: _LONGEST - len(tail)] + tail
