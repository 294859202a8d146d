"""Passwords of shared links.

A password becomes a key by a slow, salted hash. The browser that gave the password keeps the key, as its cookie; Redis
keeps the salt and the key's sha256. So nothing that Redis keeps opens a link, and no key is made without its password.
"""

import asyncio
import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from functools import partial

from redis.asyncio import Redis

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.tokens import digest_of
from heygem.redis import keys
from heygem.redis.connection import reaches_queue

LEAST, MOST = 6, 200  # characters
TRIES = 10  # wrong passwords for one link before a pause, whoever tries
PAUSE_S = 600

_SALT_BYTES = 16
_AT_ONCE = 2  # each holds 16 MB and a core for half a second
_slow_hash = partial(hashlib.scrypt, n=2**14, r=8, p=5, dklen=32)


@dataclass(frozen=True)
class Lock:
    """What is kept of a password."""

    salt: str
    key_sha256: str

    def fits(self, key: str) -> bool:
        """`key` may be anything that a stranger's browser sends."""
        return hmac.compare_digest(digest_of(key), self.key_sha256)


@reaches_queue
class Locks:
    """Every method raises QUEUE_UNREACHABLE when Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._hashing = asyncio.Semaphore(_AT_ONCE)

    async def new(self, password: str) -> Lock:
        """Raises PASSWORD_UNFIT."""
        password = _typed(password)
        if not LEAST <= len(password) <= MOST:
            raise HeygemError(ErrorCode.PASSWORD_UNFIT, least=LEAST, most=MOST, actual=len(password))
        salt = secrets.token_hex(_SALT_BYTES)
        return Lock(salt, digest_of(await self._key(password, salt)))

    async def key(self, digest: str, lock: Lock, password: str) -> str:
        """The key to the link with this digest. Every try is counted before it is looked at, and a right one taken off.

        Raises:
            HeygemError: PASSWORD_WRONG, PASSWORD_TRIES.
        """
        password = _typed(password)
        count, left_s = await self._count(digest, 1)
        if count > TRIES:
            raise HeygemError(ErrorCode.PASSWORD_TRIES, retry_s=max(1, left_s))
        key = await self._key(password, lock.salt) if len(password) <= MOST else ""
        if not lock.fits(key):
            raise HeygemError(ErrorCode.PASSWORD_WRONG, left=TRIES - count)
        await self._count(digest, -1)
        return key

    async def _count(self, digest: str, change: int) -> tuple[int, int]:
        """How many tries there were, and in how many seconds they are forgotten."""
        key = keys.link_tries(digest)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.set(key, 0, ex=PAUSE_S, nx=True)
            pipe.incrby(key, change)
            pipe.ttl(key)
            _, count, left_s = await pipe.execute()
        return count, left_s

    async def _key(self, password: str, salt: str) -> str:
        async with self._hashing:
            return (await asyncio.to_thread(_slow_hash, password.encode(), salt=bytes.fromhex(salt))).hex()


def _typed(password: str) -> str:
    """Keyboards write one character in several ways; they mean the same."""
    return unicodedata.normalize("NFC", password)
