"""What a batch has to expect: how many are before it, which engine "auto" is, why nothing moves, how fast it goes."""

from dataclasses import dataclass

from redis.asyncio import Redis

from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches import workers
from heygem.batches.model import Batch, ItemState
from heygem.batches.scripts import QUEUE
from heygem.engines import AUTO, ENGINES
from heygem.redis import keys
from heygem.redis.connection import reaches_queue, reply
from heygem.redis.scripts import Scripts


@dataclass(frozen=True)
class Position:
    """About how many items of all owners are claimed before a batch's next one; `own`: how many other items of its own
    owner's are among those.
    """

    ahead: int
    own: int


@reaches_queue
class Outlook:
    """All methods raise QUEUE_UNREACHABLE when Redis is away."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._scripts = Scripts(redis, QUEUE)

    async def position(self, batch_id: str) -> Position:
        """Of a collecting batch, where it would stand if it were generated now. 0 is exact: next, or none waits."""
        return Position(*await self._scripts.run("position", batch_id, _best_of(await workers.offers(self._redis))))

    async def stall(self, batch: Batch) -> workers.Stall | None:
        """Why none of the batch's waiting items is claimed, however long they wait; None where their turn comes."""
        states = {item.state for item in batch.items}
        waits = batch.queued and not batch.paused and ItemState.WAITING in states and ItemState.RUNNING not in states
        return await workers.stall(self._redis, batch.engine) if waits else None

    async def pace(self) -> float | None:
        """How many seconds of work a second of video takes, by the latest ones; None while nothing was rendered."""
        latest = await reply(self._redis.lrange(keys.PACES, 0, -1))
        return sum(map(float, latest)) / len(latest) if latest else None

    async def listening(self) -> float:
        """How many seconds Whisper works on a second of voice, by the latest ones, else as the workers guess; 0 where
        none of them has a Whisper, or nobody knows.
        """
        guesses = [offer.listens for offer in await workers.offers(self._redis) if offer.listens is not None]
        if not guesses:
            return 0.0
        latest = await reply(self._redis.lrange(keys.LISTENINGS, 0, -1))
        return sum(map(float, latest)) / len(latest) if latest else max(guesses)

    async def auto(self, batch_id: str) -> str:
        """What "auto" is for a batch that starts now. While no worker is there, the first that comes decides.

        Raises:
            HeygemError: ENGINE_UNAVAILABLE if workers are there and none of them has the batch's engine.
        """
        offers = await workers.offers(self._redis)
        engine = await reply(self._redis.hget(keys.batch(batch_id), "engine"))
        if offers and engine not in (None, AUTO) and not any(engine in offer.engines for offer in offers):
            raise HeygemError(ErrorCode.ENGINE_UNAVAILABLE, engine=str(engine), missing="a worker that has it")
        return _best_of(offers)


def _best_of(offers: list[workers.Offer]) -> str:
    named = {offer.auto for offer in offers}
    return next((name for name in ENGINES if name in named), AUTO)
