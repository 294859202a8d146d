"""What a worker may rely on: leases, fences, losses, cancelling, and whose turn it is."""

import asyncio
import itertools
from collections import Counter

import pytest
from redis.asyncio import Redis

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.batches import workers
from heygem.batches.claims import MAX_LOSSES, Claim, Claims, Hold
from heygem.batches.model import Batch, BatchState, Failure, Item, ItemState, Person, output_name
from heygem.batches.store import Store
from heygem.batches.workers import Health, Offer
from heygem.redis import keys
from heygem.redis.clock import now
from heygem.redis.connection import reply
from heygem.storage.layout import Storage
from tests import factories
from tests.factories import ANNA, BORIS

BROKEN = Failure(code=ErrorCode.BROKEN_MEDIA, params={"name": "template.mp4"})
CANCELLED = Failure(code=ErrorCode.CANCELLED)


@pytest.fixture
def store(redis: Redis, settings: Settings) -> Store:
    return Store(redis, settings)


@pytest.fixture
def claims(redis: Redis, settings: Settings) -> Claims:
    return Claims(redis, settings)


async def claimed(claims: Claims, worker: str = "worker") -> Claim:
    claim = await factories.claim(claims, worker)
    assert claim
    return claim


async def finish(claims: Claims, claim: Claim) -> bool:
    return await claims.finish(claim, factories.output(output_name(claim.item.id, claim.fence)))


async def expire_lease(redis: Redis, claim: Claim) -> None:
    """As if the worker had been silent for the length of a lease."""
    await redis.zadd(keys.LEASES, {f"{claim.batch.id}:{claim.item.id}": 0})


async def item_of(store: Store, claim: Claim) -> Item:
    batch = await store.get(claim.batch.id)
    return next(item for item in batch.items if item.id == claim.item.id)


async def test_a_claim_carries_what_a_render_needs(store: Store, claims: Claims, storage: Storage) -> None:
    batch = await factories.queued_batch(store, storage, templates=1)
    claim = await claimed(claims)
    assert claim.item.state is ItemState.RUNNING
    assert (claim.fence, claim.worker, claim.owner) == (1, "worker", ANNA.owner)
    assert claim.item.template == batch.items[0].template
    assert claim.voice == batch.voice
    assert output_name(claim.item.id, claim.fence) == f"{claim.item.id}.1.mp4"
    assert (await store.get(batch.id)).state is BatchState.RUNNING
    assert await factories.claim(claims, "another") is None


async def test_an_item_s_own_voice_goes_before_the_batch_s(store: Store, claims: Claims, storage: Storage) -> None:
    batch = await factories.collecting_batch(store, storage, templates=1)
    own = factories.voice_file(storage, name="own.wav")
    await store.set_item_voice(batch.id, batch.items[0].id, own, "own")
    await store.generate(batch.id)
    assert (await claimed(claims)).voice == own


async def test_progress_shows_in_the_record_and_marks_the_batch(store: Store, claims: Claims, storage: Storage) -> None:
    batch = await factories.queued_batch(store, storage, templates=1)
    claim = await claimed(claims)
    before = (await store.get(batch.id)).version
    assert await claims.progress(claim, "generate", 0.25)
    item = await item_of(store, claim)
    assert (item.stage, item.fraction) == ("generate", 0.25)
    assert (await store.get(batch.id)).version > before


async def test_one_failure_never_stops_the_others(store: Store, claims: Claims, storage: Storage) -> None:
    batch = await factories.queued_batch(store, storage, templates=3)
    assert await finish(claims, await claimed(claims))
    assert await claims.fail(await claimed(claims), BROKEN)
    assert await finish(claims, await claimed(claims))
    ended = await store.get(batch.id)
    assert ended.state is BatchState.DONE
    assert [item.state for item in ended.items] == [ItemState.DONE, ItemState.FAILED, ItemState.DONE]
    assert ended.items[1].failure == BROKEN


