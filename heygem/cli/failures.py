"""What every failure of a command looks like: one sentence with its code on stderr, the traceback in a file."""

import errno
import logging
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from heygem.base.disk import disk_full, is_disk_full
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.redact import RedactFilter
from heygem.base.sentences import Language, explain_error
from heygem.base.settings import load_settings
from heygem.cli.progress import one_line

_log = logging.getLogger(__name__)

_USAGE = frozenset(
    {
        ErrorCode.BAD_USAGE,
        ErrorCode.BAD_OPTION,
        ErrorCode.ENGINE_UNKNOWN,
        ErrorCode.VOICE_MISSING,
        ErrorCode.TEMPLATES_MISSING,
        ErrorCode.BAD_PAIRS,
        ErrorCode.PAIRS_COLUMNS,
        ErrorCode.OUTPUT_IS_SOURCE,
        ErrorCode.OUTPUT_SUFFIX,
        ErrorCode.OUTPUT_FOLDER,
        ErrorCode.WORDS_UNKNOWN,
    }
)
_REFUSED = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG}
)


def understood(error: Exception) -> HeygemError:
    """What a person is told; what only we can understand goes into the log."""
    if isinstance(error, HeygemError):
        return error
    if isinstance(error, OSError) and is_disk_full(error):
        return disk_full(1, 0)
    if told := no_access(error):
        return told
    _log.error("unexpected", exc_info=error)
    return HeygemError(ErrorCode.INTERNAL)


def no_access(error: Exception) -> HeygemError | None:
    """NO_ACCESS where the system refused a file that it names."""
    if isinstance(error, OSError) and error.errno in _REFUSED and error.filename:
        return HeygemError(ErrorCode.NO_ACCESS, name=str(error.filename))
    return None


def fail(error: HeygemError) -> NoReturn:
    """End the command: 2 where it can't be right as it was typed, else 1."""
    language: Language = "en"
    with suppress(HeygemError, OSError):  # without a working folder nothing is configured either
        language = load_settings().language
    sentence = explain_error(error, language, "local")
    print(one_line(f"heygem: {sentence} [{error.code}]"), file=sys.stderr)  # noqa: T201
    sys.exit(2 if error.code in _USAGE else 1)


def log_into_file() -> None:
    """Log beside the data, since stderr is for the person. Without settings there is no such place."""
    with suppress(HeygemError):
        logging.getLogger().addHandler(_LogFile(load_settings().data_dir / "logs" / "heygem.log"))


class _LogFile(logging.Handler):
    """Made with its first record; a log that can't be written costs nothing else."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self.addFilter(RedactFilter())
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(self.format(record) + "\n")
