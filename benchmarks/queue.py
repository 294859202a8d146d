"""How the queue shares its workers, and what it costs per item: real Redis, real workers, an engine that does nothing.

    python -m benchmarks.queue [--batches 1000] [--workers 4]

Fairness: an owner with 40 items and one who comes later with 2. Records: the queue without workers. Scale: 200 owners
with 10,000 tiny items. A worker's time per item depends on how busy the machine and its disk are (two fsyncs each);
the processor time says what the queue itself costs.
"""

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from heygem.batches.claims import Claims
from heygem.batches.model import Batch, Item, ItemState, MediaFile, Person, output_name
from heygem.batches.workers import alive
from heygem.redis import keys
from tests.engines.stub_engine import Script
from tests.factories import media_file, output, person, place, voice_file
from tests.faults.house import House, opened

ITEM_SECONDS = 1.0
MANY, FEW = 40, 2
OWNERS = 200
ITEMS_PER_BATCH = 10
LIMIT_SECONDS = 180.0

console = Console()


async def fairness(house: House) -> None:
    await started(house, 2)
    many = await house.generate(*scripts("many", MANY), owner=person("many"))
    await asyncio.sleep(3.5 * ITEM_SECONDS)
    few = await house.ended(await house.generate(*scripts("few", FEW), owner=person("few")))
    waited = [(item.started - few.queued) / ITEM_SECONDS for item in few.items]
    ahead = sum(0 < item.started < few.queued for item in (await house.store.get(many.id)).items)
    await house.store.cancel(many.id)
    rows = {
        f"until the late owner's first item starts (of the other's {MANY}, {ahead} had)": f"{waited[0]:.2f}",
        "until its second one starts": f"{waited[1]:.2f}",
        "the same, first come first served: about": f"{(MANY - ahead) / 2:.0f}",
    }
    show(
        f"Fairness: {MANY} items, then {FEW} of another owner; 2 workers, {ITEM_SECONDS:g} s per item",
        "item times",
        rows,
    )


def scripts(name: str, items: int) -> list[Script]:
    return [Script(name=f"{name} {number}", generate=ITEM_SECONDS) for number in range(items)]


async def scale(house: House, batches: int, workers: int) -> None:
    await started(house, workers)
    queued = await collected(house, batches)
    before = cpu_seconds(house)
    for batch in queued:
        await house.store.generate(batch.id)
    items = await finished(house, queued)
    used = {name: 1000 * (after - before[name]) / len(items) for name, after in cpu_seconds(house).items()}
    videos = sum(1 for _ in house.storage.owners.glob("*/results/*/*.mp4"))
    rows = measured(items, videos, workers) | {
        f"processor time per item, {name}: ms": f"{milliseconds:.2f}" for name, milliseconds in used.items()
    }
    show(f"Scale: {batches} batches of {OWNERS} owners, {workers} workers, {psutil.cpu_count()} cores", "", rows)


async def records(house: House, batches: int) -> None:
    """The queue alone: claims and their ends, one after the other, without workers."""
    for batch in await collected(house, batches):
        await house.store.generate(batch.id)
    claims = Claims(house.redis, house.settings)
    ended = 0
    began = time.perf_counter()
    while claim := await claims.claim("benchmark", ["stub"]):
        await claims.finish(claim, output(output_name(claim.item.id, claim.fence)))
        ended += 1
    spent = 1000 * (time.perf_counter() - began) / ended
    show(f"Records: {ended} items claimed and finished, one after the other", "", {"an item, ms": f"{spent:.2f}"})


async def started(house: House, workers: int) -> None:
    for _ in range(workers):
        house.start_worker(HEYGEM_LOG_LEVEL="WARNING", STUB_LOG="")

    async def all_alive() -> bool:
        return await alive(house.redis) == workers

    await house.until(all_alive)
    for worker in house.workers:
        await house.render_child(worker)


async def collected(house: House, batches: int, owners: int = OWNERS) -> list[Batch]:
    """Batches of so many owners in turn, not yet generated. An owner uses the same files in all of them."""
    console.print(f"collecting {batches} batches …")
    people = [person(f"owner {number}") for number in range(min(owners, batches))]
    files = {owner: templates(house, owner) for owner in people}
    voices = {owner: voice_file(house.storage, owner) for owner in people}
    made = []
    for number in range(batches):
        owner = people[number % len(people)]
        batch = await house.store.open(owner, place(f"chat {time.monotonic_ns()}"), "en")
        await house.store.set_options(batch.id, engine="stub")
        await house.store.set_voice(batch.id, voices[owner], "voice")
        for index, file in enumerate(files[owner]):
            await house.store.add_template(batch.id, file, f"template {index}")
        made.append(batch)
    return made


def templates(house: House, owner: Person) -> list[MediaFile]:
    names = [f"template {number}" for number in range(ITEMS_PER_BATCH)]
    return [
        media_file(house.storage, owner, name, content=Script(name=name).model_dump_json().encode()) for name in names
    ]


async def finished(house: House, batches: list[Batch]) -> list[Item]:
    """All items, once all batches have ended or the time is up."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while await house.redis.exists(keys.ENGINES, keys.RUNNING) and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(0.5)
    return [item for batch in batches for item in (await house.store.get(batch.id)).items]


def measured(items: list[Item], videos: int, workers: int) -> dict[str, str]:
    done = [item for item in items if item.state is ItemState.DONE]
    span = max(item.ended for item in done) - min(item.started for item in done)
    taken = sorted(1000 * (item.ended - item.started) for item in done)
    shares = Counter(item.worker for item in done).values()
    runs = Counter(item.fence for item in items)
    return {
        "items · done · videos on the disk": f"{len(items)} · {len(done)} · {videos}",
        "items by their number of runs": ", ".join(f"{count} x {fence}" for fence, count in sorted(runs.items())),
        "items of a worker: fewest · most": f"{min(shares)} · {max(shares)}",
        "items per second, all workers": f"{len(done) / span:.0f}",
        "a worker's time per item, all included: ms": f"{1000 * span * workers / len(done):.2f}",
        "claim to end of an item: median, ms": f"{taken[len(taken) // 2]:.2f}",
        "claim to end of an item: 99 %, ms": f"{taken[len(taken) * 99 // 100]:.2f}",
    }


def show(title: str, unit: str, rows: dict[str, str]) -> None:
    table = Table("", title=title)
    table.add_column(unit, justify="right")
    for row in rows.items():
        table.add_row(*row)
    console.print(table)


def cpu_seconds(house: House) -> dict[str, float]:
    """Processor time so far, by kind of process."""
    workers = [psutil.Process(worker.pid) for worker in house.workers]
    return {
        "worker": sum(map(_cpu, workers)),
        "render process": sum(_cpu(child) for worker in workers for child in worker.children()),
        "redis": _cpu(psutil.Process(house.server.pid)),
    }


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


@contextmanager
def house_in_passing() -> Iterator[House]:
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as house:
        yield house
        house.stop_workers()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--batches", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=4)
    given = parser.parse_args()
    with house_in_passing() as house:
        asyncio.run(fairness(house))
    with house_in_passing() as house:
        asyncio.run(records(house, min(100, given.batches)))
    with house_in_passing() as house:
        asyncio.run(scale(house, given.batches, given.workers))


if __name__ == "__main__":
    main()
