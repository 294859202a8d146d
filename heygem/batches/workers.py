"""Which workers are alive, and what each can do: each says so every few seconds."""

from enum import StrEnum

from pydantic import BaseModel
from redis.asyncio import Redis

from heygem.engines import AUTO
from heygem.redis import keys
from heygem.redis.clock import now
from heygem.redis.scripts import Scripts

BEAT_S = 2.0
ALIVE_S = 10.0  # a worker that was silent for so long counts as gone


class Health(StrEnum):
    """What a worker knows of an engine. It claims only for those that are ready."""

    UNTRIED = "untried"  # everything seems to be there; tried as soon as something waits for it
    READY = "ready"  # the latest try or render gave a video
    ILL = "ill"  # the machine fails it; tried again now and then


class Stall(StrEnum):
    """Why nothing of an engine is claimed at the moment."""

    NO_WORKER = "no_worker"
    ILL = "ill"  # wherever the engine is, the machine fails it


class Offer(BaseModel, frozen=True):
    """`auto` is the engine that the worker would take for "auto"; "" while it has none. `listens`: seconds that its
    Whisper is taken to need for a second of voice, 0 where nobody has measured that; None: it has no Whisper.
    """

    engines: dict[str, Health] = {}
    auto: str = ""
    listens: float | None = None

    def serves(self, engine: str) -> bool:
        """Whether it has the engine, or any for "auto", and does not know it to be ill."""
        return any(health is not Health.ILL for name, health in self.engines.items() if engine in (name, AUTO))


async def beat(redis: Redis, worker: str, offer: Offer) -> None:
    """Say that `worker` lives, and what it serves; call every BEAT_S."""
    await Scripts(redis).run("beat", "workers", worker, ALIVE_S, offer.model_dump_json())


async def leave(redis: Redis, worker: str) -> None:
    async with redis.pipeline(transaction=True) as pipe:
        pipe.zrem(keys.WORKERS, worker)
        pipe.hdel(keys.OFFERS, worker)
        await pipe.execute()


async def alive(redis: Redis) -> int:
    """How many workers are alive."""
    return int(await redis.zcount(keys.WORKERS, await now(redis), "+inf"))


async def offers(redis: Redis) -> list[Offer]:
    """What the living workers serve. One of an earlier version says nothing and is left out."""
    if not (living := await redis.zrangebyscore(keys.WORKERS, await now(redis), "+inf")):
        return []
    said: list[str | None] = await redis.hmget(keys.OFFERS, living)  # type: ignore[misc]
    return [Offer.model_validate_json(each) for each in said if each]


async def stall(redis: Redis, engine: str) -> Stall | None:
    """Why items of `engine` wait for more than their turn; None where they don't."""
    if not await alive(redis):
        return Stall.NO_WORKER
    said = await offers(redis)
    return Stall.ILL if said and not any(offer.serves(engine) for offer in said) else None
