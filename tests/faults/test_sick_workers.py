"""A worker that fails costs time, and ends nobody's item: the machine's troubles are not the content's."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch, ItemState
from heygem.batches.workers import Health, Stall, offers
from heygem.redis import keys
from heygem.redis.server import EmbeddedRedis
from tests.engines.stub_engine import Script
from tests.factories import person
from tests.faults.house import House, opened

DISK_MIB = 240  # the reserve of `Storage.require_space` is 200
HUGE = 400_000_000
OWNERS, ITEMS = 5, 8
EIGHT_DAYS = 8 * 24 * 3600


def mount(*arguments: str) -> None:
    if shutil.which("mount") is None or subprocess.run(["mount", *arguments], capture_output=True).returncode:
        pytest.skip("mounting needs root")


@contextmanager
def mounted(*arguments: str) -> Iterator[None]:
    mount(*arguments)
    try:
        yield
    finally:
        subprocess.run(["umount", arguments[-1]], check=True)


@contextmanager
def disk(folder: Path) -> Iterator[Path]:
    """A small disk of its own at `folder`."""
    folder.mkdir(exist_ok=True)
    with mounted("-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(folder)):
        yield folder


@pytest.fixture
async def small_house(tmp_path: Path) -> AsyncIterator[House]:
    """Its data, Redis' too, lie on a small disk: where that is full to the last byte, Redis ends with each write."""
    with disk(tmp_path / "data"), opened(tmp_path) as house:
        keeper = asyncio.create_task(kept(house.server))
        yield house
        keeper.cancel()
        await house.redis.aclose()


async def kept(server: EmbeddedRedis) -> None:
    """As `heygem run` does."""
    while True:
        with suppress(HeygemError):
            server.start()
        await asyncio.sleep(0.1)


def fill(folder: Path, leave_mib: int = 150) -> Path:
    """Leave less than the reserve."""
    filler = folder / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        for _ in range(DISK_MIB - leave_mib):
            file.write(bytes(1 << 20))
    return filler


async def of_many(house: House) -> list[Batch]:
    return [
        await house.generate(*(Script(name=f"{n} {m}") for m in range(ITEMS)), owner=person(f"owner {n}"))
        for n in range(OWNERS)
    ]


async def all_done(house: House, batches: list[Batch]) -> None:
    for batch in batches:
        ended = await house.ended(batch)
        assert [(item.state, item.failure) for item in ended.items] == [(ItemState.DONE, None)] * len(ended.items)


async def until_ill(house: House, count: int = 1) -> None:
    async def look() -> bool:
        return [offer.engines.get("stub") for offer in await offers(house.redis)].count(Health.ILL) == count

    await house.until(look)


async def test_one_of_two_workers_with_a_full_disk_fails_nobodys_item(house: House, tmp_path: Path) -> None:
    """Both see the same files; only where it renders is one of them full."""
    house.storage.owners.mkdir(parents=True)
    with ExitStack() as stack:
        full = stack.enter_context(disk(tmp_path / "full"))
        (full / "owners").mkdir()
        stack.enter_context(mounted("--bind", str(house.storage.owners), str(full / "owners")))
        stack.callback(house.kill_workers)
        fill(full)
        sick = house.start_worker(HEYGEM_DATA_DIR=str(full), HEYGEM_REDIS_URL=f"unix://{house.server.socket}")
        await until_ill(house)
        house.start_worker()
        batches = await of_many(house)
        await all_done(house, batches)

        workers = {item.worker for batch in batches for item in (await house.store.get(batch.id)).items}
        assert not [worker for worker in workers if worker.endswith(f":{sick.pid}")]
        house.stop_workers()
        await house.check(*batches)


async def test_items_wait_for_a_disk_that_is_full_for_a_while(small_house: House) -> None:
    filler = fill(small_house.settings.data_dir)
    small_house.start_worker()
    batch = await small_house.generate(Script(), Script())
    assert await small_house.store.outlook.stall(batch) in (None, Stall.NO_WORKER), "it may still come up"
    await until_ill(small_house)
    waiting = await small_house.store.get(batch.id)
    assert [item.state for item in waiting.items] == [ItemState.WAITING] * 2
    assert await small_house.store.outlook.stall(waiting) is Stall.ILL

    filler.unlink()
    await all_done(small_house, [batch])
    assert await small_house.store.outlook.stall(await small_house.store.get(batch.id)) is None
    small_house.stop_workers()
    await small_house.check(batch)


