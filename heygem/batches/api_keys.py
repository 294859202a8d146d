"""Keys with which a person's programs act as that person: one at a time, told once.

Redis keeps a key's sha256 and never the key: it is found by that hash, so that no comparison can be timed.
"""

from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.tokens import digest_of, is_token, new_token
from heygem.batches.model import Person
from heygem.redis import keys
from heygem.redis.connection import reaches_queue

ANSWERS_KEPT_S = 24 * 3600  # to repeat them to a program that asks again
_MARK = "hgm_"


@dataclass(frozen=True)
class KeyHolder:
    """Whose key it is. `digest` is the key's sha256, fit to be kept."""

    person: Person
    digest: str


@reaches_queue
class ApiKeys:
    """Every method raises QUEUE_UNREACHABLE when Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis  # redis-py types every answer as "awaitable or not"

    async def create(self, person: Person) -> str:
        """A new key, `hgm_` and 43 characters; the person's earlier one opens nothing any more."""
        key = _MARK + new_token()
        digest, mine = digest_of(key), keys.owner_api_key(person.owner)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.set(keys.api_key(digest), person.model_dump_json())
            pipe.set(mine, digest, get=True)
            _, before = await pipe.execute()
        if before:
            await self._redis.delete(keys.api_key(before))
        return key

    async def revoke(self, person: Person) -> bool:
        """Whether there was one."""
        digest = await self._redis.getdel(keys.owner_api_key(person.owner))
        if digest:
            await self._redis.delete(keys.api_key(digest))
        return bool(digest)

    async def forget(self, person: Person) -> None:
        """The key, and what was answered to it."""
        await self.revoke(person)
        mine = keys.owner_api_answers(person.owner)
        await self._redis.delete(mine, *await self._redis.smembers(mine))

    async def holder(self, key: str) -> KeyHolder:
        """`key` may be anything that a stranger sends. Raises KEY_UNKNOWN."""
        digest = digest_of(key)
        known = await self._redis.get(keys.api_key(digest)) if _is_key(key) else None
        if not known:
            raise HeygemError(ErrorCode.KEY_UNKNOWN)
        holder = KeyHolder(Person.model_validate_json(known), digest)
        if not await self.valid(holder):  # withdrawn, and then a process died
            raise HeygemError(ErrorCode.KEY_UNKNOWN)
        return holder

    async def valid(self, holder: KeyHolder) -> bool:
        """Whether the key is still that person's."""
        return bool(await self._redis.get(keys.owner_api_key(holder.person.owner)) == holder.digest)


def _is_key(text: str) -> bool:
    return text.startswith(_MARK) and is_token(text.removeprefix(_MARK))
