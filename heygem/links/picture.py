"""Addresses of templates' pictures, for a platform that fetches what it shows from our web page.

An address is signed, not remembered: it opens one picture for as long as its file is kept, and nobody can make another.
"""

import base64
import hashlib
import hmac
import secrets

from redis.asyncio import Redis

from heygem.redis import keys
from heygem.redis.connection import reaches_queue

_SECRET_BYTES = 32


@reaches_queue
class PictureLinks:
    """Every method raises QUEUE_UNREACHABLE when Redis does not answer."""

    def __init__(self, redis: Redis, base_url: str) -> None:
        self._redis = redis
        self._base_url = base_url
        self._secret = ""

    async def url(self, owner: str, sha256: str) -> str:
        """A secret like any link: it reaches no log."""
        return f"{self._base_url}/t/{await self._signature(owner, sha256)}/{owner}/{sha256}.jpg"

    async def opens(self, signature: str, owner: str, sha256: str) -> bool:
        expected = await self._signature(owner, sha256)
        return hmac.compare_digest(signature.encode(errors="replace"), expected.encode())

    async def _signature(self, owner: str, sha256: str) -> str:
        if not self._secret:
            await self._redis.set(keys.PICTURE_SECRET, secrets.token_hex(_SECRET_BYTES), nx=True)
            self._secret = str(await self._redis.get(keys.PICTURE_SECRET))
        signed = hmac.digest(self._secret.encode(), f"{owner}:{sha256}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(signed).decode().rstrip("=")