async def test_a_batch_without_any_success_failed(store: Store, claims: Claims, storage: Storage) -> None:
    batch = await factories.queued_batch(store, storage, templates=2)
    for _ in range(2):
        assert await claims.fail(await claimed(claims), BROKEN)
    assert (await store.get(batch.id)).state is BatchState.FAILED


async def test_a_lost_worker_s_item_runs_again_with_a_higher_fence(
    store: Store, claims: Claims, redis: Redis, storage: Storage
) -> None:
    await factories.queued_batch(store, storage, templates=1)
    lost = await claimed(claims, "lost")
    await expire_lease(redis, lost)
    again = await claimed(claims, "next")
    assert again.item.id == lost.item.id
    assert (again.fence, again.item.losses) == (2, 1)
    assert await claims.renew(lost) is Hold.LOST
    assert not await claims.progress(lost, "generate", 0.9)
    assert not await finish(claims, lost)
    assert not await claims.fail(lost, BROKEN)
    assert not await claims.release(lost)
    assert await claims.renew(again) is Hold.HELD
    assert await finish(claims, again)
    item = await item_of(store, again)
    assert item.output == factories.output(output_name(again.item.id, again.fence))


async def test_a_worker_that_comes_back_before_anybody_noticed_goes_on(
    store: Store, claims: Claims, redis: Redis, storage: Storage
) -> None:
    await factories.queued_batch(store, storage, templates=1)
    claim = await claimed(claims)
    await expire_lease(redis, claim)
    assert await claims.renew(claim) is Hold.HELD
    assert await factories.sweep(claims) == 0
    assert (await item_of(store, claim)).losses == 0


async def test_the_third_loss_ends_an_item_and_the_batch_with_it(
    store: Store, claims: Claims, redis: Redis, storage: Storage
) -> None:
    batch = await factories.queued_batch(store, storage, templates=1)
    for _ in range(MAX_LOSSES):
        await expire_lease(redis, await claimed(claims))
    assert await factories.claim(claims) is None
    ended = await store.get(batch.id)
    assert ended.state is BatchState.FAILED
    assert ended.items[0].failure == Failure(code=ErrorCode.WORKER_LOST, params={"losses": MAX_LOSSES})


async def test_a_lost_render_process_counts_like_a_lost_worker(store: Store, claims: Claims, storage: Storage) -> None:
    await factories.queued_batch(store, storage, templates=1)
    for losses in range(1, MAX_LOSSES + 1):
        claim = await claimed(claims)
        assert await claims.lose(claim)
        assert not await claims.lose(claim)
        assert (await item_of(store, claim)).losses == losses
    assert (await item_of(store, claim)).state is ItemState.FAILED


async def test_a_deploy_is_no_loss_and_keeps_the_item_s_turn(store: Store, claims: Claims, storage: Storage) -> None:
    await factories.queued_batch(store, storage, templates=2)
    for deploy in range(1, 7):
        claim = await claimed(claims)
        assert (claim.item.number, claim.fence, claim.item.losses) == (1, deploy, 0)
        assert await claims.release(claim)
        assert not await claims.release(claim)
    assert (await item_of(store, claim)).state is ItemState.WAITING


async def test_ending_twice_because_the_answer_was_lost_is_answered_alike(
    store: Store, claims: Claims, storage: Storage
) -> None:
    batch = await factories.queued_batch(store, storage, templates=2)
    done, broken = await claimed(claims), await claimed(claims)
    for _ in range(2):
        assert await finish(claims, done)
        assert await claims.fail(broken, BROKEN)
    assert not await claims.fail(done, BROKEN)
    assert not await finish(claims, broken)
    ended = await store.get(batch.id)
    assert [item.state for item in ended.items] == [ItemState.DONE, ItemState.FAILED]


