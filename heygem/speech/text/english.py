"""English words from the CMU dictionary, which comes with the installation."""

import logging
from functools import lru_cache

from heygem.weights.folder import mesh_folder

_log = logging.getLogger(__name__)


def read(word: str) -> tuple[str, ...] | None:
    """`word` in lower case; None where it is not in the dictionary."""
    entries = dictionary()
    stem, mark, ending = word.partition("'")
    if phones := entries.get(word):
        return tuple(phones.split())
    if mark and (phones := entries.get(stem)):
        return (*phones.split(), *(("Z",) if ending == "s" else ()))
    return None


@lru_cache(maxsize=1)
def dictionary() -> dict[str, str]:
    """134,000 words -> their phones in one string; empty where it is missing."""
    try:
        lines = (mesh_folder().root / "cmudict-en-us.dict").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as missing:
        _log.warning("The English dictionary cannot be read (%s): words are spelled out.", missing)
        return {}
    entries = (line.partition(" ") for line in lines)
    # `word(2)` is another way to say it; the first will do.
    return {word: phones for word, _, phones in entries if phones and not word.endswith(")")}
