"""Chinese characters for a reader: Whisper mixes both kinds, whatever it is asked for."""

from functools import lru_cache
from importlib.util import find_spec
from typing import Any, Literal

Characters = Literal["simplified", "traditional"]

# Traditional ones as Taiwan writes them, which readers elsewhere know too.
_TABLES: dict[Characters, str] = {"simplified": "t2s", "traditional": "s2tw"}


def written(text: str, characters: Characters) -> str:
    """`text` in Chinese with all of it in `characters`; as it is where OpenCC is not installed."""
    return text if find_spec("opencc") is None else str(_converter(characters).convert(text))


@lru_cache(maxsize=2)
def _converter(characters: Characters) -> Any:
    import opencc

    return opencc.OpenCC(_TABLES[characters])