async def test_cancel_reaches_the_run_and_ends_with_its_answer(store: Store, claims: Claims, storage: Storage) -> None:
    batch = await factories.queued_batch(store, storage, templates=3)
    running = await claimed(claims)
    assert not await claims.cancelled(running)
    cancelled = await store.cancel(batch.id)
    assert cancelled.cancelling
    assert [item.state for item in cancelled.items] == [ItemState.RUNNING, ItemState.CANCELLED, ItemState.CANCELLED]
    assert not cancelled.state.terminal
    assert await claims.cancelled(running)
    assert await claims.renew(running) is Hold.CANCELLED
    assert await claims.fail(running, CANCELLED)
    ended = await store.get(batch.id)
    assert ended.state is BatchState.CANCELLED
    assert {item.state for item in ended.items} == {ItemState.CANCELLED}


@pytest.mark.parametrize("end", ["lost", "released"])
async def test_a_cancelled_run_that_ends_otherwise_is_cancelled_too(
    end: str, store: Store, claims: Claims, redis: Redis, storage: Storage
) -> None:
    batch = await factories.queued_batch(store, storage, templates=1)
    running = await claimed(claims)
    await store.cancel(batch.id)
    if end == "lost":
        await expire_lease(redis, running)
        assert await factories.sweep(claims) == 0
    else:
        assert await claims.release(running)
    assert (await store.get(batch.id)).state is BatchState.CANCELLED
    assert (await item_of(store, running)).failure is None


async def test_a_video_that_was_ready_before_the_cancel_arrived_is_kept(
    store: Store, claims: Claims, storage: Storage
) -> None:
    batch = await factories.queued_batch(store, storage, templates=2)
    running = await claimed(claims)
    await store.cancel(batch.id)
    assert await finish(claims, running)
    ended = await store.get(batch.id)
    assert ended.state is BatchState.CANCELLED
    assert [item.state for item in ended.items] == [ItemState.DONE, ItemState.CANCELLED]


async def test_a_run_whose_batch_was_deleted_is_told_to_stop(store: Store, claims: Claims, storage: Storage) -> None:
    batch = await factories.queued_batch(store, storage, templates=1)
    running = await claimed(claims)
    await store.delete(batch.id)
    assert await claims.cancelled(running)
    assert await claims.renew(running) is Hold.LOST
    assert not await finish(claims, running)


async def test_a_sweep_says_how_many_items_can_be_claimed(
    redis: Redis, store: Store, settings: Settings, storage: Storage
) -> None:
    settings.quotas.concurrent_renders = 2
    claims = Claims(redis, settings)
    await factories.queued_batch(store, storage, ANNA, templates=3)
    await factories.queued_batch(store, storage, BORIS, templates=1)
    assert await factories.sweep(claims) == 3
    lost = await claimed(claims)
    assert await factories.sweep(claims) == 2
    await expire_lease(redis, lost)
    assert await factories.sweep(claims) == 3


async def test_nobody_runs_more_than_their_share_of_renders(
    redis: Redis, store: Store, settings: Settings, storage: Storage
) -> None:
    settings.quotas.concurrent_renders = 2
    claims = Claims(redis, settings)
    await factories.queued_batch(store, storage, ANNA, templates=4)
    await factories.queued_batch(store, storage, BORIS, templates=1)
    running = [await claimed(claims) for _ in range(3)]
    assert Counter(claim.owner for claim in running) == {ANNA.owner: 2, BORIS.owner: 1}
    assert await factories.claim(claims) is None
    hers = next(claim for claim in running if claim.owner == ANNA.owner)
    assert await finish(claims, hers)
    assert (await claimed(claims)).owner == ANNA.owner


async def test_inside_an_owner_it_is_first_come_first_served(store: Store, claims: Claims, storage: Storage) -> None:
    batches = [await factories.queued_batch(store, storage, templates=2) for _ in range(3)]
    order = [item.id for batch in batches for item in batch.items]
    assert [(await claimed(claims)).item.id for _ in order] == order


