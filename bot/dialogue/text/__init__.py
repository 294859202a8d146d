"""Every sentence of the dialogue, one catalogue per language. Errors have theirs in `heygem.base.sentences`."""

from collections.abc import Mapping

from bot.dialogue.text.catalogue import Catalogue, Counted
from bot.dialogue.text.en import ENGLISH
from bot.dialogue.text.zh import CHINESE
from heygem.base.sentences import LANGUAGES, Language

__all__ = ["CATALOGUES", "Catalogue", "Counted", "catalogue", "language_of"]

CATALOGUES: Mapping[Language, Catalogue] = {"en": ENGLISH, "zh": CHINESE}


def catalogue(language: Language) -> Catalogue:
    return CATALOGUES[language]


def language_of(code: str | None, otherwise: Language) -> Language:
    """Our language for a platform's code ("zh-Hans-CN", "en_US"); `otherwise` where it says nothing.

    A language that we don't speak gets English.
    """
    if not code:
        return otherwise
    tongue = code.replace("_", "-").split("-")[0].lower()
    return next((language for language in LANGUAGES if language == tongue), "en")
