"""How much one person may use: minutes of video per day, bytes kept. Open batches and templates the store limits."""

import asyncio
import time
from pathlib import Path

from redis.asyncio import Redis

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import MB
from heygem.base.settings import Settings
from heygem.batches.model import Person
from heygem.redis import keys
from heygem.redis.connection import reaches_queue
from heygem.storage.layout import Storage

_DAY_S = 86_400


@reaches_queue
class Allowance:
    """A batch's owner pays for it, whoever added to it."""

    def __init__(self, redis: Redis, settings: Settings, storage: Storage) -> None:
        self._redis = redis
        self._quotas = settings.quotas
        self._storage = storage

    async def spend(self, owner: Person, minutes: float) -> None:
        """Take minutes from what is left today (by UTC).

        Raises:
            HeygemError: QUOTA_MINUTES; nothing is taken then.
        """
        limit = self._quotas.minutes_per_day
        spent = await self._add(owner, minutes)
        if spent <= limit:
            return
        left = limit - await self._add(owner, -minutes)
        raise HeygemError(
            ErrorCode.QUOTA_MINUTES,
            needed_min=round(minutes, 1),
            left_min=round(max(0.0, left), 1),
            limit_min=round(limit, 1),
        )

    async def give_back(self, owner: Person, minutes: float) -> None:
        await self._add(owner, -minutes)

    @property
    def most_kept(self) -> int:
        """Bytes."""
        return self._quotas.stored_mb * MB

    async def kept(self, owner: Person) -> int:
        """How many bytes are kept for this person now."""
        return await asyncio.to_thread(_bytes_below, self._storage.owner(owner.owner))

    async def require_room(self, owner: Person, needed: int) -> None:
        """Raise QUOTA_BYTES unless `needed` more bytes may be kept for this person."""
        left = self.most_kept - await self.kept(owner)
        if needed > left:
            raise HeygemError(
                ErrorCode.QUOTA_BYTES,
                needed_mb=-(-needed // MB),
                left_mb=max(0, left) // MB,
                limit_mb=self._quotas.stored_mb,
            )

    async def _add(self, owner: Person, minutes: float) -> float:
        key = keys.minutes(owner.owner, int(time.time() // _DAY_S))
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.incrbyfloat(key, minutes)
            pipe.expire(key, 2 * _DAY_S)
            spent, _ = await pipe.execute()
        return float(spent)


def _bytes_below(folder: Path) -> int:
    """What the person sent and got; caches are ours to empty and don't count."""
    total = 0
    for part in ("files", "results"):
        for path in (folder / part).rglob("*"):
            try:
                total += path.stat().st_size if path.is_file() else 0
            except FileNotFoundError:
                continue  # it went while we looked
    return total
