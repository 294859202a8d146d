"""File names that every system can unpack: what a person called a file is display, never a path."""

import re
import unicodedata
from datetime import UTC, datetime

from heygem.base.writing import JOINERS, clipped

_MAX_STEM_BYTES = 150  # with number and suffix well below the 255 bytes of common file systems
_MAX_VOICE_BYTES = 60
_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")
_FORBIDDEN = re.compile(r'[<>:"|?*]')  # on Windows
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co"})  # control, format (bidi overrides among them), surrogate, private


def archive_name(now: datetime | None = None) -> str:
    """`heygem_batch_export_<YYYYMMDD_HHMMSS>.zip`, in UTC unless the caller's `now` says otherwise."""
    return f"heygem_batch_export_{now or datetime.now(UTC):%Y%m%d_%H%M%S}.zip"


def member_stem(number: int, source: str, voice: str = "") -> str:
    """`001_<stem of the source name>`, and `_<stem of the voice>` where one is given.

    The number makes it unique whatever the case, and never a reserved name.
    """
    spoken = f"_{_shorten(clean_stem(voice), _MAX_VOICE_BYTES)}" if voice else ""
    return f"{number:03d}_{clean_stem(source)}{spoken}"


def clean_stem(source: str) -> str:
    """The last part of a hostile file name without its suffix, at most 150 bytes of UTF-8; `video` if nothing is left.

    Letters of every script and emoji survive; path parts, control characters, direction overrides, characters that
    Windows forbids, and dots and spaces at either end do not.
    """
    name = re.split(r"[/\\]", source)[-1]
    name = "".join(" " if char.isspace() else char for char in name)
    name = "".join(char for char in name if char in JOINERS or unicodedata.category(char) not in _DROPPED)
    name = _SUFFIX.sub("", unicodedata.normalize("NFC", name).strip())
    name = _FORBIDDEN.sub("_", re.sub(" +", " ", name))
    return _shorten(name.strip(" ." + JOINERS)) or "video"


def _shorten(name: str, limit: int = _MAX_STEM_BYTES) -> str:
    return clipped(name, limit, _size).strip(" ." + JOINERS)


def _size(text: str) -> int:
    return len(text.encode())
