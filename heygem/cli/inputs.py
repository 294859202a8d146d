"""Files named on the command line."""

import tempfile
from pathlib import Path

from heygem.errors import ErrorCode, HeygemError
from heygem.limits import Limits
from heygem.media.info import MediaInfo
from heygem.media.probe import check_template, check_voice, probe
from heygem.storage import is_disk_full


def voice(path: Path, limits: Limits) -> MediaInfo:
    """What the voice file is, or why it can't be one."""
    return check_voice(probe(existing(path), path.name, limits), path.name, limits)


def template(path: Path, limits: Limits) -> MediaInfo:
    """What the template file is, or why it can't be one."""
    return check_template(probe(existing(path), path.name, limits), path.name, limits)


def existing(path: Path) -> Path:
    if not path.is_file():
        raise HeygemError(ErrorCode.FILE_MISSING, name=path.name)
    return path.resolve()


def writable(path: Path) -> Path:
    """`path` as the place of an output, tried before any work: its folder must exist and take files."""
    if not path.parent.is_dir():
        raise HeygemError(ErrorCode.FOLDER_MISSING, name=str(path.parent))
    if path.is_dir():
        raise HeygemError(ErrorCode.NO_ACCESS, name=str(path))
    try:
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        if is_disk_full(error):
            raise
        raise HeygemError(ErrorCode.NO_ACCESS, name=str(path.parent)) from error
    return path.resolve()


def text(path: Path) -> str:
    try:
        return existing(path).read_text(encoding="utf-8-sig").strip()
    except UnicodeDecodeError:
        raise HeygemError(ErrorCode.NOT_TEXT, name=path.name) from None
