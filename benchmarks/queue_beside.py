"""What an item costs in our queue and in dramatiq's: rounds in turn, on one Redis, one worker process each.

    pip install 'dramatiq[redis]'; python -m benchmarks.queue_beside [--rounds 3] [--items 500]

The work is the same: a file read, a file of 1,000 bytes written and synced. Ours also claims under a lease, shares
fairly between people, counts a batch's items, tells the front ends and renders in a process of its own; dramatiq does
none of it and works in the process that takes the item, so its row is what the bare passing on costs.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil
from redis.asyncio import Redis
from rich.table import Table

from benchmarks.queue import collected, console, finished, house_in_passing, started
from heygem.batches.model import Batch, ItemState
from tests.faults.house import House

_QUEUE = "dramatiq:benchmark"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--items", type=int, default=500)
    given = parser.parse_args()
    columns = ("", "worker, ms", "its children, ms", "Redis, ms", "wall, ms")
    table = Table(*columns, title="Processor and wall time per item, from its start to its end")
    with house_in_passing() as house, dramatiq_worker(house) as other:
        asyncio.run(compare(house, other, given.rounds, given.items, table))
    console.print(table)


async def compare(house: House, other: psutil.Process, rounds: int, items: int, table: Table) -> None:
    house.settings.quotas.open_batches = items
    await started(house, 1)
    await ours(house, await collected(house, items // 10, owners=1))  # so that everything is loaded
    await theirs(house, items)
    worker = psutil.Process(house.workers[0].pid)
    for _ in range(rounds):
        batches = await collected(house, items // 10, owners=1)
        for name, run, process in (
            ("ours", partial(ours, house, batches), worker),
            ("dramatiq", partial(theirs, house, items), other),
        ):
            before, began = spent(house, process), time.perf_counter()
            await run()
            wall = time.perf_counter() - began
            used = [after - was for after, was in zip(spent(house, process), before, strict=True)]
            table.add_row(name, *(f"{1000 * seconds / items:.2f}" for seconds in (*used, wall)))


async def ours(house: House, batches: list[Batch]) -> None:
    for batch in batches:
        await house.store.generate(batch.id)
    assert all(item.state is ItemState.DONE for item in await finished(house, batches))


async def theirs(house: House, items: int) -> None:
    from benchmarks.dramatiq_actor import render

    folder = house.settings.data_dir / "theirs"
    folder.mkdir(exist_ok=True)
    (folder / "template").write_bytes(b"template")
    outputs = [folder / str(number) for number in range(items)]
    for output in outputs:
        output.unlink(missing_ok=True)
        render.send(str(folder / "template"), str(output))
    while not outputs[-1].exists() or await _left(house.redis):  # noqa: ASYNC110
        await asyncio.sleep(0.05)


async def _left(redis: Redis) -> int:
    return int(await redis.exists(_QUEUE))


@contextmanager
def dramatiq_worker(house: House) -> Iterator[psutil.Process]:
    os.environ["BENCHMARK_REDIS"] = f"unix://{house.server.socket}"
    command = [sys.executable, "-m", "dramatiq", "benchmarks.dramatiq_actor", "--processes=1", "--threads=1"]
    with subprocess.Popen(command, cwd=Path(__file__).parents[1], stderr=subprocess.DEVNULL) as worker:
        try:
            yield psutil.Process(worker.pid)
        finally:
            worker.terminate()


def spent(house: House, worker: psutil.Process) -> tuple[float, float, float]:
    """Processor time so far, of the worker, of its children and of Redis."""
    children = worker.children(recursive=True)
    return _cpu(worker), sum(map(_cpu, children)), _cpu(psutil.Process(house.server.pid))


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    main()
