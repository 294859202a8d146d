"""Where a file's bytes come from."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """`blocks(limit_bytes)` raises TOO_LARGE once more has come. `size` is what the sender announces, None: nothing."""

    blocks: Callable[[int], AsyncGenerator[bytes, None]]
    name: str
    size: int | None = None
