"""Whom our own sentences mention. What people typed mentions nobody, whatever it looks like."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bot.dialogue.access import named
from bot.dialogue.ids import HERE
from bot.slack import PLATFORM
from bot.slack.mrkdwn import escape
from heygem.batches.model import Person, Place


@dataclass(frozen=True)
class Mention:
    kind: Literal["user", "channel"]
    id: str

    @property
    def element(self) -> dict[str, Any]:
        """As a part of rich text."""
        return {"type": self.kind, f"{self.kind}_id": self.id}

    @property
    def mrkdwn(self) -> str:
        return f"<{'@' if self.kind == 'user' else '#'}{self.id}>"


Parts = list[str | Mention]


def parted(text: str, told: Sequence[Person | Place], me: str) -> Parts:
    """The text, and in it the mentions of ourselves (`me`) and of those whom it names by their ids."""
    known = {f"<@{me}>": Mention("user", me)}
    for who in told:
        if isinstance(who, Person) and who.platform == PLATFORM:
            known[named(who)] = Mention("user", who.id)
        elif isinstance(who, Place) and who.platform == PLATFORM and who.chat[:1] in ("C", "G"):
            known[named(who)] = known[f"{HERE}:{named(who)}"] = Mention("channel", who.chat)
    longest_first = sorted(known, key=len, reverse=True)
    pieces = re.split(f"({'|'.join(map(re.escape, longest_first))})", text)
    return [known.get(piece, piece) for piece in pieces if piece]


def as_mrkdwn(parts: Parts) -> str:
    return "".join(escape(part) if isinstance(part, str) else part.mrkdwn for part in parts)
