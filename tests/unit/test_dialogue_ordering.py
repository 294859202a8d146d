"""Messages of one place in order, different places side by side."""

import asyncio
from collections.abc import Callable
from functools import partial

import pytest

from bot.dialogue.ordering import Queues, aside, in_order, side_by_side
from tests.patience import PATIENCE_SECONDS


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_one_key_is_served_in_the_order_of_arrival() -> None:
    queues, served = Queues(), []

    async def serve(number: int) -> None:
        async with queues.turn("chat"):
            await asyncio.sleep(0.01 if number == 0 else 0)
            served.append(number)

    await asyncio.gather(*(serve(number) for number in range(20)))
    assert served == list(range(20))


async def test_another_key_does_not_wait() -> None:
    queues = Queues()
    async with queues.turn("slow"), asyncio.timeout(20), queues.turn("fast"):
        assert len(queues) == 2


async def test_keys_nobody_waits_for_take_no_memory_whatever_happens_inside() -> None:
    queues = Queues()

    async def fail() -> None:
        async with queues.turn("chat"):
            raise ValueError

    await asyncio.gather(fail(), fail(), return_exceptions=True)
    waiting = asyncio.create_task(fail())
    async with queues.turn("chat"):
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert len(queues) == 0


async def test_behind_one_who_stands_aside_others_go_on_and_it_steps_in_in_the_order_of_arrival() -> None:
    queues, told, gates = Queues(), [], [asyncio.Event() for _ in range(3)]

    async def fetch(number: int) -> None:
        async with queues.turn("chat"):
            async with aside(fetching=True):
                told.append(f"fetch {number}")
                await gates[number].wait()
            told.append(f"add {number}")

    async def ask() -> None:
        async with queues.turn("chat"):
            told.append("answer")

    async def generate() -> None:
        async with queues.turn("chat"):
            await in_order()
            told.append("generate")

    tasks = [asyncio.create_task(each) for each in (fetch(0), fetch(1), generate(), fetch(2), ask())]
    await asyncio.wait_for(tasks[-1], PATIENCE_SECONDS)
    assert told == ["fetch 0", "fetch 1", "fetch 2", "answer"]
    for gate in reversed(gates):
        gate.set()
        await asyncio.sleep(0)
    await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE_SECONDS)
    assert told[4:] == ["add 0", "add 1", "generate", "add 2"]
    assert len(queues) == 0


async def test_few_of_a_place_fetch_at_the_same_time_and_another_place_does_not_wait_for_them() -> None:
    queues, gate, fetching = Queues(), asyncio.Event(), []

    async def fetch(place: str) -> None:
        async with queues.turn(place), aside(fetching=True):
            fetching.append(place)
            await gate.wait()

    tasks = [asyncio.create_task(fetch(place)) for place in ["busy"] * 9 + ["calm"]]
    await until(lambda: "calm" in fetching)
    assert fetching.count("busy") == 3
    gate.set()
    await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE_SECONDS)
    assert fetching.count("busy") == 9


@pytest.mark.parametrize("cancelled", [True, False])
async def test_one_that_fails_or_is_ended_aside_keeps_nobody_behind_it(*, cancelled: bool) -> None:
    queues, began, gate, told = Queues(), asyncio.Event(), asyncio.Event(), []

    async def fetch() -> None:
        async with queues.turn("chat"), aside():
            began.set()
            await gate.wait()
            raise ValueError

    async def generate() -> None:
        async with queues.turn("chat"):
            await in_order()
            told.append("generate")

    first, second = asyncio.create_task(fetch()), asyncio.create_task(generate())
    await began.wait()
    await asyncio.sleep(0)
    assert told == []
    if cancelled:
        first.cancel()
    gate.set()
    await asyncio.wait_for(asyncio.gather(first, second, return_exceptions=True), PATIENCE_SECONDS)
    assert told == ["generate"]
    assert len(queues) == 0


async def test_parts_of_a_message_go_side_by_side_through_all_its_queues_and_end_in_their_order() -> None:
    lines, places, told = Queues(), Queues(), []
    gates = [asyncio.Event() for _ in range(4)]

    async def part(number: int) -> None:
        told.append(f"fetch {number}")
        async with aside(fetching=True):
            await gates[number].wait()
        told.append(f"add {number}")

    async def message(*numbers: int) -> None:
        async with lines.turn("line"), places.turn("place"):
            await side_by_side([partial(part, number) for number in numbers])

    async def ask() -> None:
        async with lines.turn("line"), places.turn("place"):
            told.append("answer")

    tasks = [asyncio.create_task(each) for each in (message(0, 1), message(2, 3), ask())]
    await until(lambda: len(told) == 5)
    assert sorted(told) == ["answer", "fetch 0", "fetch 1", "fetch 2", "fetch 3"]
    for gate in reversed(gates):
        gate.set()
        await asyncio.sleep(0)
    await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE_SECONDS)
    assert told[5:] == ["add 0", "add 1", "add 2", "add 3"]
    assert (len(lines), len(places)) == (0, 0)


async def test_a_part_that_fails_takes_none_of_the_others_with_it() -> None:
    places, gate, told = Queues(), asyncio.Event(), []

    async def fail() -> None:
        async with aside(fetching=True):
            pass
        raise ValueError("the first")

    async def add(number: int) -> None:
        async with aside(fetching=True):
            await gate.wait()
        told.append(number)

    async def message() -> None:
        async with places.turn("place"):
            await side_by_side([fail, *(partial(add, number) for number in range(2))])

    task = asyncio.create_task(message())
    await asyncio.sleep(0.01)
    gate.set()
    with pytest.raises(ValueError, match="the first"):
        await asyncio.wait_for(task, PATIENCE_SECONDS)
    assert told == [0, 1]
    assert len(places) == 0