async def test_who_comes_late_with_two_does_not_wait_for_forty(store: Store, claims: Claims, storage: Storage) -> None:
    await factories.queued_batch(store, storage, ANNA, templates=40)
    running = [await claimed(claims, "a"), await claimed(claims, "b")]
    late = await factories.queued_batch(store, storage, BORIS, templates=2)
    served = []
    for _ in range(6):  # two workers in turn
        assert await finish(claims, running.pop(0))
        running.append(await claimed(claims))
        served.append(running[-1].owner)
    assert served[0] == BORIS.owner
    assert served.count(BORIS.owner) == 2
    assert served.index(BORIS.owner, 1) <= 2
    assert late.owner == BORIS


async def test_one_who_has_a_lot_is_not_starved_by_many_who_have_little(
    store: Store, claims: Claims, redis: Redis, storage: Storage
) -> None:
    """New owners keep arriving, each with one item, so that a newcomer waits at every claim of the one worker."""
    await factories.queued_batch(store, storage, ANNA, templates=10)
    served = []
    for number in range(40):
        await factories.queued_batch(store, storage, factories.person(f"new {number}"), templates=1)
        claim = await claimed(claims)
        served.append(claim.owner)
        await redis.zincrby(keys.WORK, 5 if claim.owner == ANNA.owner else 0, ANNA.owner)  # hers take longer
        assert await finish(claims, claim)
    turns = [turn for turn, owner in enumerate(served) if owner == ANNA.owner]
    assert len(turns) >= 3
    assert max(later - earlier for earlier, later in itertools.pairwise(turns)) <= 25


async def test_long_items_cost_more_turns_than_short_ones(
    store: Store, claims: Claims, redis: Redis, storage: Storage
) -> None:
    await factories.queued_batch(store, storage, ANNA, templates=10)
    await factories.queued_batch(store, storage, BORIS, templates=10)
    served: Counter[str] = Counter()
    for _ in range(10):
        claim = await claimed(claims)
        served[claim.owner] += 1
        if claim.owner == ANNA.owner:  # as if it had begun ten seconds ago
            record = keys.item(claim.batch.id, claim.item.id)
            await reply(redis.hincrbyfloat(record, "started", -10))
        assert await finish(claims, claim)
    assert served[ANNA.owner] == 1
    assert served[BORIS.owner] == 9


async def test_workers_are_shared_even_with_one_who_was_served_a_lot(
    store: Store, claims: Claims, redis: Redis, storage: Storage
) -> None:
    await factories.queued_batch(store, storage, ANNA, templates=4)
    await factories.queued_batch(store, storage, BORIS, templates=4)
    first = await claimed(claims)
    await reply(redis.hincrbyfloat(keys.item(first.batch.id, first.item.id), "started", -100))
    assert await finish(claims, first)
    assert len({(await claimed(claims)).owner for _ in range(2)}) == 2


async def test_time_used_while_nobody_waited_is_not_held_against_a_person(
    store: Store, claims: Claims, redis: Redis, storage: Storage
) -> None:
    await factories.queued_batch(store, storage, ANNA, templates=30)
    for _ in range(20):
        assert await finish(claims, await claimed(claims))
    await factories.queued_batch(store, storage, BORIS, templates=10)
    served = []
    for _ in range(8):
        claim = await claimed(claims)
        served.append(claim.owner)
        assert await finish(claims, claim)
    assert Counter(served) == {ANNA.owner: 4, BORIS.owner: 4}


async def test_a_lease_without_a_record_stops_nobody(
    store: Store, claims: Claims, redis: Redis, storage: Storage
) -> None:
    await redis.zadd(keys.LEASES, {"gone:gone": 0})
    await factories.queued_batch(store, storage, templates=1)
    assert await claimed(claims)
    assert await redis.zscore(keys.LEASES, "gone:gone") is None


async def test_an_item_in_the_line_without_a_record_stops_nobody(
    store: Store, claims: Claims, redis: Redis, storage: Storage
) -> None:
    batch = await factories.queued_batch(store, storage, templates=2)
    await redis.delete(keys.item(batch.id, batch.items[0].id))
    assert (await claimed(claims)).item.id == batch.items[1].id
    assert await factories.claim(claims) is None


