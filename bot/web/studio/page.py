"""The parts of the studio's pages: what their templates are given."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from bot.dialogue.status import Row, StatusView
from bot.web.headers import RECORDING
from bot.web.studio.words import Words
from bot.web.upload.words import Words as Sending


@dataclass(frozen=True)
class Press:
    """A button of the dialogue's; `main`: what one mostly wants."""

    label: str
    data: str
    main: bool


@dataclass(frozen=True)
class Open:
    """A link: its address is a secret of the person's."""

    label: str
    url: str


Choices = tuple[Press | Open, ...]


@dataclass(frozen=True)
class Picture:
    name: str
    url: str


@dataclass(frozen=True)
class Arranging:
    """What moves one template of a batch that is collected: up and down, "" where it can't go further.

    `move` is the same for any place, but for the number that follows it.
    """

    move: str
    up: str
    down: str


@dataclass(frozen=True)
class Card:
    """A batch under way. `percent` is None where there is no progress to show.

    `takes_files`: by a page of its own, since what is dropped in the studio goes elsewhere. `pictures`,
    `removing` and `arranging` have what belongs to a row by its number.
    """

    id: str
    view: StatusView
    when: str
    percent: int | None
    pictures: dict[int, str]  # addresses
    removing: dict[int, str]  # what is pressed
    arranging: dict[int, Arranging]
    choices: Choices
    takes_files: bool


@dataclass(frozen=True)
class PastCard:
    """A batch that has ended. `kept` says for how long it is, `pictures` are addresses of the first videos', or of the
    templates' where none was made. `video` is the address of a try-out's, which is
    made to be looked at.
    """

    id: str
    title: str
    when: str
    voice: str
    names: str
    pictures: tuple[str, ...]
    video: str
    rows: tuple[Row, ...]
    more: str
    size: str
    kept: str
    choices: Choices


@dataclass(frozen=True)
class SetCard:
    """Saved templates under one name; `key` stands for it where it is renamed."""

    key: str
    name: str
    kind: str
    size: str
    pictures: tuple[str, ...]
    choices: Choices


@dataclass(frozen=True)
class Told:
    text: str
    choices: Choices = ()
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Choice:
    """One of a list that filters; `value` "" for all."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Space:
    """How much is kept for the person, of how much may be."""

    line: str
    percent: int


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What all pages have. `at` is where their forms lead back to (`bot.web.studio.back`).

    `told` is what the dialogue answered to what was pressed; nothing else of a page depends on it.
    """

    template: ClassVar[str]
    name: ClassVar[str]  # the last part of its address
    headers: ClassVar[Mapping[str, str]] = {}

    words: Words
    form_key: str
    at: str
    told: tuple[Told, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StudioPage(Frame):
    """`past` are the latest of `ended`. `version` changes when something of the batches does. A voice is recorded for
    `longest_s` at most.
    """

    template: ClassVar[str] = "studio.html"
    name: ClassVar[str] = ""
    headers: ClassVar[Mapping[str, str]] = RECORDING

    live: tuple[Card, ...]
    past: tuple[PastCard, ...]
    ended: int
    longest_s: float
    sending: Sending
    most: str
    piece: int
    version: str


@dataclass(frozen=True, kw_only=True)
class HistoryPage(Frame):
    """`older` and `newer` are queries of the pages beside this one, "" where there is none."""

    template: ClassVar[str] = "history.html"
    name: ClassVar[str] = "history"

    past: tuple[PastCard, ...]
    found: str
    sought: str
    states: tuple[Choice, ...]
    engines: tuple[Choice, ...]  # () where all are of one
    place: str
    newer: str
    older: str
    space: Space
    clear: Choices


@dataclass(frozen=True, kw_only=True)
class LibraryPage(Frame):
    template: ClassVar[str] = "library.html"
    name: ClassVar[str] = "library"

    sets: tuple[SetCard, ...]
    sought: str
    space: str
    longest_name: int
