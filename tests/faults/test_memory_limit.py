"""A render that takes more memory than one may is ended for that, at once and once; nobody else notices."""

from heygem.base.errors import ErrorCode
from heygem.batches.model import ItemState
from tests.engines.stub_engine import HOG_MB, Script
from tests.faults.house import House


async def test_a_render_over_the_limit_ends_its_item_and_counts_as_no_loss(house: House) -> None:
    limit_mb = HOG_MB // 2
    worker = house.start_worker(HEYGEM_LIMITS__RENDER_MEMORY_MB=str(limit_mb))
    batch = await house.generate(Script(name="bomb", fault="hog"), Script())

    ended = await house.ended(batch)

    failure = ended.items[0].failure
    assert failure is not None
    assert failure.code is ErrorCode.RENDER_MEMORY
    assert failure.params == {"name": ended.items[0].template.name, "limit_mb": limit_mb}
    assert ended.items[0].losses == 0
    assert ended.items[1].state is ItemState.DONE
    assert worker.poll() is None
    house.stop_workers()
    await house.check(batch)
