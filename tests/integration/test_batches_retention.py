"""What goes by itself, what stays, and that several sweeps and people adding meanwhile do no harm."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.batches import files
from heygem.batches.claims import Claim, Claims
from heygem.batches.model import BatchState, output_name
from heygem.batches.people import People
from heygem.batches.retention import DAY_S, sweep_old
from heygem.batches.store import Store
from heygem.links.download import Links
from heygem.redis import keys
from heygem.redis.connection import reply
from heygem.storage.layout import Storage
from tests import factories
from tests.factories import ANNA, BORIS

HOUR_S = 3600.0


@pytest.fixture
def store(redis: Redis, settings: Settings) -> Store:
    return Store(redis, settings)


@pytest.fixture
def claims(redis: Redis, settings: Settings) -> Claims:
    return Claims(redis, settings)


async def later(store: Store, settings: Settings, seconds: float) -> None:
    """A sweep as it will be in `seconds`."""
    await sweep_old(store, Storage(settings.data_dir), settings, time.time() + seconds)


def result(storage: Storage, claim: Claim) -> Path:
    """What a worker leaves in the results before it calls `finish`."""
    path = storage.results(claim.owner, claim.batch.id) / output_name(claim.item.id, claim.fence)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"video")
    return path


async def rendered(claims: Claims, storage: Storage) -> Path:
    claim = await factories.claim(claims)
    assert claim
    path = result(storage, claim)
    assert await claims.finish(claim, factories.output(path.name))
    return path


async def test_results_go_after_a_week_with_records_links_and_files(
    store: Store, claims: Claims, redis: Redis, settings: Settings, storage: Storage
) -> None:
    batch = await factories.queued_batch(store, storage, templates=1)
    video = await rendered(claims, storage)
    links = Links(redis, settings)
    link = await links.create(await store.get(batch.id))
    await later(store, settings, 7 * DAY_S - 60)
    assert video.exists()
    assert (await links.open(link.token)).batch_id == batch.id
    assert (await store.get(batch.id)).state is BatchState.DONE
    await later(store, settings, 7 * DAY_S + 60)
    assert await store.find(batch.id) is None
    with pytest.raises(HeygemError) as caught:
        await links.open(link.token)
    assert caught.value.code is ErrorCode.LINK_REVOKED
    assert [path for path in storage.owner(ANNA.owner).rglob("*") if path.is_file()] == []


async def test_an_abandoned_batch_expires_and_then_goes(
    store: Store, redis: Redis, settings: Settings, storage: Storage
) -> None:
    batch = await factories.collecting_batch(store, storage)
    await later(store, settings, DAY_S - 60)
    assert (await store.get(batch.id)).state is BatchState.COLLECTING
    await later(store, settings, DAY_S + 60)
    expired = await store.get(batch.id)
    assert expired.state is BatchState.EXPIRED
    assert await store.collecting(batch.place) is None
    assert batch.id in await reply(redis.hgetall(keys.dirty("console")))
    with pytest.raises(HeygemError) as caught:
        await store.add_template(batch.id, factories.template_file(storage), "late")
    assert caught.value.code is ErrorCode.BATCH_STARTED
    await store.open(ANNA, batch.place, "en")
    await later(store, settings, DAY_S + 2 * HOUR_S)
    assert await store.find(batch.id) is None


async def test_a_batch_that_somebody_still_fills_is_not_abandoned(
    store: Store, redis: Redis, settings: Settings, storage: Storage
) -> None:
    batch = await factories.collecting_batch(store, storage)
    await redis.zadd(keys.COLLECTING, {batch.id: time.time() - 3 * DAY_S})
    await store.add_template(batch.id, factories.template_file(storage), "news")
    await later(store, settings, 0)
    assert (await store.get(batch.id)).state is BatchState.COLLECTING


async def test_waiting_and_running_batches_never_go_by_themselves(
    store: Store, claims: Claims, settings: Settings, storage: Storage
) -> None:
    batch = await factories.queued_batch(store, storage, templates=2)
    claim = await factories.claim(claims)
    assert claim
    video = result(storage, claim)
    await later(store, settings, 30 * DAY_S)
    assert (await store.get(batch.id)).state is BatchState.RUNNING
    assert video.exists()
    assert storage.file(ANNA.owner, claim.item.template.sha256).exists()


async def test_a_file_nothing_uses_goes_and_saved_or_young_ones_stay(
    store: Store, redis: Redis, settings: Settings, storage: Storage
) -> None:
    people = People(redis)
    unused, saved, used = (factories.template_file(storage) for _ in range(3))
    await people.save_template(ANNA, "me", saved)
    batch = await store.open(ANNA, factories.place(), "en")
    await store.add_template(batch.id, used, "1")

    def kept() -> set[str]:
        return {file.sha256 for file in (unused, saved, used) if storage.file(ANNA.owner, file.sha256).exists()}

    await later(store, settings, HOUR_S - 60)
    assert kept() == {unused.sha256, saved.sha256, used.sha256}
    await later(store, settings, HOUR_S + 60)
    assert kept() == {saved.sha256, used.sha256}
    await people.drop_template(ANNA, "me")
    await later(store, settings, HOUR_S + 60)
    assert kept() == {used.sha256}


async def test_outputs_of_runs_that_lost_go_and_the_recorded_one_stays(
    store: Store, claims: Claims, redis: Redis, settings: Settings, storage: Storage
) -> None:
    await factories.queued_batch(store, storage, templates=1)
    lost = await factories.claim(claims, "lost")
    assert lost
    left = result(storage, lost)
    await redis.zadd(keys.LEASES, {f"{lost.batch.id}:{lost.item.id}": 0})
    video = await rendered(claims, storage)
    subtitles = video.with_suffix(".srt")
    subtitles.touch()
    await later(store, settings, HOUR_S - 60)
    assert left.exists()
    await later(store, settings, HOUR_S + 60)
    assert not left.exists()
    assert video.exists()
    assert subtitles.exists()


async def test_results_of_a_batch_that_is_gone_go_too(store: Store, settings: Settings, storage: Storage) -> None:
    orphan = storage.results(ANNA.owner, "gonegonego") / "item.1.mp4"
    orphan.parent.mkdir(parents=True)
    orphan.touch()
    await later(store, settings, HOUR_S - 60)
    assert orphan.exists()
    await later(store, settings, HOUR_S + 60)
    assert not orphan.parent.exists()


async def test_caches_shrink_to_their_size_least_recently_used_first(
    store: Store, settings: Settings, storage: Storage
) -> None:
    settings.retention.cache_mb = 3
    entries = []
    for age, owner in enumerate((ANNA, BORIS, ANNA, BORIS)):
        entry = storage.cache(owner.owner) / "face" / f"{age}.npz"
        entry.parent.mkdir(parents=True, exist_ok=True)
        entry.write_bytes(b"\0" * 1_000_000)
        entry.with_suffix(".lock").touch()
        os.utime(entry, (0, 1_000_000 - age))
        entries.append(entry)
    partial = entries[0].with_name("abc.partial")
    partial.touch()
    await later(store, settings, 0)
    assert [entry.exists() for entry in entries] == [True, True, True, False]
    assert [entry.with_suffix(".lock").exists() for entry in entries] == [True, True, True, False]
    assert partial.exists()
    await later(store, settings, HOUR_S + 60)
    assert not partial.exists()


async def test_uploads_that_stood_still_go(store: Store, settings: Settings, storage: Storage) -> None:
    storage.incoming.mkdir(parents=True)
    upload = storage.incoming / "upload"
    upload.touch()
    await later(store, settings, HOUR_S)
    assert upload.exists()
    await later(store, settings, 7 * HOUR_S)
    assert not upload.exists()


async def test_many_sweeps_at_once_are_as_good_as_one(
    store: Store, claims: Claims, settings: Settings, storage: Storage
) -> None:
    for _ in range(3):
        await factories.queued_batch(store, storage, templates=2)
        await factories.collecting_batch(store, storage, BORIS)
    while await factories.claim(claims):
        pass
    for batch in await store.history(ANNA):
        await store.cancel(batch.id)
    await asyncio.gather(*(later(store, settings, 9 * DAY_S) for _ in range(6)))
    assert {batch.state for batch in await store.history(BORIS)} == {BatchState.EXPIRED}
    assert {batch.state for batch in await store.history(ANNA)} == {BatchState.RUNNING}
    await asyncio.gather(*(later(store, settings, 9 * DAY_S + 2 * HOUR_S) for _ in range(6)))
    assert await store.history(BORIS) == []


async def test_a_sweep_with_nothing_there_is_no_error(store: Store, settings: Settings) -> None:
    await later(store, settings, 0)


class Between:
    """Lets something happen at the second look of `remove_unused` at the records: before its answer, or after."""

    def __init__(self, redis: Redis, patch: pytest.MonkeyPatch, event: Callable[[], Awaitable[object]], when: str):
        self._exists, self._event, self._when = redis.exists, event, when
        self.looks = 0
        patch.setattr(redis, "exists", self.exists)

    async def exists(self, *names: str) -> int:
        self.looks += 1
        if self.looks == 2 and self._when == "before":
            await self._event()
        answer = int(await self._exists(*names))
        if self.looks == 2 and self._when == "after":
            await self._event()
        return answer


async def test_a_file_is_put_back_if_somebody_uses_it_while_it_is_removed(
    store: Store, redis: Redis, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = factories.template_file(storage)
    record = keys.file(ANNA.owner, file.sha256)
    between = Between(redis, monkeypatch, lambda: reply(redis.sadd(record, "batch:item:template")), "before")
    assert not await files.remove_unused(redis, storage, ANNA.owner, file.sha256)
    assert between.looks == 2
    assert storage.file(ANNA.owner, file.sha256).exists()


async def test_whoever_adds_a_file_at_the_moment_it_is_removed_hears_of_it(
    store: Store, redis: Redis, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = factories.template_file(storage)
    batch = await store.open(ANNA, factories.place(), "en")

    async def add() -> None:
        with pytest.raises(HeygemError) as caught:
            await store.add_template(batch.id, file, "1")
        assert caught.value.code is ErrorCode.FILE_MISSING

    between = Between(redis, monkeypatch, add, "after")
    assert await files.remove_unused(redis, storage, ANNA.owner, file.sha256)
    assert between.looks == 2
    assert (await store.get(batch.id)).items == []


@pytest.mark.parametrize("of_item", [False, True])
async def test_a_voice_that_went_at_the_moment_it_was_set_is_taken_back(
    of_item: bool, store: Store, redis: Redis, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = await factories.collecting_batch(store, storage, templates=1)
    voice = factories.voice_file(storage)
    answers = iter([True, False])
    monkeypatch.setattr(files, "present", lambda *_: next(answers))
    setting = store.set_item_voice(batch.id, batch.items[0].id, voice, "2") if of_item else None
    with pytest.raises(HeygemError) as caught:
        await (setting or store.set_voice(batch.id, voice, "2"))
    assert caught.value.code is ErrorCode.FILE_MISSING
    read = await store.get(batch.id)
    assert (read.items[0].voice if of_item else read.voice) is None
    assert await redis.exists(keys.file(ANNA.owner, voice.sha256)) == 0


async def test_what_a_killed_remover_moved_aside_is_settled(
    store: Store, redis: Redis, settings: Settings, storage: Storage
) -> None:
    used, unused = factories.template_file(storage), factories.template_file(storage)
    batch = await store.open(ANNA, factories.place(), "en")
    await store.add_template(batch.id, used, "1")
    for file in (used, unused):
        kept = storage.file(ANNA.owner, file.sha256)
        kept.rename(kept.with_name(f"{file.sha256}.123{files.ASIDE}"))
    await later(store, settings, HOUR_S + 60)
    left = [path.name for path in (storage.owner(ANNA.owner) / "files").iterdir()]
    assert left == [used.sha256]
