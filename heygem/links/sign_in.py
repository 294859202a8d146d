"""Sign-in links: a random token from a private chat that signs one browser in, once.

Opening the address takes nothing: chats and virus scanners fetch whatever is sent. Only the button on it does. Redis
keeps the token's sha256 and never the token.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from redis.asyncio import Redis

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.sentences import Language
from heygem.base.settings import Settings
from heygem.base.tokens import digest_of, is_token, new_token
from heygem.batches.model import Person, Place
from heygem.redis import keys
from heygem.redis.connection import reaches_queue

SIGN_IN_S = 15 * 60


class SignIn(BaseModel, frozen=True):
    """Who signs in, and the place where their batches are collected: in a private chat, that chat."""

    person: Person
    place: Place
    language: Language


@dataclass(frozen=True)
class SignInLink:
    """Whoever has `url` acts as that person: it is never logged. It opens for `lasts_s` seconds."""

    url: str
    lasts_s: int = SIGN_IN_S


@reaches_queue
class SignInLinks:
    """Every method raises QUEUE_UNREACHABLE when Redis does not answer."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis: Any = redis  # redis-py types every answer as "awaitable or not"
        self._base_url = settings.web.base_url

    async def create(self, sign_in: SignIn) -> SignInLink:
        """A new link; the person's earlier one opens nothing any more."""
        token = new_token()
        digest, mine = digest_of(token), keys.owner_sign_in(sign_in.person.owner)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.set(keys.sign_in(digest), sign_in.model_dump_json(), ex=SIGN_IN_S)
            pipe.set(mine, digest, ex=SIGN_IN_S, get=True)
            _, before = await pipe.execute()
        if before:
            await self._redis.delete(keys.sign_in(before))
        return SignInLink(f"{self._base_url}/studio/enter/{token}")

    async def look(self, token: str) -> SignIn:
        """Who would sign in. `token` may be anything that a stranger types. Raises SIGN_IN_UNKNOWN."""
        return _known(await self._redis.get(keys.sign_in(digest_of(token))) if is_token(token) else None)

    async def take(self, token: str) -> SignIn:
        """Use the link up. Of two at once, one gets it. Raises SIGN_IN_UNKNOWN."""
        return _known(await self._redis.getdel(keys.sign_in(digest_of(token))) if is_token(token) else None)

    async def forget(self, person: Person) -> None:
        if digest := await self._redis.getdel(keys.owner_sign_in(person.owner)):
            await self._redis.delete(keys.sign_in(digest))


def _known(kept: str | None) -> SignIn:
    if kept is None:
        raise HeygemError(ErrorCode.SIGN_IN_UNKNOWN)
    return SignIn.model_validate_json(kept)
