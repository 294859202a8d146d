"""`python -m heygem.health`, as a container runs it."""

import asyncio
import os
import socket
import sys
from contextlib import AsyncExitStack

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from bot.chat.assembly import open_bot
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.batches import workers
from heygem.health import alive
from heygem.redis import heartbeat, keys
from heygem.redis.heartbeat import this_process
from tests.uploading import until


async def test_a_bot_is_alive_while_it_runs(redis: Redis, settings: Settings) -> None:
    assert not await alive("bot", settings)
    async with AsyncExitStack() as running:
        await running.enter_async_context(open_bot(settings))
        await until(lambda: alive("bot", settings))
    assert not await alive("bot", settings)


async def test_a_bot_that_lives_and_cannot_work_is_not_healthy_and_a_sentence_says_why(
    redis: Redis, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "BEAT_S", 0.05)
    assert settings.redis_url is not None
    async with open_bot(settings) as bot:
        bot.heart.trouble = lambda: HeygemError(ErrorCode.CONNECTION_LOST, service="Slack", seconds=20)
        await until(lambda: redis.exists(keys.trouble(this_process())))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "heygem.health", "bot"),
            env=os.environ | {"HEYGEM_REDIS_URL": settings.redis_url.get_secret_value()},
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await process.communicate()
    assert process.returncode == 1
    sentence = "Nothing is heard from Slack: the connection has been lost for 20 s. [connection_lost]"
    assert said.decode().strip() == sentence
    assert not await redis.exists(keys.trouble(this_process()))


async def test_a_worker_is_alive_while_its_heart_beats(redis: Redis, settings: Settings) -> None:
    assert not await alive("worker", settings)
    await workers.beat(redis, this_process(), workers.Offer())
    assert await alive("worker", settings)


@pytest.mark.parametrize("other", ["elsewhere:1", f"{socket.gethostname()}-2:1"])
async def test_another_machines_life_is_not_ours(redis: Redis, settings: Settings, other: str) -> None:
    await workers.beat(redis, other, workers.Offer())
    assert not await alive("worker", settings)


async def test_who_was_silent_too_long_is_gone(redis: Redis, settings: Settings) -> None:
    seconds, _ = await redis.time()
    await redis.zadd(keys.BOTS, {this_process(): seconds - 1})
    assert not await alive("bot", settings)


@pytest.mark.parametrize(
    ("redis_there", "argument", "code"),
    [(True, "worker", 0), (True, "bot", 1), (False, "worker", 1), (True, "nonsense", 2)],
)
async def test_the_exit_code_says_it(
    redis: Redis, settings: Settings, redis_there: bool, argument: str, code: int
) -> None:
    assert settings.redis_url is not None
    await workers.beat(redis, this_process(), workers.Offer())
    url = settings.redis_url if redis_there else SecretStr("unix:///nowhere/redis.sock")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "heygem.health", argument),
        env=os.environ | {"HEYGEM_REDIS_URL": url.get_secret_value()},
        stderr=asyncio.subprocess.DEVNULL,
    )

    assert await process.wait() == code
