"""Several workers on one Redis: each item once, each voice once."""

import asyncio

from heygem.batches.model import ItemState
from tests.engines.stub_engine import Script
from tests.factories import ANNA, BORIS
from tests.faults.house import House

ITEMS = 10


async def test_two_workers_render_each_item_once_and_listen_to_each_voice_once(house: House) -> None:
    workers = [house.start_worker(), house.start_worker()]
    for worker in workers:
        await house.render_child(worker)
    batches = [
        await house.generate(
            *(Script(name=f"{owner.id} {n}", listen=0.5, generate=0.1) for n in range(ITEMS)), owner=owner
        )
        for owner in (ANNA, BORIS)
    ]

    ended = await asyncio.gather(*map(house.ended, batches))

    items = [item for batch in ended for item in batch.items]
    assert [(item.state, item.fence) for item in items] == [(ItemState.DONE, 1)] * 2 * ITEMS
    rendered = [template for _, _, _, template, _ in house.noted("render")]
    assert len(set(rendered)) == len(rendered) == 2 * ITEMS
    assert len(house.noted("listen")) == 2 * 2  # of each voice: that it starts, and that it takes its time
    assert len({process for _, process, *_ in house.noted("render")}) == 2
    house.stop_workers()
    await house.check(*batches)
