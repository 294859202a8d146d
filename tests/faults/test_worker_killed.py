"""SIGKILL of a worker at every moment of an item: it runs again within 15 s, and nothing is left of the first run."""

import signal
import time

from heygem.batches.model import ItemState
from tests.engines.stub_engine import Script
from tests.faults.house import House

PROMISED_SECONDS = 15.0  # of the design; the lease is 6 s, the sweep 2 s


async def test_items_whose_workers_are_killed_while_listening_early_and_late_run_again_within_15_seconds(
    house: House,
) -> None:
    workers = [house.start_worker() for _ in range(4)]
    children = [await house.render_child(worker) for worker in workers]
    moments = {
        "listen": Script(listen=4),
        "analyze": Script(analyze=4),
        "generate": Script(generate=4, size=3_000_000),
    }
    batches = [await house.generate(script) for script in moments.values()]
    for moment in moments:
        await house.until_noted(moment)

    holders = {(await house.item(batch)).worker.rpartition(":")[2] for batch in batches}
    victims = [worker for worker in workers if str(worker.pid) in holders]
    for worker in victims:
        worker.kill()
    killed = time.time()
    for worker in victims:
        worker.wait()
        house.start_worker()  # as whatever keeps workers alive does
    items = [(await house.ended(batch)).items[0] for batch in batches]

    assert len(victims) == 3
    assert [(item.state, item.fence, item.losses) for item in items] == [(ItemState.DONE, 2, 1)] * 3
    assert max(item.started for item in items) - killed < PROMISED_SECONDS
    assert [child.is_running() for child in children] == [worker not in victims for worker in workers]
    await house.swept()
    house.stop_workers()
    await house.check(*batches)


async def test_a_worker_killed_between_its_output_and_the_record_leaves_no_second_video(house: House) -> None:
    victim = house.start_worker()
    batch = await house.generate(Script(generate=0.5))
    await house.until_noted("generate")
    await house.redis.client_pause(30_000, all=False)  # finishing waits from here on
    results = house.storage.results(batch.owner.owner, batch.id)

    async def published() -> bool:
        return results.exists() and any(results.iterdir())

    await house.until(published)
    victim.kill()
    victim.wait()
    await house.redis.client_unpause()
    house.start_worker()
    ended = await house.ended(batch)

    assert (ended.items[0].state, ended.items[0].fence) == (ItemState.DONE, 2)
    await house.swept()
    house.stop_workers()
    await house.check(batch)


async def test_a_worker_that_was_frozen_past_its_lease_changes_nothing_when_it_wakes(house: House) -> None:
    sleeper = house.start_worker()
    batch = await house.generate(Script(generate=1.5))
    await house.until_noted("generate")
    sleeper.send_signal(signal.SIGSTOP)
    house.start_worker()

    ended = await house.ended(batch)
    sleeper.send_signal(signal.SIGCONT)

    assert (ended.items[0].state, ended.items[0].fence) == (ItemState.DONE, 2)
    await house.swept()
    house.stop_workers()
    await house.check(batch)
    assert (await house.item(batch)).fence == 2


async def test_an_item_that_is_cancelled_while_its_worker_is_dead_ends_and_leaves_nothing(house: House) -> None:
    victim = house.start_worker()
    batch = await house.generate(Script(generate=5))
    await house.until_noted("generate")
    victim.kill()
    victim.wait()
    await house.store.cancel(batch.id)
    house.start_worker()

    ended = await house.ended(batch)

    assert ended.items[0].state is ItemState.CANCELLED
    await house.swept()
    house.stop_workers()
    await house.check(batch)
