"""Which settings there are, and whether a name that somebody wrote is one of them."""

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from dotenv import dotenv_values
from pydantic import BaseModel

from heygem.errors import ErrorCode, HeygemError

PREFIX = "HEYGEM_"
CONFIG = "HEYGEM_CONFIG"  # where the file of settings is, which is no setting itself
_OTHERS = {CONFIG: "", "HEYGEM_SHARED": ""}  # the latter names the tests' folder of references
_ENV_FILE = ".env"


def config_file() -> Path | None:
    """The file that HEYGEM_CONFIG names; where that is not there none, and defaults alone.

    Else `config/heygem.toml` here, else that of the checkout we run from.
    """
    if named := os.environ.get(CONFIG):
        return Path(named) if Path(named).is_file() else None
    places = (Path.cwd(), Path(__file__).resolve().parents[1])
    return next((file for place in places if (file := place / "config" / "heygem.toml").is_file()), None)


def require_known(settings: type[BaseModel], file: Path | None) -> None:
    """Raise BAD_SETTING for the first name in the environment, in `.env` or in `file` that is no setting's.

    A misspelt one would be ignored silently, and somebody would look for hours why it does nothing.
    """
    known = set(names(settings))
    variables = {f"{PREFIX}{name.replace('.', '__').upper()}": name for name in known} | _OTHERS
    for written in (*os.environ, *dotenv_values(_ENV_FILE)):
        if written.upper().startswith(PREFIX) and written.upper() not in variables:
            raise _unknown(written, variables)
    for written in _keys(_read(file)) if file else ():
        if written not in known:
            raise _unknown(written, known)


def names(model: type[BaseModel], before: str = "") -> Iterator[str]:
    """Every setting's name, `web.port`, and each group's, which may be given as JSON."""
    for name, field in model.model_fields.items():
        yield f"{before}{name}"
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel) and not get_args(field.annotation):
                yield from names(kind, f"{before}{name}.")


def _read(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _bad(str(file), str(error)) from None


def _keys(table: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _keys(value, f"{before}{name}.")
        else:
            yield f"{before}{name}"


def _unknown(written: str, known: Any) -> HeygemError:
    near = difflib.get_close_matches(written.upper() if written.upper().startswith(PREFIX) else written, known, 1, 0.6)
    return _bad(written, "there is no such setting" + (f"; the nearest is {near[0]}" if near else ""))


def _bad(setting: str, reason: str) -> HeygemError:
    return HeygemError(ErrorCode.BAD_SETTING, setting=setting, reason=reason.rstrip("."))