async def test_many_workers_at_once_never_get_the_same_item(store: Store, claims: Claims, storage: Storage) -> None:
    await factories.queued_batch(store, storage, ANNA, templates=20)
    await factories.queued_batch(store, storage, BORIS, templates=20)
    got = await asyncio.gather(*(factories.claim(claims, f"worker {number}") for number in range(50)))
    running = [claim for claim in got if claim]
    assert len(running) == 32  # 16 each, the limit of concurrent renders
    assert len({claim.item.id for claim in running}) == 32


async def of_engine(store: Store, storage: Storage, engine: str, owner: Person = ANNA, templates: int = 1) -> Batch:
    batch = await factories.collecting_batch(store, storage, owner, templates)
    await store.set_options(batch.id, engine=engine)
    return await store.generate(batch.id)


async def test_a_worker_takes_what_it_serves_only_and_in_the_order_of_turns(
    store: Store, claims: Claims, storage: Storage
) -> None:
    """150 items that don't fit were there before the one that does."""
    mesh = [await of_engine(store, storage, "mesh", templates=50) for _ in range(3)]
    duix = await of_engine(store, storage, "duix", templates=2)

    assert await claims.claim("worker", ["musetalk"]) is None
    taken = [await claims.claim("worker", [engine]) for engine in ("duix", "mesh", "duix", "duix")]
    assert [claim and (claim.batch.id, claim.item.number) for claim in taken] == [
        (duix.id, 1),
        (mesh[0].id, 1),
        (duix.id, 2),
        None,
    ]


async def test_a_worker_of_two_engines_takes_what_waits_longest(store: Store, claims: Claims, storage: Storage) -> None:
    order = ["mesh", "duix", "mesh"]
    batches = [await of_engine(store, storage, engine) for engine in order]
    taken = [await claims.claim("worker", ["duix", "mesh"]) for _ in order]
    assert [claim and claim.batch.id for claim in taken] == [batch.id for batch in batches]


async def test_a_claim_passes_over_owners_without_items_for_it(store: Store, claims: Claims, storage: Storage) -> None:
    await of_engine(store, storage, "mesh", ANNA)
    await of_engine(store, storage, "duix", BORIS)
    claim = await claims.claim("worker", ["duix"])
    assert claim is not None
    assert claim.owner == BORIS.owner


async def test_all_engines_share_an_owners_limit(
    redis: Redis, store: Store, settings: Settings, storage: Storage
) -> None:
    settings.quotas.concurrent_renders = 1
    claims = Claims(redis, settings)
    for engine in ("mesh", "duix"):
        await of_engine(store, storage, engine)
    assert await claims.claim("worker", ["mesh"]) is not None
    assert await claims.claim("worker", ["duix"]) is None


async def test_a_claim_that_finds_nothing_looks_at_nothing(
    store: Store, claims: Claims, redis: Redis, storage: Storage
) -> None:
    await of_engine(store, storage, "duix", templates=50)
    await claims.claim("worker", ["mesh"])

    async def commands() -> int:
        return sum(stat["calls"] for stat in (await redis.info("commandstats")).values())

    before = await commands()
    assert await claims.claim("worker", ["mesh"]) is None
    assert await commands() - before < 12


async def test_the_best_engine_of_the_living_workers_is_what_auto_means(
    store: Store, claims: Claims, redis: Redis, storage: Storage
) -> None:
    """And whoever claims first decides nothing, so that the videos of one batch look alike."""
    await workers.beat(redis, "slow", Offer(engines={"mesh": Health.READY}, auto="mesh"))
    await workers.beat(redis, "gpu", Offer(engines={"mesh": Health.READY, "musetalk": Health.READY}, auto="musetalk"))
    batch = await factories.queued_batch(store, storage)
    assert batch.engine == "musetalk"
    assert await claims.claim("slow", ["mesh"], "mesh") is None
    assert await claims.claim("gpu", ["mesh", "musetalk"], "musetalk") is not None


