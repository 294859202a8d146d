"""What a front end may rely on: collecting, generating, cancelling, telling, deleting."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.sentences import explain_error
from heygem.base.settings import Settings
from heygem.batches import workers
from heygem.batches.claims import Claims
from heygem.batches.items import Items
from heygem.batches.model import Batch, BatchState, ItemState, Person, Place, output_name
from heygem.batches.outlook import Position
from heygem.batches.people import People, Preferences
from heygem.batches.store import Store
from heygem.engines.base import RenderOptions
from heygem.redis import bells, keys
from heygem.redis.connection import reply
from heygem.storage.layout import Storage
from tests import factories
from tests.factories import ANNA, BORIS
from tests.patience import PATIENCE_SECONDS


@pytest.fixture
def store(redis: Redis, settings: Settings) -> Store:
    return Store(redis, settings)


@pytest.fixture
def claims(redis: Redis, settings: Settings) -> Claims:
    return Claims(redis, settings)


def refusal(caught: pytest.ExceptionInfo[HeygemError]) -> ErrorCode:
    """The code; both sentences find all parameters that they need."""
    assert explain_error(caught.value, "en")
    assert explain_error(caught.value, "zh")
    return caught.value.code


async def drain(claims: Claims) -> int:
    ended = 0
    while claim := await factories.claim(claims):
        assert await claims.finish(claim, factories.output(output_name(claim.item.id, claim.fence)))
        ended += 1
    return ended


async def empty_batch(store: Store) -> Batch:
    return await store.open(ANNA, factories.place(), "en")


async def test_a_batch_goes_from_collecting_to_done(store: Store, claims: Claims, storage: Storage) -> None:
    batch = await factories.collecting_batch(store, storage, templates=2)
    assert batch.state is BatchState.COLLECTING
    queued = await store.generate(batch.id)
    assert queued.state is BatchState.QUEUED
    assert [item.number for item in queued.items] == [1, 2]
    assert await drain(claims) == 2
    done = await store.get(batch.id)
    assert done.state is BatchState.DONE
    assert [item.state for item in done.items] == [ItemState.DONE] * 2
    assert done.ended >= done.queued >= done.created > 0


async def test_everything_that_was_given_is_read_back(store: Store, storage: Storage) -> None:
    batch = await store.open(ANNA, factories.place("chat", "thread"), "zh")
    voice, template = factories.voice_file(storage, name="声音 🎤.ogg"), factories.template_file(storage)
    own = factories.voice_file(storage)
    await store.set_voice(batch.id, voice, "1")
    item = await store.add_template(batch.id, template, "2", own)
    await store.set_options(
        batch.id, engine="mesh", options=RenderOptions(resolution="720p"), transcript="Hello", language="en"
    )
    await store.set_status_message(batch.id, "77")
    read = await store.get(batch.id)
    assert item
    assert (read.owner, read.place) == (ANNA, factories.place("chat", "thread"))
    assert (read.voice, read.items[0].template, read.items[0].voice) == (voice, template, own)
    assert (read.engine, read.options.resolution, read.transcript, read.language) == ("mesh", "720p", "Hello", "en")
    assert read.status_message == "77"
    assert read.items == [item]


async def test_a_place_has_one_collecting_batch_whoever_asks(store: Store) -> None:
    first = await store.open(ANNA, factories.place(), "en")
    second = await store.open(BORIS, factories.place(), "zh")
    assert second.id == first.id
    assert second.owner == ANNA
    assert (await store.open(BORIS, factories.place("other"), "zh")).id != first.id


async def test_a_template_that_is_moved_gets_its_number_and_what_comes_later_still_stands_behind(
    store: Store, storage: Storage
) -> None:
    batch = await factories.collecting_batch(store, storage, templates=4)
    items = Items(store.redis)
    one, two, three, four = (item.id for item in batch.items)

    async def order() -> list[str]:
        return [item.id for item in (await store.get(batch.id)).items]

    await items.move(batch.items[3], 1)
    assert await order() == [four, one, two, three]
    await items.move(batch.items[3], 3)
    assert await order() == [one, two, four, three]
    await items.move(batch.items[0], 99)  # those behind it went meanwhile
    assert await order() == [two, four, three, one]
    last = await store.add_template(batch.id, factories.template_file(storage), "later")
    assert last
    assert (last.number, await order()) == (5, [two, four, three, one, last.id])
    await store.remove_item(batch.id, two)
    with pytest.raises(HeygemError) as caught:
        await items.move(batch.items[1], 1)
    assert refusal(caught) is ErrorCode.ITEM_UNKNOWN
    queued = await store.generate(batch.id)
    assert [(item.number, item.id) for item in queued.items] == [(1, four), (2, three), (3, one), (4, last.id)]


async def test_two_who_move_at_the_same_moment_lose_no_template(store: Store, storage: Storage) -> None:
    batch = await factories.collecting_batch(store, storage, templates=6)
    items = Items(store.redis)
    await asyncio.gather(*(items.move(item, number) for number, item in enumerate(reversed(batch.items), 1)))
    assert sorted(item.id for item in (await store.get(batch.id)).items) == sorted(item.id for item in batch.items)


async def test_two_who_open_at_the_same_moment_get_the_same_batch(store: Store) -> None:
    opened = await asyncio.gather(*(store.open(ANNA, factories.place(), "en") for _ in range(10)))
    assert len({batch.id for batch in opened}) == 1


async def test_ids_of_one_place_can_not_imitate_another(store: Store) -> None:
    one = await store.open(ANNA, Place(platform="slack", chat="a:b", thread=""), "en")
    other = await store.open(ANNA, Place(platform="slack", chat="a", thread="b:"), "en")
    assert one.id != other.id


async def test_what_arrives_after_generate_opens_the_next_batch(store: Store, storage: Storage) -> None:
    batch = await factories.queued_batch(store, storage)
    assert await store.collecting(batch.place) is None
    assert (await store.open(ANNA, batch.place, "en")).id != batch.id
    for change in (
        store.add_template(batch.id, factories.template_file(storage), "late"),
        store.set_voice(batch.id, factories.voice_file(storage), "late"),
        store.remove_item(batch.id, batch.items[0].id),
        Items(store.redis).move(batch.items[0], 2),
        Items(store.redis).rename(batch.items[0], "late"),
        store.set_options(batch.id, engine="mesh"),
        store.generate(batch.id),
    ):
        with pytest.raises(HeygemError) as caught:
            await change
        assert refusal(caught) is ErrorCode.BATCH_STARTED
    await store.set_options(batch.id, language="zh")  # words may change at any time
    assert (await store.get(batch.id)).language == "zh"


async def test_the_latest_batch_of_a_place_is_the_one_before_once_it_is_deleted(store: Store, storage: Storage) -> None:
    first = await factories.queued_batch(store, storage)
    second = await store.open(ANNA, first.place, "en")
    latest = await store.latest(first.place)
    assert latest
    assert latest.id == second.id
    await store.delete(second.id)
    latest = await store.latest(first.place)
    assert latest
    assert latest.id == first.id


async def test_too_many_open_batches_are_refused_until_one_ends(store: Store, settings: Settings) -> None:
    limit = settings.quotas.open_batches
    opened = [await store.open(ANNA, factories.place(str(number)), "en") for number in range(limit)]
    with pytest.raises(HeygemError) as caught:
        await store.open(ANNA, factories.place("one more"), "en")
    assert refusal(caught) is ErrorCode.QUOTA_BATCHES
    assert caught.value.params == {"actual": limit, "limit": limit}
    assert await store.open(BORIS, factories.place("one more of another"), "en")
    await store.cancel(opened[0].id)
    assert await store.open(ANNA, factories.place("one more"), "en")


async def test_the_same_message_twice_changes_nothing(store: Store, storage: Storage) -> None:
    batch = await empty_batch(store)
    voice, template = factories.voice_file(storage), factories.template_file(storage)
    assert await store.set_voice(batch.id, voice, "1") is True
    item = await store.add_template(batch.id, template, "2")
    assert item
    before = await store.get(batch.id)
    assert await store.set_voice(batch.id, factories.voice_file(storage), "1") is False
    assert await store.add_template(batch.id, factories.template_file(storage), "2") is None
    assert await store.set_item_voice(batch.id, item.id, voice, "1") is False
    assert await store.get(batch.id) == before


async def test_a_message_stays_taken_in_the_next_batch_of_the_place(store: Store, storage: Storage) -> None:
    batch = await factories.queued_batch(store, storage, templates=1)
    following = await store.open(ANNA, batch.place, "en")
    assert await store.add_template(following.id, factories.template_file(storage), "message-1") is None
    assert await store.batch_of_message(batch.place, "message-1") == batch.id
    assert await store.batch_of_message(batch.place, "message-2") is None


async def test_a_removed_template_does_not_come_back_with_its_old_message(store: Store, storage: Storage) -> None:
    batch = await factories.collecting_batch(store, storage, templates=3)
    await store.remove_item(batch.id, batch.items[0].id)
    assert await store.add_template(batch.id, factories.template_file(storage), "message-1") is None
    left = (await store.get(batch.id)).items
    assert [(item.id, item.number) for item in left] == [(batch.items[1].id, 1), (batch.items[2].id, 2)]
    with pytest.raises(HeygemError) as caught:
        await store.remove_item(batch.id, batch.items[0].id)
    assert refusal(caught) is ErrorCode.ITEM_UNKNOWN


async def test_the_same_template_is_a_duplicate_unless_it_shall_speak_another_voice(
    store: Store, storage: Storage
) -> None:
    batch = await empty_batch(store)
    template = factories.template_file(storage)
    await store.add_template(batch.id, factories.template_file(storage), "1")
    await store.add_template(batch.id, template, "2")
    with pytest.raises(HeygemError) as caught:
        await store.add_template(batch.id, template, "3")
    assert refusal(caught) is ErrorCode.DUPLICATE_TEMPLATE
    assert caught.value.params["number"] == 2
    assert await store.add_template(batch.id, template, "4", factories.voice_file(storage))
    assert len((await store.get(batch.id)).items) == 3


async def test_a_full_batch_takes_no_more(redis: Redis, settings: Settings, storage: Storage) -> None:
    settings.quotas.templates_per_batch = 2
    store = Store(redis, settings)
    batch = await factories.collecting_batch(store, storage, templates=2)
    with pytest.raises(HeygemError) as caught:
        await store.add_template(batch.id, factories.template_file(storage), "3")
    assert refusal(caught) is ErrorCode.BATCH_FULL
    assert len((await store.get(batch.id)).items) == 2


async def test_a_file_that_is_gone_is_refused_and_leaves_no_trace(store: Store, storage: Storage) -> None:
    batch = await empty_batch(store)
    gone = factories.template_file(storage)
    storage.file(gone.owner, gone.sha256).unlink()
    for change in (store.add_template(batch.id, gone, "1"), store.set_voice(batch.id, gone, "2")):
        with pytest.raises(HeygemError) as caught:
            await change
        assert refusal(caught) is ErrorCode.FILE_MISSING
    assert (await store.get(batch.id)).items == []
    assert (await store.get(batch.id)).voice is None


async def test_a_reply_finds_the_item_that_its_message_brought(store: Store, storage: Storage) -> None:
    batch = await factories.collecting_batch(store, storage, templates=2)
    item = await store.item_of_message(batch.id, "message-2")
    assert item
    assert item.id == batch.items[1].id
    assert await store.item_of_message(batch.id, "voice-message") is None
    assert await store.item_of_message(batch.id, "never seen") is None
    own = factories.voice_file(storage)
    assert await store.set_item_voice(batch.id, item.id, own, "reply")
    assert (await store.get(batch.id)).items[1].voice == own
    with pytest.raises(HeygemError) as caught:
        await store.set_item_voice(batch.id, "nonsense", own, "another")
    assert refusal(caught) is ErrorCode.ITEM_UNKNOWN


async def test_generate_needs_a_template_and_a_voice_for_each(store: Store, storage: Storage) -> None:
    batch = await empty_batch(store)
    with pytest.raises(HeygemError) as caught:
        await store.generate(batch.id)
    assert refusal(caught) is ErrorCode.TEMPLATES_MISSING
    await store.add_template(batch.id, factories.template_file(storage), "1", factories.voice_file(storage))
    second = await store.add_template(batch.id, factories.template_file(storage), "2")
    with pytest.raises(HeygemError) as caught:
        await store.generate(batch.id)
    assert refusal(caught) is ErrorCode.VOICE_MISSING
    assert (await store.get(batch.id)).state is BatchState.COLLECTING
    assert second
    await store.set_item_voice(batch.id, second.id, factories.voice_file(storage), "3")
    assert (await store.generate(batch.id)).state is BatchState.QUEUED


async def test_generate_numbers_the_items_without_gaps(store: Store, claims: Claims, storage: Storage) -> None:
    batch = await factories.collecting_batch(store, storage, templates=4)
    await store.remove_item(batch.id, batch.items[1].id)
    queued = await store.generate(batch.id)
    assert [item.number for item in queued.items] == [1, 2, 3]
    claimed = [await factories.claim(claims) for _ in range(3)]
    assert [claim and claim.item.number for claim in claimed] == [1, 2, 3]


async def test_generate_rings_one_bell_per_living_worker_as_json(store: Store, redis: Redis, storage: Storage) -> None:
    for worker in ("a", "b"):
        await workers.beat(redis, worker, workers.Offer())
    await factories.queued_batch(store, storage)
    await factories.queued_batch(store, storage)
    assert await redis.zrange(keys.QUEUE, 0, -1) == ["bell:0", "bell:1"]
    job = json.loads(await redis.get("arq:job:bell:0"))
    assert job["f"] == keys.BELL
    assert bells.deserialize(json.dumps(job).encode())["a"] == []
    await workers.leave(redis, "a")
    assert await workers.alive(redis) == 1


async def test_an_unknown_batch_is_one_clear_refusal_everywhere(store: Store, storage: Storage) -> None:
    file = factories.template_file(storage)
    for call in (
        store.get("nonsense"),
        store.set_voice("nonsense", file, "1"),
        store.add_template("nonsense", file, "1"),
        store.remove_item("nonsense", "item"),
        store.item_of_message("nonsense", "1"),
        store.set_options("nonsense", engine="mesh"),
        store.set_status_message("nonsense", "1"),
        store.generate("nonsense"),
        store.cancel("nonsense"),
        store.line.pause("nonsense"),
        store.line.resume("nonsense"),
        store.line.put_first("nonsense"),
        store.line.cancel_item("nonsense", "item"),
        store.delete("nonsense"),
        store.telling.record_announcement("nonsense"),
    ):
        with pytest.raises(HeygemError) as caught:
            await call
        assert refusal(caught) is ErrorCode.BATCH_UNKNOWN
    assert await store.outlook.position("nonsense") == Position(0, 0)


async def test_cancelling_while_collecting_frees_the_place(store: Store, storage: Storage) -> None:
    batch = await factories.collecting_batch(store, storage)
    cancelled = await store.cancel(batch.id)
    assert cancelled.state is BatchState.CANCELLED
    assert {item.state for item in cancelled.items} == {ItemState.CANCELLED}
    assert await store.collecting(batch.place) is None
    assert await store.cancel(batch.id) == cancelled


async def test_cancelling_an_empty_batch_ends_it(store: Store) -> None:
    batch = await empty_batch(store)
    assert (await store.cancel(batch.id)).state is BatchState.CANCELLED


async def test_cancelling_a_queued_batch_ends_it_at_once(store: Store, claims: Claims, storage: Storage) -> None:
    batch = await factories.queued_batch(store, storage)
    other = await factories.queued_batch(store, storage, templates=1)
    cancelled = await store.cancel(batch.id)
    assert cancelled.state is BatchState.CANCELLED
    claim = await factories.claim(claims)
    assert claim
    assert claim.batch.id == other.id
    assert await factories.claim(claims) is None


async def test_cancelling_an_ended_batch_changes_nothing(store: Store, claims: Claims, storage: Storage) -> None:
    batch = await factories.queued_batch(store, storage)
    await drain(claims)
    assert (await store.cancel(batch.id)).state is BatchState.DONE


async def test_history_is_newest_first_and_the_person_s_own(store: Store, storage: Storage) -> None:
    mine = [await factories.queued_batch(store, storage) for _ in range(3)]
    await factories.queued_batch(store, storage, BORIS)
    assert [batch.id for batch in await store.history(ANNA)] == [batch.id for batch in reversed(mine)]
    assert [batch.id for batch in await store.history(ANNA, limit=1)] == [mine[-1].id]


async def test_position_counts_what_will_be_claimed_before(
    store: Store, claims: Claims, redis: Redis, storage: Storage
) -> None:
    await workers.beat(redis, "worker", workers.Offer(engines={"mesh": workers.Health.READY}, auto="mesh"))
    first = await factories.queued_batch(store, storage, ANNA, templates=3)
    second = await factories.queued_batch(store, storage, ANNA, templates=2)
    late = await factories.queued_batch(store, storage, BORIS, templates=2)
    collecting = await factories.collecting_batch(store, storage, BORIS)
    assert await store.outlook.position(first.id) == Position(0, 0)
    for batch in (second, late, collecting):
        foretold = (await store.outlook.position(batch.id)).ahead
        if batch is collecting:
            await store.generate(batch.id)
        assert foretold == await claims_before(claims, batch), batch.owner


async def claims_before(claims: Claims, batch: Batch) -> int:
    """How many items one worker renders until the batch's turn has come; all of them go back."""
    before = []
    while (claim := await factories.claim(claims)) and claim.batch.id != batch.id:
        before.append(claim)
    assert claim
    for taken in (*before, claim):
        assert await claims.release(taken)
    return len(before)


