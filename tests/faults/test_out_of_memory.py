"""The kernel kills a render process that takes too much: the item fails with that reason, and the next one runs."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from heygem.base.errors import ErrorCode
from heygem.batches.model import ItemState
from tests.engines.stub_engine import HOG_MB, Script
from tests.faults.house import House

CONTROL_GROUPS = Path("/sys/fs/cgroup")


@pytest.fixture
def little_memory() -> Iterator[Path]:
    """A control group (of either version) in which half of what the stub hogs is too much."""
    version_1 = CONTROL_GROUPS / "memory"
    group = (version_1 if version_1.exists() else CONTROL_GROUPS) / f"heygem-test-{uuid4().hex}"
    try:
        group.mkdir()
        limit = group / ("memory.limit_in_bytes" if version_1.exists() else "memory.max")
        limit.write_text(str(HOG_MB // 2 * 1_000_000))
    except OSError:
        pytest.skip("limiting memory needs root and a writable control group")
    yield group
    group.rmdir()


async def test_a_render_that_the_kernel_kills_for_memory_says_so(house: House, little_memory: Path) -> None:
    worker = house.start_worker(HEYGEM_LIMITS__RENDER_MEMORY_MB="100000")  # else we would be faster
    (little_memory / "cgroup.procs").write_text(str(worker.pid))  # before it starts its render process
    await house.render_child(worker)
    batch = await house.generate(Script(fault="hog"), Script())

    ended = await house.ended(batch)

    failure = ended.items[0].failure
    assert failure is not None
    assert failure.code is ErrorCode.OUT_OF_MEMORY
    assert ended.items[1].state is ItemState.DONE
    house.stop_workers()
    await house.check(batch)
