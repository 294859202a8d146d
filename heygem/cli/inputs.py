"""Files named on the command line, to be read."""

import os
from pathlib import Path

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import Limits
from heygem.media.info import MediaInfo
from heygem.media.probe import check_template, check_voice, probe


def voice(path: Path, limits: Limits) -> MediaInfo:
    """What the voice file is, or why it can't be one."""
    return check_voice(probe(existing(path), path.name, limits), path.name, limits)


def template(path: Path, limits: Limits) -> MediaInfo:
    """What the template file is, or why it can't be one."""
    return check_template(probe(existing(path), path.name, limits), path.name, limits)


def existing(path: Path) -> Path:
    if path.is_file():
        return path.resolve()
    # A pipe or a device: what is in it can be read once, and it is read several times.
    code = ErrorCode.NO_ACCESS if path.exists() else ErrorCode.FILE_MISSING
    raise HeygemError(code, name=path.name or str(path))


def name(path: Path) -> str:
    """What the file is called, fit to be written down: not every name on a disk is text."""
    return os.fsencode(path.name).decode(errors="replace")


def text(path: Path) -> str:
    try:
        return existing(path).read_text(encoding="utf-8-sig").strip()
    except UnicodeDecodeError:
        raise HeygemError(ErrorCode.NOT_TEXT, name=path.name) from None