async def test_time_per_item_is_what_the_latest_items_took(store: Store, claims: Claims, storage: Storage) -> None:
    assert await store.outlook.pace() is None
    await factories.queued_batch(store, storage)
    await drain(claims)
    seconds = await store.outlook.pace()
    assert seconds is not None
    assert 0 <= seconds < 60


async def test_what_whisper_takes_is_guessed_by_the_workers_until_it_is_known_and_is_no_part_of_the_pace(
    store: Store, claims: Claims, redis: Redis, storage: Storage
) -> None:
    assert await store.outlook.listening() == 0
    await workers.beat(redis, "worker", workers.Offer(engines={"mesh": workers.Health.READY}, auto="mesh", listens=1.5))
    assert await store.outlook.listening() == 1.5
    await factories.queued_batch(store, storage)
    claim = await factories.claim(claims)
    assert claim is not None
    made = factories.output(output_name(claim.item.id, claim.fence))
    voice_s = claim.voice.info.duration_s
    result = made.result.model_copy(update={"listened_s": 4 * voice_s})
    assert await claims.finish(claim, made.model_copy(update={"result": result}))
    assert await store.outlook.listening() == pytest.approx(4)
    assert await store.outlook.pace() == 0, "all of it was Whisper's"


async def test_one_of_many_may_send_the_announcement_until_it_leaves_it_or_has_sent_it(store: Store) -> None:
    batch = await empty_batch(store)
    answers = await asyncio.gather(*(store.telling.begin_announcement(batch.id) for _ in range(5)))
    assert sorted(answers) == [False] * 4 + [True]
    await store.telling.leave_announcement(batch.id)
    assert await store.telling.begin_announcement(batch.id)
    assert not (await store.get(batch.id)).announced
    await store.telling.record_announcement(batch.id)
    assert (await store.get(batch.id)).announced


