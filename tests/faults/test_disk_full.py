"""A full disk: a code with numbers, nothing partial left, and the batch goes on."""

import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from heygem.batches.model import ItemState
from heygem.errors import ErrorCode
from tests.engines.stub_engine import Script
from tests.faults.house import House, opened

DISK_MB = 240  # the reserve of `Storage.require_space` is 200
HUGE = 400_000_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder whose `data` is a disk of its own, which is small."""
    data = tmp_path / "data"
    data.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(data)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small disk needs root")
    yield tmp_path
    subprocess.run(["umount", str(data)], check=True)


@pytest.fixture
async def small_house(small_disk: Path) -> AsyncIterator[House]:
    with opened(small_disk) as house:
        yield house
        await house.redis.aclose()


async def test_a_disk_that_fills_up_fails_the_item_and_the_batch_goes_on(small_house: House) -> None:
    small_house.start_worker()
    batch = await small_house.generate(Script(), Script(size=HUGE), Script())

    ended = await small_house.ended(batch)

    failure = ended.items[1].failure
    assert failure is not None
    assert failure.code is ErrorCode.DISK_FULL
    assert [item.state for item in ended.items] == [ItemState.DONE, ItemState.FAILED, ItemState.DONE]
    small_house.stop_workers()
    await small_house.check(batch)


async def test_without_the_reserve_nothing_is_even_started(small_house: House) -> None:
    filler = small_house.settings.data_dir / "filler"
    filler.write_bytes(bytes((DISK_MB - 150) * 1_000_000))
    small_house.start_worker()
    batch = await small_house.generate(Script())

    ended = await small_house.ended(batch)

    failure = ended.items[0].failure
    assert failure is not None
    assert failure.code is ErrorCode.DISK_FULL
    assert small_house.noted("render") == []
    small_house.stop_workers()
    await small_house.check(batch)
