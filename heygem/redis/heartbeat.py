"""A bot says every few seconds that it lives, what keeps it from working, and what it is called.

`heygem.health` asks for the first two, the web server for the last.
"""

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.tasks import end
from heygem.redis import keys
from heygem.redis.connection import reaching_queue
from heygem.redis.handles import tell
from heygem.redis.scripts import Scripts

BEAT_S = 5.0
ALIVE_S = 30.0  # who was silent for so long counts as gone


class Heart:
    """Of one bot. `trouble` tells what keeps it from working at the moment; None: nothing.

    `handle`: the platform, and what the bot is called there; None as long as it was not told.
    """

    def __init__(self) -> None:
        self.trouble: Callable[[], HeygemError | None] = lambda: None
        self.handle: tuple[str, str] | None = None


def this_process() -> str:
    """Its name among all: <machine>:<process>. Each container is a machine of its own."""
    return f"{socket.gethostname()}:{os.getpid()}"


@asynccontextmanager
async def beating(redis: Redis) -> AsyncIterator[Heart]:
    """Beat as long as the block; a Redis that is away is waited for."""
    heart = Heart()
    task = asyncio.create_task(_beat(redis, this_process(), heart))
    try:
        yield heart
    finally:
        await end([task])
        with contextlib.suppress(HeygemError), reaching_queue():
            await redis.zrem(keys.BOTS, this_process())
            await redis.delete(keys.trouble(this_process()))


async def trouble_of(redis: Redis, bot: str) -> HeygemError | None:
    said = await redis.get(keys.trouble(bot))
    if said is None:
        return None
    trouble = json.loads(said)
    return HeygemError(ErrorCode(trouble["code"]), **trouble["params"])


async def _beat(redis: Redis, name: str, heart: Heart) -> None:
    while True:
        with contextlib.suppress(HeygemError), reaching_queue():
            await Scripts(redis).run("beat", "bots", name, ALIVE_S, "")
            await _say(redis, name, heart.trouble())
            if heart.handle:
                await tell(redis, *heart.handle)
        await asyncio.sleep(BEAT_S)


async def _say(redis: Redis, name: str, trouble: HeygemError | None) -> None:
    if trouble is None:
        await redis.delete(keys.trouble(name))
    else:
        said = json.dumps({"code": trouble.code, "params": dict(trouble.params)})
        await redis.set(keys.trouble(name), said, ex=round(ALIVE_S))
