"""One message being answered: what was said, by whom, in which language, and what the answer may use."""

import asyncio
from dataclasses import dataclass, field

from bot.access import Access
from bot.allowance import Allowance
from bot.message import AnyButton, Message, Reply, Say
from bot.replies import Catalogue, catalogue
from heygem.archive.links import Links
from heygem.batches.model import Batch, Place
from heygem.batches.people import People, Preferences
from heygem.batches.store import Store
from heygem.batches.uploads import UploadLinks
from heygem.errors import ErrorCode, HeygemError
from heygem.sentences import Language
from heygem.settings import Settings
from heygem.storage import Storage

Replies = list[Reply]

_PROBES_AT_ONCE = 4
_LONGEST_NUMBER = 6


@dataclass(frozen=True)
class House:
    """What the whole dialogue works with."""

    store: Store
    people: People
    links: Links
    storage: Storage
    settings: Settings
    access: Access
    allowance: Allowance
    uploads: UploadLinks
    probes: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_PROBES_AT_ONCE))


@dataclass(frozen=True)
class Turn:
    house: House
    message: Message
    language: Language
    admin: bool
    preferences: Preferences

    @property
    def words(self) -> Catalogue:
        return catalogue(self.language)

    @property
    def place(self) -> Place:
        return self.message.place

    def say(self, text: str, *buttons: AnyButton) -> Replies:
        return [Say(text, buttons)]

    async def current(self) -> Batch | None:
        """The batch that a command without a name means: what is collected here, or runs, or else the latest."""
        if found := await self.house.store.collecting(self.place):
            return found
        mine = await self.house.store.history(self.message.person)
        running = (batch for batch in mine if batch.place == self.place and not batch.state.terminal)
        return next(running, None) or await self.house.store.latest(self.place)

    async def batch(self, batch_id: str) -> Batch:
        """A batch that a button names. Buttons come from strangers' clients, so it must be theirs or of this place."""
        batch = await self.house.store.get(batch_id)
        if batch.place == self.place or batch.owner == self.message.person or self.admin:
            return batch
        raise HeygemError(ErrorCode.BATCH_UNKNOWN)

    def must_lead(self, batch: Batch) -> None:
        """Only who opened it, or an admin, decides about a batch."""
        if batch.owner != self.message.person and not self.admin:
            raise HeygemError(ErrorCode.NOT_YOURS)


def number_in(text: str) -> int | None:
    """The number that a person typed, if it is one."""
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_NUMBER else None
