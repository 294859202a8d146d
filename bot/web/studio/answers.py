"""What the dialogue answered to a press, kept until the page that it leads back to shows it, once.

So a page that is loaded anew repeats nothing. An answer may hold a link's token: Redis gets it sealed with the
browser's cookie, of which it has nothing but the hash.
"""

import base64
import hashlib
import re
import secrets

from pydantic import TypeAdapter
from redis.asyncio import Redis

from bot.web.studio.page import Told
from heygem.base.tokens import digest_of
from heygem.redis import keys
from heygem.redis.connection import reaches_queue

_KEPT_S = 300
_NAME = re.compile(r"[0-9a-f]{32}")
_TOLD = TypeAdapter(tuple[Told, ...])


@reaches_queue
class Answers:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def keep(self, cookie: str, told: tuple[Told, ...]) -> str:
        """The name by which the page asks for it."""
        name = secrets.token_hex(16)
        sealed = base64.b64encode(_turned(cookie, name, _TOLD.dump_json(told))).decode()
        await self._redis.set(keys.studio_answer(digest_of(cookie), name), sealed, ex=_KEPT_S)
        return name

    async def take(self, cookie: str, name: str) -> tuple[Told, ...]:
        """Nothing where it was shown already. `name` may be anything."""
        known = _NAME.fullmatch(name)
        sealed = await self._redis.getdel(keys.studio_answer(digest_of(cookie), name)) if known else None
        return _TOLD.validate_json(_turned(cookie, name, base64.b64decode(sealed))) if sealed else ()


def _turned(cookie: str, name: str, content: bytes) -> bytes:
    """Sealed, or opened again: each answer has a key stream of its own, since no name comes twice."""
    stream = hashlib.shake_256(f"{cookie}:{name}".encode()).digest(len(content))
    return bytes(one ^ other for one, other in zip(content, stream, strict=True))
