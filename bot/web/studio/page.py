"""The parts of the studio's page: what its template is given."""

from dataclasses import dataclass

from bot.dialogue.status import StatusView
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
    """A batch. `percent` is None where there is no progress to show.

    `takes_files`: by a page of its own, since what is dropped in the studio goes elsewhere. `arranging` and `pictures`
    have what belongs to a row by its number.
    """

    id: str
    view: StatusView
    when: str
    percent: int | None
    pictures: dict[int, str]  # addresses
    arranging: dict[int, Arranging]
    choices: tuple[Press | Open, ...]
    takes_files: bool


@dataclass(frozen=True)
class Told:
    text: str
    choices: tuple[Press | Open, ...] = ()
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class StudioPage:
    """`told` is what the dialogue answered to what was pressed; nothing else of the page depends on it.

    `version` changes when something of the batches does. A voice is recorded for `longest_s` at most.
    """

    words: Words
    form_key: str
    live: tuple[Card, ...]
    past: tuple[Card, ...]
    sought: str
    sending: Sending
    longest_s: float
    most: str
    piece: int
    version: str
    told: tuple[Told, ...] = ()
