"""Every sentence of the dialogue, one catalogue per language. Errors have theirs in `heygem.base.sentences`."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

from bot.dialogue.text.catalogue import Catalogue, Counted
from bot.dialogue.text.en import ENGLISH
from bot.dialogue.text.zh import CHINESE
from heygem.base.sentences import LANGUAGES, Language
from heygem.base.sentences.commands import SLASHED, CommandStyle, with_commands

__all__ = [
    "CATALOGUES",
    "LANGUAGES",
    "SLASHED",
    "Catalogue",
    "CommandStyle",
    "Counted",
    "Language",
    "catalogue",
    "language_of",
    "reads_traditional",
]

_TRADITIONAL = {"hant", "tw", "hk", "mo"}

CATALOGUES: Mapping[Language, Catalogue] = {"en": ENGLISH, "zh": CHINESE}  # with their commands marked


@cache
def catalogue(language: Language, style: CommandStyle = SLASHED) -> Catalogue:
    """The sentences of a language, with commands as they are typed where they are said."""
    spoken: Catalogue = _spoken(CATALOGUES[language], style)
    return replace(spoken, style=style)


def _spoken(value: Any, style: CommandStyle) -> Any:
    if isinstance(value, str):
        return with_commands(value, style)
    if isinstance(value, Mapping):
        return {key: _spoken(each, style) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _spoken(getattr(value, field.name), style) for field in fields(value)})
    return value


def reads_traditional(code: str | None) -> bool:
    """Whether a platform's code ("zh-TW", "zh-Hant-HK") is that of a reader of traditional Chinese characters."""
    parts = (code or "").replace("_", "-").lower().split("-")
    return parts[0] == "zh" and "hans" not in parts and not _TRADITIONAL.isdisjoint(parts)


def language_of(code: str | None, otherwise: Language) -> Language:
    """Our language for a platform's code ("zh-Hans-CN", "en_US"); `otherwise` where it says nothing.

    A language that we don't speak gets English.
    """
    if not code:
        return otherwise
    tongue = code.replace("_", "-").split("-")[0].lower()
    return next((language for language in LANGUAGES if language == tongue), "en")
