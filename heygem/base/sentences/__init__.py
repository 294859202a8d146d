"""Error codes as sentences a person understands, one catalogue per language.

They stand in the core because the command line, an archive's manifest and the web page need them without a chat.
"""

from collections.abc import Mapping
from typing import Literal, get_args

from heygem.base.errors import ErrorCode, HeygemError, Param
from heygem.base.sentences import en, zh
from heygem.base.sentences.commands import SLASHED, CommandStyle, with_commands

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

Door = Literal["chat", "local"]  # local: the command line and ComfyUI, where nobody sends files or asks an admin

_CATALOGUES: Mapping[Door, Mapping[Language, Mapping[ErrorCode, str]]] = {
    "chat": {"en": en.SENTENCES, "zh": zh.SENTENCES},
    "local": {"en": {**en.SENTENCES, **en.LOCAL}, "zh": {**zh.SENTENCES, **zh.LOCAL}},
}

_NAMELESS: Mapping[Language, str] = {"en": en.NAMELESS, "zh": zh.NAMELESS}


def explain(
    code: ErrorCode,
    params: Mapping[str, Param],
    language: Language = "en",
    door: Door = "chat",
    style: CommandStyle = SLASHED,
) -> str:
    """The sentence of `code` with its numbers filled in."""
    pattern = with_commands(_CATALOGUES[door][language][code], style)
    said = pattern.format(**{name: _shown(value) for name, value in params.items()})
    return _named(said, language) if params.get("name") == "" else said


def explain_error(error: HeygemError, language: Language = "en", door: Door = "chat") -> str:
    return explain(error.code, error.params, language, door)


def _named(said: str, language: Language) -> str:
    """A voice note has no name to be quoted."""
    said = said.replace("“”", _NAMELESS[language])
    return said[:1].upper() + said[1:]


def _shown(value: Param) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".rstrip("0").rstrip(".")
    return str(value)
