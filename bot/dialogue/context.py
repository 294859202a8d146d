"""One message being answered: what was said, by whom, in which language, and what the answer may use."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.dialogue.access import Standing
from bot.dialogue.intents import Intent
from bot.dialogue.message import AnyButton, Reply, Said, Say, Speaker
from bot.dialogue.services import Services
from bot.dialogue.text import Catalogue, Language, catalogue
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.batches.model import Batch, BatchState, Place
from heygem.batches.people import People, Preferences
from heygem.batches.store import Store
from heygem.storage.layout import Storage

Replies = list[Reply]


@dataclass(frozen=True)
class Context:
    services: Services
    said: Said
    language: Language
    standing: Standing

    @property
    def words(self) -> Catalogue:
        return catalogue(self.language, self.said.style)

    def words_of(self, batch: Batch | None) -> Catalogue:
        """In which everything of a batch is called, whoever in a team sent it; the person's own before there is one."""
        return catalogue(batch.language, self.said.style) if batch else self.words

    @property
    def place(self) -> Place:
        return self.said.place

    @property
    def speaker(self) -> Speaker:
        return Speaker(self.said.person, self.language)

    @property
    def admin(self) -> bool:
        return self.standing.admin

    @property
    def preferences(self) -> Preferences:
        return self.standing.preferences

    @property
    def store(self) -> Store:
        return self.services.store

    @property
    def people(self) -> People:
        return self.services.people

    @property
    def storage(self) -> Storage:
        return self.services.storage

    @property
    def settings(self) -> Settings:
        return self.services.settings

    def say(self, text: str, *buttons: AnyButton) -> Replies:
        return [Say(text, buttons)]

    async def current(self) -> Batch | None:
        """The batch that a command without a name means: what is collected here, or runs, or else the latest."""
        if found := await self.store.collecting(self.place):
            return found
        if running := next(iter(await self._unended()), None):
            return running
        past = [batch for batch in await self.store.history(self.said.person) if self._here(batch)]
        return await self.store.latest(self.place) or next(iter(past), None)

    async def collecting(self) -> Batch | None:
        """The batch that is collected here; where each has a place of its own, the person's newest."""
        if self.said.rooms is None:
            return await self.store.collecting(self.place)
        return next((batch for batch in await self._unended() if batch.state is BatchState.COLLECTING), None)

    async def under_way(self) -> list[Batch]:
        """The person's batches of this place that wait or run, the newest first."""
        return [batch for batch in await self._unended() if batch.under_way]

    async def _unended(self) -> list[Batch]:
        """The person's batches of this place, or of all the places in it, that have not ended, the newest first."""
        unended = [batch for batch in await self.store.unended(self.said.person) if self._here(batch)]
        return sorted(unended, key=lambda batch: batch.created, reverse=True)

    def _here(self, batch: Batch) -> bool:
        inside = self.said.rooms is not None and batch.place.model_copy(update={"thread": ""}) == self.place
        return inside or batch.place == self.place

    async def meant(self, batch_id: str) -> Batch | None:
        """The batch with this id, or else the current one."""
        return await self.batch(batch_id) if batch_id else await self.current()

    async def batch(self, batch_id: str) -> Batch:
        """A batch that a button names. Buttons come from strangers' clients, so it must be theirs or of this place."""
        batch = await self.store.get(batch_id)
        if self._here(batch) or batch.owner == self.said.person or self.admin:
            return batch
        raise HeygemError(ErrorCode.BATCH_UNKNOWN)

    def must_lead(self, batch: Batch) -> None:
        """Only who opened it, or an admin, decides about a batch."""
        if batch.owner != self.said.person and not self.admin:
            raise HeygemError(ErrorCode.NOT_YOURS)


Handler = Callable[[Context, Any], Awaitable[Replies]]
Handlers = Mapping[type[Intent], Handler]
