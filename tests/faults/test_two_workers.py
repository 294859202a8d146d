"""Several workers on one Redis: each item once, each voice and each template once."""

import asyncio

from heygem.base.errors import ErrorCode
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


async def test_one_broken_template_of_ten_costs_the_others_nothing_and_a_template_is_looked_at_once(
    house: House,
) -> None:
    for _ in range(2):
        house.start_worker()
    faces = [Script(name=f"face {n}", listen=0.1, analyze=0.1, fault="no_face" if n == 4 else "") for n in range(ITEMS)]

    first = await house.ended(await house.generate(*faces))

    assert [item.number for item in first.finished] == [1, 2, 3, 4, 6, 7, 8, 9, 10]
    failure = first.items[4].failure
    assert failure is not None
    assert failure.code is ErrorCode.NO_FACE
    assert len(house.noted("listen")) == 2  # that it starts, and that it takes its time
    assert len(house.noted("analyze")) == ITEMS

    again = await house.ended(await house.generate(*faces[:2], Script(name="another", listen=0.1, analyze=0.1)))

    results = [item.output.result for item in again.finished if item.output]
    assert [result.cached["face"] for result in results] == [True, True, False]
    assert len(house.noted("listen")) == 2 * 2  # another voice
    assert len(house.noted("analyze")) == ITEMS + 1
    house.stop_workers()
    await house.check(first, again)