async def named(store: Store, platform: str = "console") -> str:
    return await asyncio.wait_for(anext(store.telling.dirty(platform)), timeout=PATIENCE_SECONDS)


async def test_a_change_is_named_to_its_platform_until_it_was_shown(store: Store) -> None:
    batch = await empty_batch(store)
    other = await store.open(ANNA, Place(platform="slack", chat="c"), "en")
    assert await named(store) == batch.id
    assert await named(store, "slack") == other.id
    assert await store.telling.clean("console", batch.id, (await store.get(batch.id)).version)
    await store.set_status_message(batch.id, "1")
    assert await named(store) == batch.id


async def test_a_change_that_came_after_what_was_shown_is_not_lost(store: Store) -> None:
    batch = await empty_batch(store)
    shown = (await store.get(batch.id)).version
    await store.set_options(batch.id, transcript="news")
    assert await store.telling.clean("console", batch.id, shown) is False
    assert await named(store) == batch.id
    assert await store.telling.clean("console", batch.id, (await store.get(batch.id)).version) is True
    assert await store.redis.exists(keys.dirty("console")) == 0


async def test_one_listener_hears_each_change_once(store: Store) -> None:
    heard = store.telling.dirty("console")
    batch = await empty_batch(store)
    assert await asyncio.wait_for(anext(heard), PATIENCE_SECONDS) == batch.id
    following = asyncio.ensure_future(anext(heard))
    await asyncio.sleep(0.5)
    assert not following.done()
    await store.set_options(batch.id, transcript="news")
    assert await asyncio.wait_for(following, PATIENCE_SECONDS) == batch.id


