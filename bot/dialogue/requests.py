"""Strangers who ask to be let in, and how often they are told that they are strangers."""

import json
import time
from dataclasses import dataclass
from enum import Enum

from redis.asyncio import Redis

from bot.dialogue.access import named
from heygem.base.sentences import Language
from heygem.batches.model import Person
from heygem.redis import keys
from heygem.redis.connection import reaches_queue, reply

MOST_OPEN = 20  # requests that no admin has answered
REFUSED_S = 3600  # between two refusals of the same person
_AGAIN_S = 86_400  # between two requests of the same person
_KEPT_S = 7 * 86_400


class Asked(Enum):
    NEW = "new"
    AGAIN = "again"
    TOO_MANY = "too many"


@dataclass(frozen=True)
class Request:
    """`name` is what the platform calls the person, "" where it says nothing."""

    name: str
    language: Language


@reaches_queue
class Requests:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def refusal_due(self, person: Person) -> bool:
        """Whether the person is to be told that they may not use the bot; then not for a while."""
        return bool(await self._redis.set(keys.refused(named(person)), "1", nx=True, ex=REFUSED_S))

    async def ask(self, person: Person, request: Request, message: str) -> Asked:
        """Note a request. The same message again is answered as at first: who died over it had told nobody."""
        who = named(person)
        first = await self._redis.set(keys.asked_admin(who), message, nx=True, ex=_AGAIN_S)
        if not first and await self._redis.get(keys.asked_admin(who)) != message:
            return Asked.AGAIN
        await self._drop_old()
        entry = json.dumps({"name": request.name, "language": request.language, "at": time.time()})
        await reply(self._redis.hset(keys.ADMISSION_REQUESTS, who, entry))
        if await reply(self._redis.hlen(keys.ADMISSION_REQUESTS)) <= MOST_OPEN:
            return Asked.NEW
        await reply(self._redis.hdel(keys.ADMISSION_REQUESTS, who))
        await self._redis.delete(keys.asked_admin(who))
        return Asked.TOO_MANY

    async def take(self, person: Person) -> Request | None:
        """The person's open request, which is answered now. They may be refused, and ask, anew."""
        who = named(person)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hget(keys.ADMISSION_REQUESTS, who)
            pipe.hdel(keys.ADMISSION_REQUESTS, who)
            pipe.delete(keys.refused(who))
            entry, *_ = await pipe.execute()
        if entry is None:
            return None
        kept = json.loads(entry)
        return Request(kept["name"], kept["language"])

    async def _drop_old(self) -> None:
        kept = await reply(self._redis.hgetall(keys.ADMISSION_REQUESTS))
        old = [who for who, entry in kept.items() if time.time() - json.loads(entry)["at"] > _KEPT_S]
        if old:
            await reply(self._redis.hdel(keys.ADMISSION_REQUESTS, *old))
