"""Redis goes and comes back: what was acknowledged is there, and the worker goes on by itself."""

import asyncio
import os
import signal

from heygem.batches.model import ItemState
from heygem.redis import keys
from heygem.redis.connection import reply
from tests.engines.stub_engine import Script
from tests.faults.house import House
from tests.patience import PATIENCE_SECONDS


def kill_redis(house: House) -> None:
    assert house.server.pid is not None
    os.kill(house.server.pid, signal.SIGKILL)
    os.waitpid(house.server.pid, 0)


async def test_a_render_survives_a_killed_redis(house: House) -> None:
    worker = house.start_worker()
    batch = await house.generate(Script(generate=3), Script())
    await house.until_noted("generate")

    kill_redis(house)
    house.server.start()
    ended = await house.ended(batch)

    assert [(item.state, item.fence) for item in ended.items] == [(ItemState.DONE, 1)] * 2
    assert worker.poll() is None
    house.stop_workers()
    await house.check(batch)


async def test_an_idle_worker_hears_the_next_batch_after_redis_was_away(house: House) -> None:
    worker = house.start_worker()
    await house.render_child(worker)
    kill_redis(house)
    await asyncio.sleep(2.5)  # longer than any retry inside the clients: arq's worker gives up
    house.server.start()
    assert worker.poll() is None

    batch = await house.until(lambda: house.generate(Script()))
    ended = await house.ended(batch)

    assert ended.items[0].state is ItemState.DONE
    house.stop_workers()
    await house.check(batch)


async def test_a_result_waits_for_redis(house: House) -> None:
    house.start_worker()
    batch = await house.generate(Script(generate=0.5))
    await house.until_noted("generate")
    kill_redis(house)
    results = house.storage.results(batch.owner.owner, batch.id)

    async def published() -> bool:
        return results.exists() and any(results.iterdir())

    await house.until(published)
    house.server.start()
    ended = await house.ended(batch)

    assert (ended.items[0].state, ended.items[0].fence) == (ItemState.DONE, 1)
    house.stop_workers()
    await house.check(batch)


async def test_a_worker_that_is_told_to_stop_while_redis_is_away_stops(house: House) -> None:
    worker = house.start_worker()
    batch = await house.generate(Script(generate=3))
    await house.until_noted("generate")
    kill_redis(house)

    worker.terminate()
    assert worker.wait(PATIENCE_SECONDS) == 0
    house.server.start()
    house.start_worker()
    ended = await house.ended(batch)

    assert ended.items[0].state is ItemState.DONE
    await house.swept()
    house.stop_workers()
    await house.check(batch)


async def test_a_bell_that_arq_has_forgotten_stops_nothing(house: House) -> None:
    await reply(house.redis.zadd(keys.QUEUE, {f"{keys.BELL}:0": 1}))  # in the queue, but without its job
    worker = house.start_worker()

    batch = await house.generate(Script())
    ended = await house.ended(batch)

    assert ended.items[0].state is ItemState.DONE
    assert worker.poll() is None
    house.stop_workers()
    assert [key async for key in house.redis.scan_iter(match="arq:result:*")] == []
    await house.check(batch)
