"""Error codes as sentences a person understands, one catalogue per language.

They stand in the core because the command line, an archive's manifest and the web page need them without a chat.
"""

from collections.abc import Mapping
from typing import Literal, get_args

from heygem.errors import ErrorCode, HeygemError, Param
from heygem.sentences.en import SENTENCES as ENGLISH
from heygem.sentences.zh import SENTENCES as CHINESE

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_CATALOGUES: Mapping[Language, Mapping[ErrorCode, str]] = {"en": ENGLISH, "zh": CHINESE}


def explain(code: ErrorCode, params: Mapping[str, Param], language: Language = "en") -> str:
    """The sentence of `code` with its numbers filled in."""
    return _CATALOGUES[language][code].format(**{name: _shown(value) for name, value in params.items()})


def explain_error(error: HeygemError, language: Language = "en") -> str:
    return explain(error.code, error.params, language)


def _shown(value: Param) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".rstrip("0").rstrip(".")
    return str(value)