async def test_a_listener_ends_lost_runs_even_if_no_worker_lives(
    store: Store, claims: Claims, redis: Redis, storage: Storage
) -> None:
    batch = await factories.queued_batch(store, storage, templates=1)
    claim = await factories.claim(claims)
    assert claim
    await store.cancel(batch.id)
    await redis.zadd(keys.LEASES, {f"{batch.id}:{claim.item.id}": 0})
    assert await named(store) == batch.id
    assert (await store.get(batch.id)).state is BatchState.CANCELLED


async def test_deleting_leaves_no_key_and_no_file(store: Store, claims: Claims, redis: Redis, storage: Storage) -> None:
    batch = await factories.collecting_batch(store, storage, templates=3)
    await store.set_item_voice(batch.id, batch.items[0].id, factories.voice_file(storage), "own voice")
    await store.generate(batch.id)
    running = await factories.claim(claims)
    assert running
    results = storage.results(ANNA.owner, batch.id)
    results.mkdir(parents=True)
    (results / output_name(running.item.id, running.fence)).write_bytes(b"video")
    await reply(redis.sadd(keys.batch_links(batch.id), "digest"))
    await reply(redis.hset(keys.link("digest"), "batch", batch.id))

    await store.delete(batch.id)

    assert not results.exists()
    assert list((storage.owner(ANNA.owner) / "files").iterdir()) == []
    assert await reply(redis.hgetall(keys.link("digest"))) == {"revoked": "1"}
    assert await redis.ttl(keys.link("digest")) > 0
    assert await left(redis) == {keys.link("digest")}
    assert not await claims.renew(running)
    assert not await claims.finish(running, factories.output(output_name(running.item.id, running.fence)))


