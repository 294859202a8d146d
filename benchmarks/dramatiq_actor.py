"""What `benchmarks.queue_beside` has dramatiq do: an item's bare work, a file read, a file written whole and synced."""

import os
from pathlib import Path

import dramatiq
from dramatiq.brokers.redis import RedisBroker

dramatiq.set_broker(RedisBroker(url=os.environ["BENCHMARK_REDIS"]))


@dramatiq.actor(queue_name="benchmark", max_retries=0)
def render(template: str, output: str) -> None:
    Path(template).read_bytes()
    partial = Path(f"{output}.partial")
    with partial.open("wb") as file:
        file.write(bytes(1000))
        os.fsync(file.fileno())
    partial.replace(output)
    folder = os.open(partial.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
