"""A bot says every few seconds that it lives; `heygem.health` asks for it."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from heygem.batches import keys
from heygem.batches.connection import reaching_queue
from heygem.batches.scripts import Scripts
from heygem.errors import HeygemError
from heygem.tasks import end

BEAT_S = 5.0
ALIVE_S = 30.0  # who was silent for so long counts as gone


def this_process() -> str:
    """Its name among all: <machine>:<process>. Each container is a machine of its own."""
    return f"{socket.gethostname()}:{os.getpid()}"


@asynccontextmanager
async def beating(redis: Redis) -> AsyncIterator[None]:
    """Beat as long as the block; a Redis that is away is waited for."""
    task = asyncio.create_task(_beat(redis, this_process()))
    try:
        yield
    finally:
        await end([task])
        with contextlib.suppress(HeygemError), reaching_queue():
            await redis.zrem(keys.BOTS, this_process())


async def _beat(redis: Redis, name: str) -> None:
    while True:
        with contextlib.suppress(HeygemError), reaching_queue():
            await Scripts(redis).run("beat", "bots", name, ALIVE_S, "")
        await asyncio.sleep(BEAT_S)
