"""What a person may rely on about what waits of theirs: paused, put first, taken out, one by one."""

import pytest
from redis.asyncio import Redis

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.batches.claims import Claim, Claims, Hold
from heygem.batches.model import BatchState, Failure, ItemState, output_name
from heygem.batches.outlook import Position
from heygem.batches.retention import DAY_S, sweep_old
from heygem.batches.store import Store
from heygem.redis import keys
from heygem.storage.layout import Storage
from tests import factories
from tests.factories import ANNA, BORIS

CANCELLED = Failure(code=ErrorCode.CANCELLED)


@pytest.fixture
def store(redis: Redis, settings: Settings) -> Store:
    return Store(redis, settings)


@pytest.fixture
def claims(redis: Redis, settings: Settings) -> Claims:
    return Claims(redis, settings)


async def claimed(claims: Claims) -> Claim:
    claim = await factories.claim(claims)
    assert claim
    return claim


async def finish(claims: Claims, claim: Claim) -> None:
    assert await claims.finish(claim, factories.output(output_name(claim.item.id, claim.fence)))


async def order(claims: Claims) -> list[str]:
    """The batches in whose favour one worker claims, until nothing is left."""
    served = []
    while claim := await factories.claim(claims):
        served.append(claim.batch.id)
        await finish(claims, claim)
    return served


async def test_a_paused_batch_is_not_claimed_and_goes_on_where_it_stood(
    store: Store, claims: Claims, storage: Storage
) -> None:
    batch = await factories.queued_batch(store, storage, templates=2)
    later = await factories.queued_batch(store, storage, templates=1)
    await store.line.pause(batch.id)
    await store.line.pause(batch.id)
    assert (await store.get(batch.id)).paused
    assert await store.outlook.position(later.id) == Position(0, 0)
    claim = await claimed(claims)
    assert claim.batch.id == later.id
    assert await factories.claim(claims) is None
    assert await factories.sweep(claims) == 0
    await store.line.resume(batch.id)
    assert not (await store.get(batch.id)).paused
    assert await factories.sweep(claims) == 2
    assert await order(claims) == [batch.id, batch.id]


@pytest.mark.parametrize("end", ["released", "lost"])
async def test_what_comes_back_to_a_paused_batch_waits_with_it(
    end: str, store: Store, claims: Claims, storage: Storage
) -> None:
    batch = await factories.queued_batch(store, storage, templates=2)
    running = await claimed(claims)
    await store.line.pause(batch.id)
    assert await claims.renew(running) is Hold.HELD
    assert await (claims.release(running) if end == "released" else claims.lose(running))
    assert await factories.claim(claims) is None
    await store.line.resume(batch.id)
    assert (await claimed(claims)).item.id == running.item.id


async def test_a_paused_batch_ends_with_what_ran_and_can_be_cancelled(
    store: Store, claims: Claims, storage: Storage, redis: Redis
) -> None:
    batch = await factories.queued_batch(store, storage, templates=2)
    running = await claimed(claims)
    await store.line.pause(batch.id)
    await finish(claims, running)
    assert (await store.get(batch.id)).state is BatchState.RUNNING
    await store.cancel(batch.id)
    assert (await store.get(batch.id)).state is BatchState.CANCELLED
    assert await redis.zcard(keys.PAUSED) == 0
    await store.line.resume(batch.id)
    assert await factories.claim(claims) is None


async def test_what_stays_paused_for_as_long_as_results_are_kept_is_cancelled(
    store: Store, storage: Storage, redis: Redis, settings: Settings
) -> None:
    batch = await factories.queued_batch(store, storage, templates=1)
    await store.line.pause(batch.id)
    now, kept = await store.now(), settings.retention.results_days * DAY_S
    await redis.zincrby(keys.PAUSED, 60 - kept, batch.id)
    await sweep_old(store, storage, settings, now)
    assert (await store.get(batch.id)).state is BatchState.QUEUED
    await redis.zincrby(keys.PAUSED, -120, batch.id)
    await sweep_old(store, storage, settings, now)
    assert (await store.get(batch.id)).state is BatchState.CANCELLED


