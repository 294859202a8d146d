"""One request of a program that acts as a person: whose it is, and what it says to the dialogue."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from uuid import uuid4

from starlette.requests import Request

from bot.api.body import Body
from bot.api.failures import language
from bot.api.models import BatchBody
from bot.api.services import Services, services_of
from bot.api.view import shown
from bot.dialogue.intents import Intent
from bot.dialogue.message import NO_CHAT, Answer, Said
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import MB
from heygem.base.sentences import Language
from heygem.batches.api_keys import KeyHolder
from heygem.batches.model import Batch, Person, Place

_LONGEST_KEY = 255


@dataclass(frozen=True)
class Call:
    """`id` is the same when the same request comes again."""

    services: Services
    request: Request
    holder: KeyHolder
    idempotency_key: str
    id: str
    body: Body

    @property
    def person(self) -> Person:
        return self.holder.person

    @cached_property
    def language(self) -> Language:
        return language(self.request)

    @property
    def file_bytes(self) -> int:
        """The most that a file may have."""
        return self.services.settings.limits.file_mb * MB

    async def batch(self) -> Batch:
        """The person's batch that the address names; anybody else's is unknown."""
        batch = await self.services.bot.store.get(self.request.path_params["batch"])
        if batch.owner != self.person:
            raise HeygemError(ErrorCode.BATCH_UNKNOWN)
        return batch

    async def do(self, intent: Intent, batch: Batch | None = None) -> Answer:
        """What the dialogue answers, in the batch's place or in a new one. Raises what it was refused for."""
        place = batch.place if batch else Place(platform=NO_CHAT, chat=self.person.owner, thread=self.id)
        said = Said(self.person, place, self.id, language=self.language, batch=batch.id if batch else None)
        answer = await self.services.bot.dialogue.do(said, intent)
        if answer.error is not None:
            raise answer.error
        return answer

    async def show(self, batch_id: str) -> BatchBody:
        store = self.services.bot.store
        return await shown(await store.get(batch_id), store, self.language)


async def call_of(request: Request) -> Call:
    """Raises KEY_UNKNOWN, NOT_ALLOWED, BAD_REQUEST."""
    services = services_of(request)
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise HeygemError(ErrorCode.KEY_UNKNOWN)
    holder = await services.keys.holder(key.strip())
    if not await services.bot.access.serves(holder.person, Place(platform=NO_CHAT, chat=holder.person.owner)):
        raise HeygemError(ErrorCode.NOT_ALLOWED)
    once = request.headers.get("idempotency-key", "") if request.method == "POST" else ""
    if len(once) > _LONGEST_KEY:
        raise HeygemError(ErrorCode.BAD_REQUEST, reason=f"Idempotency-Key: at most {_LONGEST_KEY} characters")
    return Call(services, request, holder, once, _message_id(holder, once), Body(request))


def _message_id(holder: KeyHolder, once: str) -> str:
    if not once:
        return uuid4().hex
    return hashlib.sha256(f"{holder.person.owner}:{once}".encode(errors="replace")).hexdigest()[:32]
