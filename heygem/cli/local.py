"""The command line's own person: their cache, their engine, their options."""

import os
from typing import TYPE_CHECKING

from pydantic import ValidationError

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import load_settings
from heygem.batches.model import Person
from heygem.engines import create
from heygem.engines.base import Engine, RenderOptions
from heygem.storage.cache import Cache
from heygem.storage.layout import Storage

if TYPE_CHECKING:
    from heygem.speech.transcript import Transcriber

_TRADITIONAL = ("zh_tw", "zh_hk", "zh_mo", "zh_hant")

PERSON = Person(platform="console", id="local")


def cache() -> Cache:
    return Cache(Storage(load_settings().data_dir).cache(PERSON.owner))


def engine(name: str | None) -> Engine:
    return create(name or load_settings().engine, load_settings())


def find_transcriber() -> "Transcriber | None":
    from heygem.speech import transcript  # numpy, only when something is rendered

    return transcript.find_transcriber(load_settings())


def characters(chosen: str) -> str:
    """Those of the option `chinese`: where "auto" is chosen, what the locale's place writes."""
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next(filter(None, names), "").replace("-", "_").lower()
    return "traditional" if chosen == "auto" and locale.startswith(_TRADITIONAL) else chosen


def options(**values: str | float | bool) -> RenderOptions:
    """Options as typed; one that does not fit is BAD_OPTION with what is possible."""
    try:
        return RenderOptions.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        raise HeygemError(
            ErrorCode.BAD_OPTION,
            option=str(first["loc"][0]).replace("_", "-"),
            value=str(first["input"]),
            allowed=first["msg"].removeprefix("Input should be "),
        ) from None
