"""From the last frame to a link, and from the link to the disk of whoever follows it.

    python -m benchmarks.archive [--videos 10] [--megabytes 20]

The videos are random bytes: H.264 does not compress either. All of it is in the page cache.
"""

import argparse
import asyncio
import random
import socket
import statistics
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from heygem.archive.member import Member
from heygem.archive.plan import BLOCK
from heygem.base.settings import Quotas, Settings
from heygem.batches.store import Store
from heygem.links.download import Link, Links, OpenLink
from heygem.redis.connection import connect
from heygem.redis.server import EmbeddedRedis
from tests.nginx import NGINX, nginx
from tests.served import Progressing, web_server

ROUNDS = 5
RANGES = 1000
MB = 1_000_000


@dataclass(frozen=True)
class Scene:
    """A finished batch behind a link."""

    settings: Settings
    folder: Path
    batch_id: str
    link: Link
    videos: tuple[Member, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--videos", type=int, default=10)
    parser.add_argument("--megabytes", type=int, default=20, help="of each video")
    options = parser.parse_args()
    console = Console()
    with _scene(options.videos, options.megabytes * MB) as scene:
        console.print(_to_the_link(scene))
        console.print(_throughput(scene))
        console.print(_ranges(scene))


@contextmanager
def _scene(videos: int, size: int) -> Iterator[Scene]:
    with tempfile.TemporaryDirectory() as name, EmbeddedRedis(Path(name) / "data") as redis:
        folder = Path(name)
        settings = Settings(
            data_dir=folder / "data",
            redis_url=SecretStr(f"unix://{redis.socket}"),
            quotas=Quotas(templates_per_batch=videos, stored_mb=1_000_000),
        )
        yield asyncio.run(_finished(settings, folder, videos, size))


async def _finished(settings: Settings, folder: Path, videos: int, size: int) -> Scene:
    redis = connect(settings)
    batch = await Progressing.of(redis, settings, [f"template {number}.mp4" for number in range(videos)])
    for number in range(videos):
        await batch.finish_next(random.Random(number).randbytes(size))
    link = await batch.link()
    members = (await batch.links.open(link.token)).members
    await redis.aclose()
    return Scene(settings, folder, batch.batch_id, link, tuple(member for member in members if member.path))


def _to_the_link(scene: Scene) -> Table:
    """Ways to have something to download once the last video is finished, interleaved."""
    total = sum(video.size for video in scene.videos)
    ways: dict[str, Callable[[], None]] = {
        "plan and link, first block read": lambda: asyncio.run(_plan_and_link(scene)),
        "zipfile STORED": lambda: _zipfile(scene, zipfile.ZIP_STORED),
        "zipfile DEFLATED": lambda: _zipfile(scene, zipfile.ZIP_DEFLATED),
        "crc32 of all (spread over the renders)": lambda: _crc(scene),
    }
    took = _interleaved(ways, rounds=3)
    quickest = statistics.median(took["plan and link, first block read"])
    table = Table("way", "ms", "MB/s", "times ours", title=f"Last frame → link: {total / MB:.0f} MB")
    for name, seconds in took.items():
        median = statistics.median(seconds)
        speed = "" if median == quickest else f"{total / MB / median:.0f}"
        table.add_row(name, f"{median * 1000:.1f}", speed, f"{median / quickest:.0f}")
    return table


async def _plan_and_link(scene: Scene) -> None:
    """What happens between the last `finish` and the first byte that a browser gets, against a real Redis."""
    redis = connect(scene.settings)
    links = Links(redis, scene.settings)
    link = await links.create(await Store(redis, scene.settings).get(scene.batch_id))
    next((await links.open(link.token)).plan.read())
    await redis.aclose()


def _zipfile(scene: Scene, method: int) -> None:
    with tempfile.TemporaryFile() as target, zipfile.ZipFile(target, "w", method) as archive:
        for video in scene.videos:
            archive.write(cast("Path", video.path), video.name)


def _crc(scene: Scene) -> None:
    for video in scene.videos:
        with cast("Path", video.path).open("rb") as file:
            crc = 0
            while block := file.read(BLOCK):
                crc = zlib.crc32(block, crc)


def _throughput(scene: Scene) -> Table:
    """The whole zip to a client that throws it away, interleaved."""
    request = (
        f"GET /download/batch?token={scene.link.token} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n".encode()
    )
    with ExitStack() as stack:
        direct = stack.enter_context(web_server(scene.settings, scene.folder / "direct.log"))
        ways: dict[str, Callable[[], None]] = {
            "range stream": lambda: _fetch(("127.0.0.1", direct.port), request, scene.link.size)
        }
        if NGINX:
            ways |= _through_nginx(scene, stack, request)
        for way in ways.values():
            way()
        took = _interleaved(ways, ROUNDS)
    table = Table("way", "MB/s", title=f"Download of {scene.link.size / MB:.0f} MB over loopback, median of {ROUNDS}")
    for name, seconds in took.items():
        table.add_row(name, f"{scene.link.size / MB / statistics.median(seconds):.0f}")
    if not NGINX:
        table.caption = "nginx is not installed: no comparison"
    return table


def _through_nginx(scene: Scene, stack: ExitStack, request: bytes) -> dict[str, Callable[[], None]]:
    """nginx as a proxy of the stream, and nginx sending the packed file (X-Accel-Redirect)."""
    sockets = []
    for name, limit_mb in (("proxied", 10**9), ("packed", 0)):
        folder = scene.folder / name
        folder.mkdir()
        server = stack.enter_context(
            web_server(scene.settings, folder / "web.log", nginx=True, accel_above_mb=limit_mb)
        )
        sockets.append(stack.enter_context(nginx(folder, f"127.0.0.1:{server.port}", scene.settings.data_dir)))
    proxied, packed = (str(path) for path in sockets)
    while not list(scene.settings.data_dir.glob("owners/*/results/*/*.zip")):
        _fetch(packed, request, scene.link.size)  # the first download begins the pack
        time.sleep(0.1)
    return {
        "range stream through nginx": lambda: _fetch(proxied, request, scene.link.size),
        "nginx sends the file": lambda: _fetch(packed, request, scene.link.size),
    }


def _fetch(address: tuple[str, int] | str, request: bytes, size: int) -> None:
    """A bare client, so that what is measured is the server."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as client:
        client.connect(address)
        client.sendall(request)
        buffer = bytearray(BLOCK)
        got = 0
        while count := client.recv_into(buffer):
            got += count
    assert got > size, f"{got} of {size} bytes"


def _ranges(scene: Scene) -> Table:
    """Random ranges of up to 1 MB: each compared with the same slice of the whole."""
    plan = asyncio.run(_opened(scene)).plan
    whole = b"".join(plan.read())
    choose = random.Random(5)
    took, wrong = [], 0
    for _ in range(RANGES):
        start = choose.randrange(plan.size)
        stop = min(plan.size, start + choose.randrange(MB))
        begun = time.perf_counter()
        part = b"".join(plan.read(start, stop))
        took.append(time.perf_counter() - begun)
        wrong += part != whole[start:stop]
    table = Table("ranges", "wrong", "median ms", "slowest ms", title="Random ranges of the plan, up to 1 MB each")
    table.add_row(f"{RANGES}", f"{wrong}", f"{statistics.median(took) * 1000:.2f}", f"{max(took) * 1000:.2f}")
    assert wrong == 0
    return table


async def _opened(scene: Scene) -> OpenLink:
    redis = connect(scene.settings)
    opened = await Links(redis, scene.settings).open(scene.link.token)
    await redis.aclose()
    return opened


def _interleaved(ways: dict[str, Callable[[], None]], rounds: int) -> dict[str, list[float]]:
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            begun = time.perf_counter()
            way()
            took[name].append(time.perf_counter() - begun)
    return took


if __name__ == "__main__":
    main()