async def test_the_first_worker_decides_for_all_of_a_batch_that_was_generated_before_any_was_there(
    store: Store, claims: Claims, storage: Storage
) -> None:
    batch = await factories.queued_batch(store, storage, templates=2)
    assert batch.engine == "auto"
    assert await claims.claim("nothing tried yet", []) is None
    first = await claims.claim("worker", ["mesh"], "mesh")
    assert first is not None
    assert first.batch.engine == "mesh"
    assert await claims.claim("other", ["musetalk"], "musetalk") is None
    second = await claims.claim("worker", ["mesh"], "mesh")
    assert second is not None
    assert (second.item.number, second.batch.engine) == (2, "mesh")


async def test_an_engine_that_no_living_worker_has_is_refused_before_anybody_waits(
    store: Store, redis: Redis, storage: Storage
) -> None:
    batch = await factories.collecting_batch(store, storage)
    await store.set_options(batch.id, engine="musetalk")
    await workers.beat(redis, "worker", Offer(engines={"mesh": Health.READY}, auto="mesh"))
    with pytest.raises(HeygemError) as caught:
        await store.generate(batch.id)
    assert caught.value.code is ErrorCode.ENGINE_UNAVAILABLE
    assert (await store.get(batch.id)).state is BatchState.COLLECTING
    await workers.beat(redis, "ill", Offer(engines={"musetalk": Health.ILL}))
    assert (await store.generate(batch.id)).state is BatchState.QUEUED


async def test_items_in_the_lines_of_an_earlier_version_are_claimed_in_their_order(
    store: Store, claims: Claims, redis: Redis, storage: Storage
) -> None:
    """One line for all engines, as it was: built here from today's."""
    mesh = await of_engine(store, storage, "mesh", templates=2)
    duix = await of_engine(store, storage, "duix")
    for engine in ("mesh", "duix"):
        line = keys.waiting(ANNA.owner, engine)
        await redis.zunionstore(f"heygem:waiting:{ANNA.owner}", [f"heygem:waiting:{ANNA.owner}", line])
        await redis.delete(line, keys.ready(engine))
    await redis.delete(keys.ENGINES, f"heygem:lines:{ANNA.owner}")
    await redis.zadd("heygem:ready", {ANNA.owner: 1})

    assert await claims.migrate() == 3
    assert await claims.migrate() == 0
    taken = [await claims.claim("worker", ["mesh", "duix"]) for _ in range(4)]
    assert [claim and (claim.batch.id, claim.item.number) for claim in taken] == [
        (mesh.id, 1),
        (mesh.id, 2),
        (duix.id, 1),
        None,
    ]


async def test_runs_outlive_a_redis_that_was_away_longer_than_a_lease(
    store: Store, claims: Claims, redis: Redis, storage: Storage
) -> None:
    await factories.queued_batch(store, storage, templates=1)
    claim = await claimed(claims)
    await expire_lease(redis, claim)
    await redis.set(keys.HEARD, await now(redis) - 10)  # nobody was heard for as long
    assert await factories.sweep(claims) == 0
    assert await claims.renew(claim) is Hold.HELD
    assert (await item_of(store, claim)).losses == 0


async def test_a_redis_without_memory_takes_nothing_new_and_lets_everything_end(
    store: Store, claims: Claims, redis: Redis, storage: Storage
) -> None:
    batch = await factories.queued_batch(store, storage, templates=4)
    running = [await claimed(claims) for _ in range(3)]
    await redis.config_set("maxmemory", 1)
    try:
        with pytest.raises(HeygemError) as caught:
            await store.open(BORIS, factories.place(), "en")
        assert caught.value.code is ErrorCode.QUEUE_UNREACHABLE
        assert await claims.renew(running[0]) is Hold.HELD
        assert await claims.progress(running[0], "generate", 0.5)
        assert await finish(claims, running[0])
        assert await claims.fail(running[1], BROKEN)
        assert await claims.release(running[2])
        await store.cancel(batch.id)
        await store.delete(batch.id)
    finally:
        await redis.config_set("maxmemory", 0)
    assert await store.find(batch.id) is None
