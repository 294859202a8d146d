"""Cancel in every state of a batch."""

import time

from heygem.batches.model import BatchState, ItemState
from tests.engines.stub_engine import Script
from tests.faults.house import House

PROMISED_SECONDS = 2.0
SLACK_SECONDS = 8.0  # for a busy machine; the engine would take 30 s


async def test_a_collecting_batch_is_cancelled_without_a_worker(house: House) -> None:
    batch = await house.collect(Script(), Script())

    cancelled = await house.store.cancel(batch.id)

    assert cancelled.state is BatchState.CANCELLED
    await house.check(batch)


async def test_a_queued_batch_that_was_cancelled_is_not_rendered(house: House) -> None:
    batch = await house.generate(Script(), Script())
    await house.store.cancel(batch.id)
    house.start_worker()
    other = await house.generate(Script())
    await house.ended(other)

    assert len(house.noted("render")) == 1
    house.stop_workers()
    await house.check(batch, other)


async def test_a_running_render_is_cancelled_within_two_seconds_and_its_process_stays(house: House) -> None:
    moments = {"listen": Script(listen=30), "analyze": Script(analyze=30), "generate": Script(generate=30)}
    worker = house.start_worker()
    child = await house.render_child(worker)
    batches = []
    for moment, script in moments.items():
        noted = len(house.noted(moment))
        batch = await house.generate(script, Script())
        await house.until_noted(moment, noted + 1)

        asked = time.time()
        await house.store.cancel(batch.id)
        ended = await house.ended(batch)

        assert ended.ended - asked < PROMISED_SECONDS + SLACK_SECONDS, moment
        assert [item.state for item in ended.items] == [ItemState.CANCELLED] * 2
        batches.append(batch)
    following = await house.generate(Script())
    await house.ended(following)
    assert (await house.render_child(worker)).pid == child.pid
    house.stop_workers()
    await house.check(*batches, following)


async def test_a_render_that_does_not_listen_is_killed(house: House) -> None:
    worker = house.start_worker()
    batch = await house.generate(Script(generate=60, deaf=True))
    await house.until_noted("generate")
    child = await house.render_child(worker)

    await house.store.cancel(batch.id)
    ended = await house.ended(batch)

    assert ended.items[0].state is ItemState.CANCELLED
    assert not child.is_running()
    following = await house.generate(Script())
    assert (await house.ended(following)).items[0].state is ItemState.DONE
    house.stop_workers()
    await house.check(batch, following)


async def test_what_was_done_before_the_cancellation_is_kept(house: House) -> None:
    house.start_worker()
    whole = await house.generate(Script())
    await house.ended(whole)
    assert (await house.store.cancel(whole.id)).state is BatchState.DONE
    batch = await house.generate(Script(), Script(generate=30))
    await house.until_noted("generate")

    await house.store.cancel(batch.id)
    ended = await house.ended(batch)

    assert ended.state is BatchState.CANCELLED
    assert [item.state for item in ended.items] == [ItemState.DONE, ItemState.CANCELLED]
    house.stop_workers()
    await house.check(whole, batch)


async def test_a_batch_that_is_deleted_under_a_render_leaves_nothing(house: House) -> None:
    house.start_worker()
    batch = await house.generate(Script(generate=30))
    await house.until_noted("generate")

    await house.store.delete(batch.id)
    await house.swept()

    assert not house.storage.results(batch.owner.owner, batch.id).exists()
    house.stop_workers()
    await house.check()
