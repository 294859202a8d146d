"""What a typed, pasted or dropped line means."""

import re
import shlex
from dataclasses import dataclass, field
from glob import glob, has_magic
from pathlib import Path
from urllib.parse import unquote, urlsplit

from heygem.base.writing import natural
from heygem.media.outside import SUFFIXES

_COMMAND = re.compile(r"/[a-z]+(\s|$)")
_REPLY = re.compile(r"@(\d+)\s+(.*)", re.DOTALL)
_FILE_LIKE = re.compile(rf"^(~|\.{{0,2}}/)|\.({'|'.join(SUFFIXES)})$", re.I)


@dataclass(frozen=True)
class Line:
    """`files` in the order given, `missing` what looks like a file and is none, `text` the rest: caption or command.

    `choice` is the number of a button, `reply_to` the number of the template that is answered.
    """

    text: str = ""
    files: tuple[Path, ...] = ()
    missing: tuple[str, ...] = ()
    choice: int | None = None
    reply_to: int | None = None


@dataclass
class _Sorted:
    files: list[Path] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


def read_line(raw: str) -> Line:
    text = raw.strip()
    if text.isdecimal() and not _is_file(Path(text)):
        return Line(choice=int(text[:6]))
    reply = _REPLY.fullmatch(text)
    number, rest = (int(reply[1][:6]), reply[2]) if reply else (None, text)
    if _is_file(Path(rest).expanduser()):  # a name with spaces, neither quoted nor escaped
        return Line(files=(Path(rest).expanduser(),), reply_to=number)
    if _COMMAND.match(rest):
        return Line(text=rest, reply_to=number)
    found = _sort(_words(rest))
    return Line(" ".join(found.words), tuple(found.files), tuple(found.missing), reply_to=number)


def _sort(words: list[str]) -> _Sorted:
    found = _Sorted()
    for word in words:
        if files := _files(word):
            found.files += files
        elif _FILE_LIKE.search(word):
            found.missing.append(word)
        else:
            found.words.append(word)
    return found


def _words(text: str) -> list[str]:
    """Split as a shell does, so that quoted and escaped paths work; a lone apostrophe is just a letter."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _files(word: str) -> list[Path]:
    path = Path(unquote(urlsplit(word).path)) if word.startswith("file://") else Path(word).expanduser()
    if _is_file(path):
        return [path]
    matches = glob(str(path)) if has_magic(word) else []  # noqa: PTH207 (Path.glob takes no absolute pattern)
    return [Path(match) for match in sorted(matches, key=natural) if _is_file(Path(match))]


def _is_file(path: Path) -> bool:
    """Only regular files: a pipe or a device would never end."""
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long, or with a zero byte
        return False
