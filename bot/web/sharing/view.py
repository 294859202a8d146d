"""What the page of a batch shows of its links, and the page of a new one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup

from bot.web import qr
from bot.web.forms import form_key
from bot.web.sharing.words import WORDS, Words
from heygem.base.sentences import Language
from heygem.links.download import LONGEST_SHARED_S, Link, SharedLink
from heygem.links.locks import LEAST, MOST

LASTS_S: Mapping[str, float] = {"hour": 3600.0, "day": 24 * 3600.0, "week": LONGEST_SHARED_S}


@dataclass(frozen=True)
class Choice:
    """How long a link shall work. `until` is set where it is as long as the batch lives."""

    value: str
    label: str
    until: datetime | None = None


@dataclass(frozen=True)
class Row:
    """A shared link. Its `id` opens nothing."""

    id: str
    made: datetime
    until: datetime
    locked: bool


@dataclass(frozen=True)
class Sharing:
    """`done` and `wrong` are what became of what was asked last; `opened`: it was asked for."""

    words: Words
    key: str
    choices: tuple[Choice, ...]
    rows: tuple[Row, ...]
    opened: bool = False
    done: bool = False
    wrong: str = ""
    least: int = LEAST
    most: int = MOST

    @property
    def usual(self) -> str:
        """A day, or what is left of it."""
        return next((each.value for each in self.choices if each.value == "day"), self.choices[-1].value)


@dataclass(frozen=True)
class Code:
    """`only_here`: a phone can't open the address."""

    words: Words
    drawn: Markup
    only_here: bool


@dataclass(frozen=True)
class NewLink:
    words: Words
    url: str
    until: datetime
    locked: bool
    code: Code


def code(address: str, language: Language, *, only_here: bool) -> Code:
    return Code(WORDS[language], qr.svg(address), only_here)


def sharing(token: str, language: Language, links: Sequence[SharedLink], left_s: float, now: float) -> Sharing:
    """`left_s` is how long the batch is kept from now."""
    words = WORDS[language]
    return Sharing(words, form_key(token), _choices(words, left_s, now), tuple(map(_row, links)))


def new_link(link: Link, language: Language, *, locked: bool, only_here: bool) -> NewLink:
    drawn = code(link.url, language, only_here=only_here)
    return NewLink(WORDS[language], link.url, _time(link.expires), locked, drawn)


def _choices(words: Words, left_s: float, now: float) -> tuple[Choice, ...]:
    """Those that the batch outlives, and the first that it does not, which ends with it."""
    labels = {"hour": words.hour, "day": words.day, "week": words.week}
    shorter = [Choice(value, labels[value]) for value, lasts_s in LASTS_S.items() if lasts_s <= left_s]
    longer = [value for value, lasts_s in LASTS_S.items() if lasts_s > left_s]
    if longer and left_s > 0:
        return (*shorter, Choice(longer[0], words.kept, _time(now + left_s)))
    return tuple(shorter)


def _row(link: SharedLink) -> Row:
    return Row(link.digest, _time(link.created), _time(link.expires), link.locked)


def _time(unix_s: float) -> datetime:
    return datetime.fromtimestamp(unix_s, UTC)
