"""Ending tasks that do not listen at once."""

import asyncio
import contextlib

import pytest

from heygem.base.tasks import end


async def deaf(times: int) -> None:
    """Swallows so many cancellations, as `asyncio.wait_for` may."""
    for _ in range(times):
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(600)
    await asyncio.sleep(600)


async def test_a_task_that_swallows_cancellations_ends_all_the_same() -> None:
    task = asyncio.create_task(deaf(2))
    await asyncio.sleep(0)
    await end([task])
    assert task.cancelled()


async def test_a_task_on_its_way_out_ends_its_own_tasks_however_often_it_is_cancelled() -> None:
    inner = asyncio.create_task(deaf(5))

    async def outer() -> None:
        try:
            await asyncio.sleep(600)
        finally:
            await end([inner])

    task = asyncio.create_task(outer())
    await asyncio.sleep(0)
    await end([task])
    assert inner.cancelled()
    assert task.cancelled()


async def test_who_waits_for_the_end_can_be_cancelled_and_hears_of_it() -> None:
    inner = asyncio.create_task(deaf(1))
    await asyncio.sleep(0)
    ending = asyncio.create_task(end([inner]))
    await asyncio.sleep(0)
    ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending
    assert inner.cancelled()