async def test_an_owner_s_batch_put_first_comes_before_their_others_and_before_nobody_else_s(
    store: Store, claims: Claims, storage: Storage
) -> None:
    first, second = [await factories.queued_batch(store, storage, templates=2) for _ in range(2)]
    boris = await factories.queued_batch(store, storage, BORIS, templates=2)
    assert await store.outlook.position(second.id) == Position(4, 2)
    await store.line.put_first(second.id)
    await store.line.put_first(second.id)
    assert (await store.outlook.position(second.id)).own == 0
    assert (await store.outlook.position(first.id)).own == 2
    served = await order(claims)
    assert [batch for batch in served if batch != boris.id] == [second.id, second.id, first.id, first.id]
    assert boris.id in served[:2]


async def test_what_runs_or_pauses_of_a_batch_put_first_comes_back_to_its_front(
    store: Store, claims: Claims, storage: Storage
) -> None:
    first = await factories.queued_batch(store, storage, templates=1)
    second = await factories.queued_batch(store, storage, templates=2)
    await store.line.pause(second.id)
    await store.line.put_first(second.id)
    await store.line.resume(second.id)
    running = await claimed(claims)
    assert running.batch.id == second.id
    await store.line.put_first(first.id)
    await claims.release(running)
    assert await order(claims) == [first.id, second.id, second.id]
    assert [item.number for item in (await store.get(second.id)).items] == [1, 2]


async def test_one_item_is_cancelled_and_the_others_are_made(store: Store, claims: Claims, storage: Storage) -> None:
    batch = await factories.queued_batch(store, storage, templates=3)
    running = await claimed(claims)
    assert running.item.id == batch.items[0].id
    await store.line.cancel_item(batch.id, batch.items[0].id)
    await store.line.cancel_item(batch.id, batch.items[1].id)
    assert await claims.cancelled(running)
    assert await claims.renew(running) is Hold.CANCELLED
    assert await claims.fail(running, CANCELLED)
    last = await claimed(claims)
    assert last.item.id == batch.items[2].id
    assert not await claims.cancelled(last)
    await finish(claims, last)
    ended = await store.get(batch.id)
    assert [item.state for item in ended.items] == [ItemState.CANCELLED, ItemState.CANCELLED, ItemState.DONE]
    assert ended.state is BatchState.DONE


async def test_an_item_cancelled_while_its_worker_dies_is_not_made_again(
    store: Store, claims: Claims, storage: Storage
) -> None:
    batch = await factories.queued_batch(store, storage, templates=1)
    running = await claimed(claims)
    await store.line.cancel_item(batch.id, running.item.id)
    assert await claims.lose(running)
    assert (await store.get(batch.id)).state is BatchState.CANCELLED


async def test_a_batch_whose_items_were_all_taken_out_is_cancelled_and_an_ended_item_stays(
    store: Store, claims: Claims, storage: Storage
) -> None:
    batch = await factories.queued_batch(store, storage, templates=2)
    await store.line.cancel_item(batch.id, batch.items[0].id)
    with pytest.raises(HeygemError) as refused:
        await store.line.cancel_item(batch.id, "nonsense")
    assert refused.value.code is ErrorCode.ITEM_UNKNOWN
    await store.line.cancel_item(batch.id, batch.items[1].id)
    assert (await store.get(batch.id)).state is BatchState.CANCELLED
    done = await factories.queued_batch(store, storage, ANNA, templates=1)
    await finish(claims, await claimed(claims))
    await store.line.cancel_item(done.id, done.items[0].id)
    assert (await store.get(done.id)).items[0].state is ItemState.DONE


async def test_a_batch_that_has_ended_is_paused_no_more(store: Store, claims: Claims, storage: Storage) -> None:
    made = await factories.queued_batch(store, storage, templates=1)
    running = await claimed(claims)
    await store.line.pause(made.id)
    await finish(claims, running)
    stopped = await factories.queued_batch(store, storage, templates=1)
    await store.line.pause(stopped.id)
    await store.cancel(stopped.id)
    for batch_id, state in ((made.id, BatchState.DONE), (stopped.id, BatchState.CANCELLED)):
        ended = await store.get(batch_id)
        assert (ended.state, ended.paused) == (state, False)


async def test_what_expired_before_its_start_is_not_cancelled_item_by_item(store: Store, storage: Storage) -> None:
    batch = await factories.collecting_batch(store, storage, templates=2)
    now = await store.now()
    await store.expire(now + 60, now)
    before = await store.get(batch.id)
    await store.line.cancel_item(batch.id, batch.items[0].id)
    assert await store.get(batch.id) == before
