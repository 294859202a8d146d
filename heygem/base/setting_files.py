"""Where settings are written down: `.env` in the working folder, and one file of TOML."""

import logging
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from heygem.base.errors import ErrorCode, HeygemError

CONFIG = "HEYGEM_CONFIG"  # names the file of TOML, and is no setting itself
PREFIX = "HEYGEM_"
ENV_FILE = ".env"
_NAME = re.compile(r"[\w.]+")  # python-dotenv takes NAME:secret for a name too, which would be repeated
_USUAL = Path("config") / "heygem.toml"

logging.getLogger("dotenv").setLevel(logging.ERROR)  # of lines that are not ours nothing is said


def variables() -> Iterator[tuple[str, str | None]]:
    """Every variable of the environment, then those of `.env`, which yield to them."""
    yield from os.environ.items()
    yield from dotenv_values(ENV_FILE).items()


def require_env_file() -> None:
    """Raise SETTINGS_FILE for a `.env` with a line of ours that would be passed over, and for one that can't be read.

    A folder of that name is somebody's Python environment.
    """
    file = Path(ENV_FILE)
    with _reading(file):
        text = file.read_text("utf-8-sig") if file.is_file() else ""
    for entry in parse_stream(StringIO(text)):
        ours = PREFIX in entry.original.string.upper()  # the lines of other programs are theirs
        if ours and (entry.error or not _NAME.fullmatch(entry.key or "A")):
            before = entry.original.string[: -len(entry.original.string.lstrip())]  # empty lines
            raise _unreadable(file, f"line {entry.original.line + before.count(chr(10))} is not NAME=value")


def read_config() -> Mapping[str, Any]:
    """What stands in the file of TOML. Raises SETTINGS_FILE where it can't be read."""
    file = config_file()
    if file is None:
        return {}
    with _reading(file):
        return tomllib.loads(file.read_text("utf-8-sig"))


def config_file() -> Path | None:
    """The file that HEYGEM_CONFIG names, else `config/heygem.toml` here, else that of the checkout we run from.

    None where we are installed elsewhere: then there are the defaults alone. Raises SETTINGS_FILE for one that is named
    and not there: who names it wants what stands in it.
    """
    named = next((value for name, value in variables() if value and name.upper() == CONFIG), None)
    file = Path(named) if named else _USUAL
    with _reading(file):
        if file.exists():
            return file
    if named:
        raise _unreadable(file, f"{CONFIG} names it, but there is no such file")
    checkout = Path(__file__).resolve().parents[2]
    return checkout / _USUAL if (checkout / _USUAL).is_file() else None


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError:
        raise _unreadable(file, "it is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(file, str(error)) from None
    except OSError as error:
        raise _unreadable(file, error.strerror or str(error)) from None


def _unreadable(file: Path, reason: str) -> HeygemError:
    return HeygemError(ErrorCode.SETTINGS_FILE, name=str(file), reason=reason)
