"""SIGTERM is a deploy, not a loss."""

from heygem.batches.claims import MAX_LOSSES
from heygem.batches.model import ItemState
from tests.engines.stub_engine import Script
from tests.faults.house import House
from tests.patience import PATIENCE_SECONDS

DEPLOYS = MAX_LOSSES + 1


async def test_more_deploys_in_one_render_than_losses_are_borne_neither_lose_nor_fail_the_item(house: House) -> None:
    worker = house.start_worker()
    batch = await house.generate(Script(listen=0.1, generate=1.5))
    for deploy in range(1, DEPLOYS + 1):
        await house.until_noted("generate", deploy)
        following = house.start_worker()
        worker.terminate()
        assert worker.wait(PATIENCE_SECONDS) == 0
        worker = following

    ended = await house.ended(batch)

    item = ended.items[0]
    assert (item.state, item.losses, item.fence) == (ItemState.DONE, 0, DEPLOYS + 1)
    house.stop_workers()
    await house.check(batch)


async def test_an_idle_worker_leaves_at_once_and_takes_its_render_process_with_it(house: House) -> None:
    worker = house.start_worker()
    child = await house.render_child(worker)

    house.stop_workers()

    assert not child.is_running()
    assert "Traceback" not in house.stderr.read_text()
