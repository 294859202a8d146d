"""What a front end hands to the conversation, and what it gets back: no platform's words in either.

A front end translates an update into a `Message`, calls `Conversation.handle`, and shows the replies in order.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from heygem.batches.model import MediaFile, Person, Place
from heygem.errors import ErrorCode

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
class Message:
    """One thing a person said or pressed.

    `id` is unique in its place and the same when an update is delivered again; of several files in one message each is
    a message of its own, `<id>:<file>`. With an attachment, `text` is its caption. `button` is the data of a pressed
    button. `language` is what the platform says about the person ("zh-hans"), None where it says nothing. `batch` is
    the batch that an upload page belongs to, `item` the template of it that the page was offered for; what is said in a
    chat goes to the batch that its place is collecting.
    """

    person: Person
    place: Place
    id: str
    text: str = ""
    attachment: Attachment | None = None
    reply_to: str | None = None  # the id of the message that this one answers
    language: str | None = None
    button: str | None = None
    batch: str | None = None
    item: str = ""
    private: bool = True  # nobody else reads this place
    direct: bool = True  # said to the bot: a private chat, a mention, a reply to it; not merely overheard in a group


@dataclass(frozen=True)
class Button:
    """`data` comes back as `Message.button`; at most BUTTON_DATA_BYTES bytes of UTF-8."""

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
    """What a line of a text speaks of. `line` stands in the text as it is."""

    line: str
    file: MediaFile


@dataclass(frozen=True)
class Say:
    """A new message: plain text, which the front end escapes, and its buttons in reading order.

    `pictures` are shown where the platform can; the text says everything without them. `error` is the code behind an
    excuse: prose is for people, and decides nothing.
    """

    text: str
    buttons: tuple[AnyButton, ...] = ()
    pictures: tuple[Picture, ...] = ()
    error: ErrorCode | None = None


@dataclass(frozen=True)
class ShowStatus:
    """The batch's one status message shall stand where the person looks now.

    Where a button of that very message was pressed, an edit does; elsewhere it is posted anew below and the old one
    goes. Several of these within a moment are one (`Notifier.show` does all of that).
    """

    batch_id: str


Reply = Say | ShowStatus