async def left(redis: Redis) -> set[str]:
    """Every key but those of the installation as a whole."""
    kept = {keys.SEQUENCE, keys.PACES, keys.LISTENINGS, keys.WORKERS, keys.OFFERS, keys.HEARD, keys.PATIENT, keys.QUEUE}
    return {key async for key in redis.scan_iter() if key not in kept and not key.startswith("arq:")}


async def test_deleting_keeps_the_files_that_another_batch_uses(store: Store, storage: Storage) -> None:
    shared = factories.template_file(storage)
    one, other = [await store.open(ANNA, factories.place(name), "en") for name in "ab"]
    for batch in (one, other):
        await store.add_template(batch.id, shared, "1")
    await store.delete(one.id)
    assert storage.file(ANNA.owner, shared.sha256).exists()
    await store.delete(other.id)
    assert not storage.file(ANNA.owner, shared.sha256).exists()


async def test_a_file_used_twice_in_a_batch_stays_while_one_use_is_left(store: Store, storage: Storage) -> None:
    batch = await empty_batch(store)
    both = factories.template_file(storage)
    await store.set_voice(batch.id, both, "1")
    item = await store.add_template(batch.id, both, "2")
    assert item
    await store.remove_item(batch.id, item.id)
    assert await reply(store.redis.scard(keys.file(both.owner, both.sha256))) == 1
    await store.set_voice(batch.id, factories.voice_file(storage), "3")
    assert await store.redis.exists(keys.file(both.owner, both.sha256)) == 0