async def test_a_disk_that_is_full_to_the_last_byte_takes_redis_and_loses_nothing(small_house: House) -> None:
    small_house.start_worker()
    batch = await small_house.generate(Script(generate=3), Script())
    await small_house.until_noted("generate")
    before = small_house.server.pid

    filler = fill(small_house.settings.data_dir, leave_mib=0)

    async def redis_has_ended() -> bool:
        with suppress(RedisError):
            await small_house.redis.set("heygem:padding", os.urandom(4096))
        return small_house.server.pid != before

    await small_house.until(redis_has_ended)
    filler.unlink()
    await all_done(small_house, [batch])
    small_house.stop_workers()
    await small_house.check(batch)


async def test_an_item_that_no_disk_here_can_hold_ends_and_the_batch_goes_on(small_house: House) -> None:
    small_house.start_worker()
    batch = await small_house.generate(Script(), Script(size=HUGE), Script())

    ended = await small_house.ended(batch)

    failure = ended.items[1].failure
    assert failure is not None
    assert failure.code is ErrorCode.DISK_FULL
    assert [item.state for item in ended.items] == [ItemState.DONE, ItemState.FAILED, ItemState.DONE]
    small_house.stop_workers()
    await small_house.check(batch)


@pytest.mark.parametrize("name", ["owners", "work"])
async def test_items_wait_for_a_folder_that_cannot_be_written_for_a_while(house: House, name: str) -> None:
    worker = house.start_worker()
    await all_done(house, [await house.generate(Script(name="before"))])
    batch = await house.collect(Script(), Script())
    folder = str(house.settings.data_dir / name)
    with mounted("--bind", folder, folder):
        mount("-o", "remount,ro,bind", folder)
        await house.store.generate(batch.id)
        await until_ill(house)
        assert not [item for item in (await house.store.get(batch.id)).items if item.state.terminal]
    await all_done(house, [batch])
    assert worker.poll() is None
    house.stop_workers()
    await house.check(batch)


async def test_a_worker_that_lacks_the_engine_leaves_its_items_to_one_that_has_it(house: House) -> None:
    house.start_worker(PYTHONPATH=os.environ.get("PYTHONPATH", ""), HEYGEM_ENGINE="latentsync")
    house.start_worker()

    async def both_are_there() -> bool:
        return len(await offers(house.redis)) == 2

    await house.until(both_are_there)
    batches = await of_many(house)
    await all_done(house, batches)
    house.stop_workers()
    await house.check(*batches)


async def test_an_engine_that_breaks_gives_its_item_back_and_is_tried_until_it_works(
    house: House, tmp_path: Path
) -> None:
    sick = tmp_path / "sick"
    house.start_worker(STUB_SICK=str(sick))
    batch = await house.generate(Script(generate=1.0), Script())
    await house.until_noted("generate")
    sick.touch()
    await until_ill(house)
    items = (await house.store.get(batch.id)).items
    assert [(item.state, item.losses) for item in items if item.state is not ItemState.DONE][-1:] == [
        (ItemState.WAITING, 0)
    ]

    sick.unlink()
    await all_done(house, [batch])
    house.stop_workers()
    await house.check(batch)


async def test_a_worker_whose_clock_is_eight_days_ahead_removes_nothing(house: House, tmp_path: Path) -> None:
    """Its first sweep of old things comes at its start, and this one finds a finished and a collecting batch."""
    house.start_worker()
    done = await house.generate(Script())
    await all_done(house, [done])
    collecting = await house.collect(Script(name="later"))
    house.stop_workers()
    ahead = tmp_path / "ahead"
    ahead.mkdir()
    (ahead / "sitecustomize.py").write_text(
        f"import time\nnow = time.time\ntime.time = lambda: now() + {EIGHT_DAYS}\n"
        "import pathlib, os\npathlib.Path(os.environ['AHEAD']).touch()\n"
    )
    path = os.pathsep.join((str(ahead), str(Path(__file__).parents[1] / "engines")))
    house.start_worker(PYTHONPATH=path, AHEAD=str(ahead / "began"))
    another = await house.generate(Script(name="with a wrong clock"))
    await all_done(house, [another])
    await asyncio.sleep(1)

    assert (ahead / "began").exists()
    assert (await house.store.get(collecting.id)).items
    house.stop_workers()
    await house.check(done, another)


async def test_a_redis_that_is_full_for_a_while_costs_no_run(house: House) -> None:
    worker = house.start_worker()
    batch = await house.generate(Script(generate=1.0), Script(generate=8.0))
    await house.until_noted("generate")
    await house.redis.config_set("maxmemory", 1)
    await asyncio.sleep(7)  # longer than a lease
    await house.redis.config_set("maxmemory", 0)

    ended = await house.ended(batch)

    assert [(item.state, item.fence, item.losses) for item in ended.items] == [(ItemState.DONE, 1, 0)] * 2
    assert worker.poll() is None
    house.stop_workers()
    await house.check(batch)
    assert not await house.redis.exists(keys.PATIENT)
