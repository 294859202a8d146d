"""SIGKILL of the web server at any moment of an upload: what it told is on the disk, and a file comes in once."""

import asyncio
from pathlib import Path

import httpx
from redis.asyncio import Redis

from heygem.base.settings import Settings
from heygem.storage.layout import Storage
from tests.patience import PATIENCE_SECONDS
from tests.served import WebServer, web_server
from tests.uploading import Inviting, begin, offset_of, put, recording, until


def kill(server: WebServer) -> None:
    server.process.kill()
    server.process.wait()


async def test_what_was_told_to_have_arrived_is_there_after_a_sudden_death(
    redis: Redis, settings: Settings, tmp_path: Path
) -> None:
    page, content = await Inviting.of(redis, settings), recording(60)
    with web_server(settings, tmp_path / "first.log") as first:
        async with httpx.AsyncClient(base_url=first.url, timeout=PATIENCE_SECONDS) as http:
            begun = (await begin(http, page.path, "a.wav", len(content))).json()
            address = f"{page.path}/files/{begun['id']}"
            await put(http, address, 0, content[:1_000_000])

            async def endless() -> None:
                async def trickle() -> object:
                    for start in range(1_000_000, 3_000_000, 50_000):
                        yield content[start : start + 50_000]
                        await asyncio.sleep(0.01)
                    await asyncio.sleep(60)  # the server dies first

                await put(http, address, 1_000_000, trickle())

            sending = asyncio.create_task(endless())
            await until(lambda: _beyond(http, address, 1_500_000))
            told = await offset_of(http, address)
            kill(first)
            await asyncio.gather(sending, return_exceptions=True)

    with web_server(settings, tmp_path / "second.log") as second:
        async with httpx.AsyncClient(base_url=second.url, timeout=PATIENCE_SECONDS) as http:
            offset = await offset_of(http, address)
            assert told <= offset < len(content)
            await put(http, address, offset, content[offset:])
            await until(lambda: _added(http, address))

    voice = (await page.batch()).voice
    assert voice is not None
    assert Storage(settings.data_dir).file(voice.owner, voice.sha256).read_bytes() == content


async def test_a_whole_file_comes_in_once_though_its_server_died_while_looking_at_it(
    redis: Redis, settings: Settings, tmp_path: Path
) -> None:
    page, content = await Inviting.of(redis, settings), recording(5)
    begun_at = None
    for attempt in range(2):
        with web_server(settings, tmp_path / f"{attempt}.log") as server:
            async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_SECONDS) as http:
                if begun_at is None:
                    begun = (await begin(http, page.path, "a.wav", len(content))).json()
                    begun_at = f"{page.path}/files/{begun['id']}"
                    await put(http, begun_at, 0, content)
                else:
                    await http.get(begun_at)
                await asyncio.sleep(0.1 * attempt)  # sooner or later in its work
                kill(server)
    assert begun_at is not None
    with web_server(settings, tmp_path / "last.log") as last:
        async with httpx.AsyncClient(base_url=last.url, timeout=PATIENCE_SECONDS) as http:
            await until(lambda: _added(http, begun_at))

    batch = await page.batch()
    assert batch.voice is not None
    assert batch.items == []
    storage = Storage(settings.data_dir)
    assert [path.name for path in storage.owners.glob("*/files/*")] == [batch.voice.sha256]
    assert list(storage.incoming.glob(f"{page.batch_id}.*")) == []


async def _beyond(http: httpx.AsyncClient, address: str, offset: int) -> bool:
    return await offset_of(http, address) > offset


async def _added(http: httpx.AsyncClient, address: str) -> bool:
    return bool((await http.get(address)).json()["state"] == "added")