async def test_forgetting_a_person_leaves_nothing_but_what_others_use(
    store: Store, claims: Claims, redis: Redis, storage: Storage
) -> None:
    given = factories.template_file(storage, ANNA)
    theirs = await store.open(BORIS, factories.place("boris"), "en")
    await store.add_template(theirs.id, given, "1")
    await factories.queued_batch(store, storage, ANNA)
    await factories.collecting_batch(store, storage, ANNA)
    assert await factories.claim(claims)
    (newest, *_) = await store.history(ANNA)
    await redis.set(keys.slack_sharing(newest.id), "names of files")
    cached = storage.cache(ANNA.owner) / "face" / "entry.npz"
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"arrays")

    await store.forget(ANNA)

    assert await store.history(ANNA) == []
    kept = [path for path in storage.owner(ANNA.owner).rglob("*") if path.is_file()]
    assert kept == [storage.file(ANNA.owner, given.sha256)]
    await store.delete(theirs.id)
    assert await left(redis) == set()


async def test_a_forgotten_person_is_mentioned_nowhere(
    store: Store, claims: Claims, redis: Redis, storage: Storage
) -> None:
    people = People(redis)
    await factories.queued_batch(store, storage, BORIS, templates=1)  # so that the installation is not idle
    await factories.queued_batch(store, storage, ANNA)
    await factories.collecting_batch(store, storage, ANNA)
    await people.set_preferences(ANNA, Preferences(engine="mesh"))
    await people.save_template(ANNA, "me", factories.template_file(storage))
    assert ANNA.owner in await everything(redis)
    for _ in range(2):
        assert await factories.claim(claims)

    await people.forget(ANNA)
    await store.forget(ANNA)

    left = await everything(redis)
    assert BORIS.owner in left
    assert ANNA.owner not in left
    assert ANNA.id not in left
    assert not storage.owner(ANNA.owner).exists()


async def everything(redis: Redis) -> str:
    """All that Redis holds, as one text."""
    readers: dict[str, Callable[[str], Awaitable[object] | object]] = {
        "string": redis.get,
        "hash": redis.hgetall,
        "set": redis.smembers,
        "zset": lambda key: redis.zrange(key, 0, -1),
        "list": lambda key: redis.lrange(key, 0, -1),
    }
    held = [(key, await reply(readers[await redis.type(key)](key))) async for key in redis.scan_iter()]
    return str(held)


async def test_forgetting_somebody_unknown_is_no_error(store: Store) -> None:
    await store.forget(Person(platform="slack", id="U1"))
