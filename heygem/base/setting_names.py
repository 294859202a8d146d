"""Which settings there are, and whether a name that somebody wrote is one of them."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.setting_files import CONFIG, PREFIX, variables

# Kubernetes gives every container variables for each service there is, and one may be called heygem.
_SERVICE = re.compile(r"HEYGEM\w*_(SERVICE_(HOST|PORT\w*)|PORT_\d+_(TCP|UDP)\w*)")
_OTHERS = {CONFIG, "HEYGEM_SHARED"}  # the latter names the tests' folder of references


def require_known(settings: type[BaseModel], table: Mapping[str, Any]) -> None:
    """Raise BAD_SETTING for the first name in the environment, in `.env` or in `table` that is no setting's.

    A misspelt one would be ignored silently, and somebody would look for hours why it does nothing.
    """
    known = set(names(settings))
    known_variables = {variable(name) for name in known} | _OTHERS
    for written, value in variables():
        if not written.upper().startswith(PREFIX) or _SERVICE.fullmatch(written) or (value or "").startswith("tcp://"):
            continue
        if written.upper() not in known_variables:
            raise _unknown(written, written.upper(), known_variables)
    for written in _keys(table):
        if written not in known:
            raise _unknown(written, written, known)


def names(model: type[BaseModel], before: str = "") -> Iterator[str]:
    """Every setting's name, `web.port`, and each group's, which may be given as JSON."""
    for name, field in model.model_fields.items():
        yield f"{before}{name}"
        for kind in (field.annotation, *get_args(field.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel) and not get_args(field.annotation):
                yield from names(kind, f"{before}{name}.")


def variable(name: str) -> str:
    """What the setting is called in the environment."""
    return f"{PREFIX}{name.replace('.', '__').upper()}"


def variable_with(value: str) -> str | None:
    """The variable that holds just this."""
    return next((name for name, held in variables() if held == value and name.upper().startswith(PREFIX)), None)


def _keys(table: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for name, value in table.items():
        yield f"{before}{name}"
        if isinstance(value, dict):
            yield from _keys(value, f"{before}{name}.")


def _unknown(written: str, alike: str, known: Iterable[str]) -> HeygemError:
    near = difflib.get_close_matches(alike, known, 1, 0.6)
    reason = "there is no such setting" + (f"; the nearest is {near[0]}" if near else "")
    return HeygemError(ErrorCode.BAD_SETTING, setting=written, reason=reason)
