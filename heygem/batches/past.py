"""What has ended, told without reading all of it: a person's history may be long, and a page shows little of it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from heygem.batches.model import Person
from heygem.batches.states import BatchState
from heygem.redis import keys
from heygem.redis.connection import reaches_queue

_MOST = 1000
_FIELDS = ("state", "queued", "engine", "done", "failed", "cancelled")


@dataclass(frozen=True)
class Outline:
    """A batch that has ended. `done` of its videos were made, `missing` were not."""

    id: str
    state: BatchState
    engine: str
    done: int
    missing: int


@reaches_queue
class Past:
    def __init__(self, redis: Redis) -> None:
        self._redis: Any = redis  # redis-py types every answer as "awaitable or not"

    async def outlines(self, person: Person) -> list[Outline]:
        """The person's batches that have ended, newest first. What was thrown away before its start is none."""
        newest: list[str] = await self._redis.zrevrange(keys.owner_batches(person.owner), 0, _MOST - 1)
        async with self._redis.pipeline(transaction=False) as pipe:
            for batch_id in newest:
                pipe.hmget(keys.batch(batch_id), _FIELDS)
            found = await pipe.execute()
        outlines = (_outline(batch_id, *fields) for batch_id, fields in zip(newest, found, strict=True))
        return [outline for outline in outlines if outline]

    async def names(self, batch_ids: Iterable[str]) -> dict[str, list[str]]:
        """What the templates and the voice of each batch are called."""
        known = list(batch_ids)
        async with self._redis.pipeline(transaction=False) as pipe:
            for batch_id in known:
                pipe.zrange(keys.items(batch_id), 0, -1)
            items = dict(zip(known, await pipe.execute(), strict=True))
            for batch_id in known:
                pipe.hget(keys.batch(batch_id), "voice")
                for item in items[batch_id]:
                    pipe.hget(keys.item(batch_id, item), "template")
            files = iter(await pipe.execute())
        return {batch_id: _names(next(files) for _ in range(1 + len(items[batch_id]))) for batch_id in known}


def _outline(
    batch_id: str, state: str | None, queued: str | None, engine: str | None, *counts: str | None
) -> Outline | None:
    if state is None or not BatchState(state).terminal or not float(queued or 0):
        return None
    done, failed, cancelled = (int(count or 0) for count in counts)
    return Outline(batch_id, BatchState(state), engine or "", done, failed + cancelled)


def _names(files: Iterable[str | None]) -> list[str]:
    return [json.loads(file)["name"] for file in files if file]
