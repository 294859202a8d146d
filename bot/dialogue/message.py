"""What a front end hands to the dialogue, and what it gets back: no platform's words in either.

A front end translates an update into `Said` and an intent, asks the `Dialogue`, and shows the replies in order.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from heygem.base.errors import HeygemError
from heygem.base.sentences import Language
from heygem.base.sentences.commands import SLASHED, CommandStyle
from heygem.batches.model import MediaFile, Person, Place

NO_CHAT = "http"  # the platform of places that no chat shows; the HTTP interface follows what is in them
BUTTON_DATA_BYTES = 64  # Telegram's limit, the tightest of all platforms

Fetch = Callable[[Path, int], Awaitable[None]]


class BeyondFetchLimitError(Exception):
    """The platform has the file but does not hand out files of its size."""


@dataclass(frozen=True)
class Attachment:
    """A file that has not been fetched yet.

    `fetch(path, limit_bytes)` writes it to `path` and raises HeygemError TOO_LARGE as soon as it has seen more than
    `limit_bytes`. `name` is what its sender called it ("" for a voice note), `size` in bytes what the platform claims
    (None where it does not). What the file is, probing decides; no claimed type is passed on. `fetch_limit` is how many
    bytes the platform lets us fetch, None for any: a file that claims more is answered with an upload page before
    anything is fetched, and so is one that `fetch` refuses with BeyondFetchLimitError.
    """

    fetch: Fetch
    name: str = ""
    size: int | None = None
    fetch_limit: int | None = None


@dataclass(frozen=True)
class Room:
    """Where a batch lives, and the message that becomes its status message ("": none was posted yet)."""

    place: Place
    message: str = ""


class Rooms(Protocol):
    """For a chat in which a batch is opened by posting: as a thread below a message of its own, or to see if we can."""

    async def open(self, language: Language) -> Room:
        """A new room; the same one when a message is answered again.

        Raises:
            HeygemError: NOT_INVITED, NOT_HERE where nothing can be posted.
        """
        ...

    async def close(self, room: Room) -> None:
        """No batch came to live there."""
        ...


@dataclass(frozen=True)
class Said:
    """Who said or pressed something, and where; what they want is an `Intent`.

    `id` is unique in its place and the same when an update is delivered again; of several files in one message each is
    a message of its own, `<id>:<file>`. `language` is what the platform says about the person ("zh-hans"), None where
    it says nothing. `batch` is the batch that an upload page belongs to, `item` the template of it that the page was
    offered for; what is said in a chat goes to the batch that its place is collecting.
    """

    person: Person
    place: Place
    id: str
    reply_to: str | None = None  # the id of the message that this one answers
    pressed: str | None = None  # the id of the message below which the pressed button stands
    language: str | None = None
    batch: str | None = None
    item: str = ""
    private: bool = True  # nobody else reads this place
    rooms: Rooms | None = None  # where the place is such a chat
    style: CommandStyle = SLASHED  # how commands are typed where the answer is read
    direct: bool = True  # said to the bot: a private chat, a mention, a reply to it; not merely overheard in a group
    name: str = ""  # what the platform calls the person; "" where it does not say
    edited: bool = False  # a message that was said before, as it is now
    fleeting: bool = False  # the answer is for the person's eyes and does not stay: a Home tab, a command's in Slack


@dataclass(frozen=True)
class Button:
    """What `data` means `bot.dialogue.codec` says; at most BUTTON_DATA_BYTES bytes of UTF-8."""

    label: str
    data: str


@dataclass(frozen=True)
class LinkButton:
    """Opens `url`. The url is a secret: shown to the place, never logged, never unfurled."""

    label: str
    url: str


AnyButton = Button | LinkButton


@dataclass(frozen=True)
class Picture:
    """What a line of a text speaks of. `line` stands in the text as it is, unless that names only some of many."""

    line: str
    file: MediaFile


@dataclass(frozen=True)
class Say:
    """A new message: plain text, which the front end escapes, and its buttons in reading order.

    `pictures` are shown where the platform can; the text says everything without them. `again`: a menu that takes the
    place of the message whose button was pressed. `shared`: the pictures are of the place's own files, for everybody in
    it to see. On a sheet they are numbered from 1. `mentions`: whom the text names by their ids (`access.named`); a
    platform that can shows their own names.
    """

    text: str
    buttons: tuple[AnyButton, ...] = ()
    pictures: tuple[Picture, ...] = ()
    again: bool = False
    mentions: tuple[Person | Place, ...] = ()
    shared: bool = False


@dataclass(frozen=True)
class Toast:
    """A word at the button that was pressed; a message where a platform has no such thing."""

    text: str


@dataclass(frozen=True)
class Speaker:
    """Who is answered, and in which language."""

    person: Person
    language: Language


@dataclass(frozen=True)
class ShowStatus:
    """The batch's one status message shall stand where the person looks now.

    Where a button of that very message was pressed, an edit does; elsewhere it is posted anew below and the old one
    goes. Several of these within a moment are one (`Notifier.show` does all of that). `asked`: by a person. `added`:
    something came into the batch, and more may follow. `speaker` the dialogue fills in: a batch's status speaks its
    owner's language, as it is now.
    """

    batch_id: str
    asked: bool = False
    added: bool = False
    speaker: Speaker | None = None


@dataclass(frozen=True)
class Tell:
    """A message to somebody else, in their own conversation with us; where they can't be reached nothing happens.

    That place is named by its person on every platform: `private_place`.
    """

    person: Person
    say: Say


Reply = Say | Toast | ShowStatus | Tell


def private_place(person: Person) -> Place:
    """A person's own conversation with us. Telegram numbers it as the person, Slack opens it for the person's id."""
    return Place(platform=person.platform, chat=person.id)


@dataclass(frozen=True)
class Answer:
    """What to show, in order. `error` is what the excuse among the replies is about: prose decides nothing."""

    replies: tuple[Reply, ...] = ()
    error: HeygemError | None = None
