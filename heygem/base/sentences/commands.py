"""Commands inside sentences. A catalogue marks them as {cmd:export}; how they are typed is a matter of the place."""

import re
from dataclasses import dataclass
from typing import Protocol

_MARK = re.compile(r"\{cmd:(\w+)\}")


class CommandStyle(Protocol):
    """Hashable: the same style, the same sentences."""

    def command(self, word: str) -> str:
        """What a person types for this command, without its arguments."""
        ...

    def __hash__(self) -> int: ...


@dataclass(frozen=True)
class Slashed:
    """As most places have it: /export."""

    def command(self, word: str) -> str:
        return f"/{word}"


SLASHED = Slashed()


def with_commands(pattern: str, style: CommandStyle) -> str:
    """A sentence of ours, before anything that people typed is filled in, with its commands as they are typed there."""
    return _MARK.sub(lambda found: style.command(found[1]), pattern)
