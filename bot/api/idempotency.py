"""The same answer to the same request: a program that lost an answer asks again, and nothing happens twice.

Only what succeeded is kept: what was refused changed nothing, and is tried anew.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pydantic import BaseModel
from redis.asyncio import Redis

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.tasks import end
from heygem.batches.api_keys import ANSWERS_KEPT_S
from heygem.batches.model import Person
from heygem.redis import keys
from heygem.redis.connection import reaches_queue

_HELD_S = 30  # for so long after its process died a request counts as being at work
_RETRY_S = 2


class Given(BaseModel, frozen=True):
    """What was answered; `status` 0 while that is not known yet. `fingerprint` stands for the request."""

    fingerprint: str = ""
    status: int = 0
    body: str = ""


@reaches_queue
class Answers:
    """Every method raises QUEUE_UNREACHABLE when Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis  # redis-py types every answer as "awaitable or not"

    async def begin(self, name: str) -> Given | None:
        """What was answered before, or None: it is the caller's to answer. Raises IDEMPOTENCY_BUSY."""
        if await self._redis.set(name, Given().model_dump_json(), nx=True, ex=_HELD_S):
            return None
        kept = await self._redis.get(name)
        given = Given.model_validate_json(kept) if kept else Given()
        if not given.status:
            raise HeygemError(ErrorCode.IDEMPOTENCY_BUSY, retry_s=_RETRY_S)
        return given

    async def keep(self, name: str, given: Given, person: Person) -> None:
        mine = keys.owner_api_answers(person.owner)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.sadd(mine, name)
            pipe.expire(mine, ANSWERS_KEPT_S)
            pipe.set(name, given.model_dump_json(), ex=ANSWERS_KEPT_S)
            await pipe.execute()

    async def hold(self, name: str) -> None:
        await self._redis.expire(name, _HELD_S)

    async def leave(self, name: str) -> None:
        await self._redis.delete(name)


@asynccontextmanager
async def holding(answers: Answers, name: str) -> AsyncIterator[None]:
    """At work on a request, however long it takes; if that fails, the next one may try."""
    task = asyncio.create_task(_hold(answers, name))
    try:
        yield
    except BaseException:
        with contextlib.suppress(HeygemError):
            await answers.leave(name)
        raise
    finally:
        await end([task])


async def _hold(answers: Answers, name: str) -> None:
    while True:
        await asyncio.sleep(_HELD_S / 3)
        with contextlib.suppress(HeygemError):
            await answers.hold(name)


def name_of(person: Person, key: str) -> str:
    """The key in Redis for a person's Idempotency-Key."""
    return keys.api_answer(person.owner, hashlib.sha256(key.encode(errors="replace")).hexdigest())
