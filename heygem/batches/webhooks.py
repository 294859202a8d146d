"""Whom to tell of a batch, and what was told: kept with the batch, and gone with it.

A batch that changed stays dirty until everything about it was told (`Store.clean`), so a restart loses nothing.
"""

from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from redis.asyncio import Redis

from heygem.batches.scripts import QUEUE
from heygem.redis import keys
from heygem.redis.connection import reaches_queue
from heygem.redis.scripts import Scripts

_HOOK = "hook"
_TRIED = "tried:"


class Hook(BaseModel, frozen=True):
    """`secret` signs what is sent to `url`; neither is ever logged."""

    url: str
    secret: str


class Tried(BaseModel, frozen=True):
    """How often something was sent, and when to send it again (Unix seconds), unless that is settled."""

    times: int = 0
    again: float = 0.0
    settled: bool = False


@dataclass(frozen=True)
class Told:
    """`tried` has an entry for each event that was sent at least once."""

    hook: Hook
    tried: dict[str, Tried] = field(default_factory=dict)


@reaches_queue
class Webhooks:
    """Every method raises QUEUE_UNREACHABLE when Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis  # redis-py types every answer as "awaitable or not"
        self._scripts = Scripts(redis, QUEUE)

    async def create(self, batch_id: str, hook: Hook) -> None:
        await self._redis.hset(keys.webhook(batch_id), _HOOK, hook.model_dump_json())

    async def find(self, batch_id: str) -> Told | None:
        record = await self._redis.hgetall(keys.webhook(batch_id))
        if _HOOK not in record:
            return None
        tried = {
            name.removeprefix(_TRIED): Tried.model_validate_json(value)
            for name, value in record.items()
            if name.startswith(_TRIED)
        }
        return Told(Hook.model_validate_json(record[_HOOK]), tried)

    async def record(self, batch_id: str, event: str, tried: Tried) -> None:
        await self._scripts.run("webhook_tried", batch_id, _TRIED + event, tried.model_dump_json())
