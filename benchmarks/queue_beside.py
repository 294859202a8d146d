"""What an item costs in our queue and in dramatiq's: rounds in turn, on one Redis, one worker process each.

    pip install 'dramatiq[redis]'; python -m benchmarks.queue_beside [--rounds 3] [--items 500]

The work is the same: a file read, a file of 1,000 bytes written and synced. Ours also claims under a lease, shares
fairly between people, counts a batch's items, tells the front ends and renders in a process of its own, whose time is
counted; dramatiq does none of it, so its row is what the bare passing on costs.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from redis.asyncio import Redis
from rich.table import Table

from benchmarks.queue import collected, console, finished, house_in_passing, started
from heygem.batches.model import ItemState
from tests.faults.house import House

_QUEUE = "dramatiq:benchmark"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--items", type=int, default=500)
    given = parser.parse_args()
    table = Table("", "worker, ms", "Redis, ms", "wall, ms", title="Processor and wall time per item")
    with house_in_passing() as house, dramatiq_worker(house) as other:
        asyncio.run(compare(house, other, given.rounds, given.items, table))
    console.print(table)


async def compare(house: House, other: psutil.Process, rounds: int, items: int, table: Table) -> None:
    house.settings.quotas.open_batches = items
    await started(house, 1)
    await ours(house, items)  # so that caches are full and everything is loaded
    await theirs(house, items)
    for _ in range(rounds):
        for name, run, process in (
            ("ours", ours, psutil.Process(house.workers[0].pid)),
            ("dramatiq", theirs, other),
        ):
            before, began = spent(house, process), time.perf_counter()
            await run(house, items)
            wall = time.perf_counter() - began
            used = [after - was for after, was in zip(spent(house, process), before, strict=True)]
            table.add_row(name, *(f"{1000 * seconds / items:.2f}" for seconds in (*used, wall)))


async def ours(house: House, items: int) -> None:
    batches = await collected(house, items // 10, owners=1)
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


def spent(house: House, worker: psutil.Process) -> tuple[float, float]:
    """Processor time so far, of the worker with its children and of Redis."""
    family = [worker, *worker.children(recursive=True)]
    return sum(map(_cpu, family)), _cpu(psutil.Process(house.server.pid))


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    main()
