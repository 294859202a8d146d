"""Messages of one place in order, different places side by side."""

import asyncio

from bot.chat.ordering import Queues


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
