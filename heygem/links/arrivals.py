"""Files that arrive in pieces through an upload page.

What is on the disk (`Storage.partial`) is the truth about how much has arrived, so that it survives whatever process
dies; the record says what the whole will be. It goes with the batch, or a day after its last change.
"""

import hashlib
import json
import secrets
from enum import StrEnum
from typing import Any

from pydantic import BaseModel
from redis.asyncio import Redis

from heygem.base.errors import ErrorCode, HeygemError
from heygem.redis import keys
from heygem.redis.connection import reaches_queue

_KEPT_S = 24 * 3600


class ArrivalState(StrEnum):
    ARRIVING = "arriving"
    ADDED = "added"
    REFUSED = "refused"


class Arrival(BaseModel, frozen=True):
    """`size` in bytes is what was announced, `modified` the browser's time of the file: with the name they recognise a
    file that is chosen again. `purpose` is the invitation's; `sentence` what the person was told at the end.
    """

    id: str  # 26 hex digits
    purpose: str
    name: str
    size: int
    modified: int
    state: ArrivalState = ArrivalState.ARRIVING
    sentence: str = ""

    @classmethod
    def new(cls, purpose: str, name: str, size: int, modified: int) -> "Arrival":
        return cls(id=secrets.token_hex(13), purpose=purpose, name=name, size=size, modified=modified)

    @property
    def arriving(self) -> bool:
        return self.state is ArrivalState.ARRIVING

    @property
    def fingerprint(self) -> str:
        known = json.dumps([self.purpose, self.name, self.size, self.modified])
        return hashlib.sha256(known.encode()).hexdigest()


@reaches_queue
class Arrivals:
    """Every method raises QUEUE_UNREACHABLE when Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis  # redis-py types every answer as "awaitable or not"

    async def keep(self, batch_id: str, arrival: Arrival) -> None:
        key = keys.arrivals(batch_id)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(key, arrival.id, arrival.model_dump_json())
            pipe.expire(key, _KEPT_S)
            await pipe.execute()

    async def get(self, batch_id: str, arrival_id: str) -> Arrival:
        """Raises UPLOAD_LOST."""
        if kept := await self._redis.hget(keys.arrivals(batch_id), arrival_id):
            return Arrival.model_validate_json(kept)
        raise HeygemError(ErrorCode.UPLOAD_LOST)

    async def of(self, batch_id: str) -> list[Arrival]:
        kept = await self._redis.hvals(keys.arrivals(batch_id))
        return [Arrival.model_validate_json(each) for each in kept]

    async def drop(self, batch_id: str, arrival_id: str) -> None:
        await self._redis.hdel(keys.arrivals(batch_id), arrival_id)
