"""Which videos an address asks for: `items=1,3,7`."""

import re

from heygem.base.errors import ErrorCode, HeygemError

_NUMBERS = re.compile(r"[0-9]{1,6}(,[0-9]{1,6})*", re.ASCII)


def numbers(items: str) -> frozenset[int]:
    """Raises HeygemError: SELECTION_UNCLEAR."""
    if not _NUMBERS.fullmatch(items):
        raise HeygemError(ErrorCode.SELECTION_UNCLEAR)
    return frozenset(map(int, items.split(",")))
