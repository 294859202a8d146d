"""Browsers that are signed in: each has a cookie of its own, and a person can sign all of theirs out.

Redis keeps the cookie's sha256 and never the cookie.
"""

from typing import Any

from redis.asyncio import Redis

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.tokens import digest_of, is_token, new_token
from heygem.batches.model import Person
from heygem.links.sign_in import SignIn
from heygem.redis import keys
from heygem.redis.connection import reaches_queue

SIGNED_IN_S = 90 * 24 * 3600  # after its last use
PRESSES_PER_MINUTE = 300  # of a person; each file that is dropped begins with one
_MINUTE_S = 60


@reaches_queue
class Browsers:
    """Every method raises QUEUE_UNREACHABLE when Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis  # redis-py types every answer as "awaitable or not"

    async def admit(self, sign_in: SignIn) -> str:
        """The cookie of a browser that acts as that person from now on."""
        cookie = new_token()
        digest, mine = digest_of(cookie), keys.owner_browsers(sign_in.person.owner)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.sadd(mine, digest)
            pipe.set(keys.browser(digest), sign_in.model_dump_json(), ex=SIGNED_IN_S)
            await pipe.execute()
        await self._tidy(mine)
        return cookie

    async def known(self, cookie: str) -> SignIn:
        """As whom a browser acts, for as long again. `cookie` may be anything. Raises SIGNED_OUT."""
        kept = await self._redis.getex(keys.browser(digest_of(cookie)), SIGNED_IN_S) if is_token(cookie) else None
        if kept is None:
            raise HeygemError(ErrorCode.SIGNED_OUT)
        return SignIn.model_validate_json(kept)

    async def press(self, person: Person) -> None:
        """A person's browsers sent a form. Raises PRESSES_MANY where a script presses, and no hand."""
        key = keys.studio_presses(person.owner)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.set(key, 0, ex=_MINUTE_S, nx=True)
            pipe.incr(key)
            pipe.ttl(key)
            _, count, left_s = await pipe.execute()
        if count > PRESSES_PER_MINUTE:
            raise HeygemError(ErrorCode.PRESSES_MANY, limit=PRESSES_PER_MINUTE, retry_s=max(1, left_s))

    async def dismiss(self, cookie: str) -> None:
        """Sign one browser out."""
        await self._redis.delete(keys.browser(digest_of(cookie)))

    async def forget(self, person: Person) -> int:
        """Sign all browsers of a person out: how many there were."""
        mine = keys.owner_browsers(person.owner)
        digests = await self._redis.smembers(mine)
        signed_in = await self._redis.delete(*map(keys.browser, digests)) if digests else 0
        await self._redis.delete(mine)
        return int(signed_in)

    async def _tidy(self, mine: str) -> None:
        """Names of browsers whose time is over go when the next one comes."""
        for digest in await self._redis.smembers(mine):
            if not await self._redis.exists(keys.browser(digest)):
                await self._redis.srem(mine, digest)
