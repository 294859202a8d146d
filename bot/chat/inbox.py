"""What a platform believes that we have, and we have not answered yet, in Redis.

A platform delivers again what was not acknowledged, and never again what was. So what comes is written down first: then
it survives our death, and a second delivery of it is known as such. What ends our process each time is given up, and
whoever sent it is told.
"""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis

from bot.dialogue.ordering import aside
from heygem.base.errors import HeygemError
from heygem.redis import keys
from heygem.redis.connection import reaches_queue, reply
from heygem.redis.scripts import Scripts

_log = logging.getLogger(__name__)

TRIES = 3  # deaths of ours until something is given up
_KEPT_S = 86_400
_SEEN_S = 2 * 86_400  # Telegram repeats an update for a day at most, Slack an event for an hour

Step = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Envelope:
    """`id` is the same when the platform delivers it again; `event` is JSON."""

    id: str
    event: str


@reaches_queue
class Inbox:
    """`name` is the front end's. Methods raise QUEUE_UNREACHABLE when Redis is away, except for `answer`."""

    def __init__(self, redis: Redis, name: str) -> None:
        self._redis = redis
        self._name = name
        self._scripts = Scripts(redis)
        self._ours: set[str] = set()  # what came in this life
        self._tries: dict[str, int] = {}  # of what an earlier life left
        self._last_tries = asyncio.Lock()

    async def put(self, envelope: Envelope) -> bool:
        """Write it down; False: it came before."""
        if not await self._write(envelope):
            return False
        self._ours.add(envelope.id)
        return True

    async def begin(self, number: str) -> int:
        """Count a try of what is written down; which one it is, 0 for what is not."""
        return int(await self._scripts.run("inbox_begin", self._name, number))

    async def leave(self, number: str) -> None:
        """The try was ended by ourselves: it counts for nothing."""
        await reply(self._redis.hincrby(keys.inbox_tries(self._name), number, -1))

    async def done(self, number: str) -> None:
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hdel(keys.inbox(self._name), number)
            pipe.hdel(keys.inbox_tries(self._name), number)
            await pipe.execute()
        self._ours.discard(number)

    async def left(self) -> list[Envelope]:
        """What an earlier life of ours did not finish, oldest first; what is older than a day is dropped."""
        kept = await reply(self._redis.hgetall(keys.inbox(self._name)))
        tries = await reply(self._redis.hgetall(keys.inbox_tries(self._name)))
        self._tries = {number: int(count) for number, count in tries.items()}
        entries = sorted((json.loads(entry) | {"id": number} for number, entry in kept.items()), key=_age)
        fresh = [entry for entry in entries if time.time() - entry["at"] <= _KEPT_S]
        for entry in entries[: len(entries) - len(fresh)]:
            _log.warning("%s was not answered for a day", entry["id"])
            await self.done(entry["id"])
        return [Envelope(entry["id"], entry["event"]) for entry in fresh if entry["id"] not in self._ours]

    async def adopt(self, key: str, read: Callable[[str], tuple[float, str]], *counts: str) -> None:
        """Take over what an earlier version kept in a hash; `read` tells what to sort an entry by, and its event.

        `counts` are keys that went with it; they go.
        """
        kept = await reply(self._redis.hgetall(key))
        for number, entry in sorted(kept.items(), key=lambda each: read(each[1])[0]):
            await self._write(Envelope(number, read(entry)[1]))
            await reply(self._redis.hdel(key, number))
        if counts:
            await self._redis.delete(*counts)

    async def answer(self, number: str, handle: Step, give_up: Step) -> None:
        """Handle it and cross it out, or give it up. Works without Redis too; what `handle` raises is logged."""
        if self._tries.get(number, 0) < TRIES - 1:
            await self._answer(number, handle, give_up)
        else:
            async with self._alone():
                await self._answer(number, handle, give_up)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """One by one: of all that were at work when we died, one is to blame. Waiting for that keeps nobody else."""
        async with aside():
            await self._last_tries.acquire()
        try:
            yield
        finally:
            self._last_tries.release()

    async def _answer(self, number: str, handle: Step, give_up: Step) -> None:
        tries = await self._begun(number)
        if tries > TRIES:
            _log.error("%s ended our process %d times and is given up", number, TRIES)
        try:
            if tries <= TRIES:
                await handle()
            elif tries == TRIES + 1:  # where that is deadly too, nobody is told
                await give_up()
        except asyncio.CancelledError:
            if tries:
                await self._forgiving(self.leave(number))
            raise
        except Exception:
            _log.exception("%s could not be answered", number)
        await self._forgiving(self.done(number))

    async def _write(self, envelope: Envelope) -> bool:
        entry = json.dumps({"at": time.time(), "event": envelope.event})
        return bool(await self._scripts.run("inbox_put", self._name, envelope.id, entry, _SEEN_S))

    async def _begun(self, number: str) -> int:
        try:
            return await self.begin(number)
        except HeygemError as error:
            _log.warning("working without the inbox: %s", error)
            return 0

    async def _forgiving(self, step: Awaitable[None]) -> None:
        try:
            await step
        except HeygemError as error:
            _log.warning("the inbox keeps what it need not: %s", error)


def _age(entry: dict[str, float]) -> float:
    return entry["at"]
