import io
import zipfile
from pathlib import Path

import httpx
from redis.asyncio import Redis

from heygem.base.settings import Settings
from tests.patience import PATIENCE_SECONDS
from tests.ports import free_port
from tests.served import Progressing, web_server

SIZE = 20_000_000


async def test_a_download_goes_on_after_the_server_was_killed_in_the_middle(
    redis: Redis, settings: Settings, tmp_path: Path
) -> None:
    batch = await Progressing.of(redis, settings, ["演讲.mp4", "later.mp4"])
    await batch.finish_next(SIZE)
    link = await batch.link()
    address = f"/download/batch?token={link.token}"

    got = b""
    with web_server(settings, tmp_path / "first.log", port=free_port()) as first:
        async with httpx.AsyncClient(base_url=first.url, timeout=PATIENCE_SECONDS) as client:
            try:
                async with client.stream("GET", address) as answer:
                    etag = answer.headers["etag"]
                    async for block in answer.aiter_bytes():
                        got += block
                        if first.process.poll() is None and len(got) > SIZE // 10:
                            first.process.kill()
                            first.process.wait()
            except httpx.HTTPError:
                pass
    assert SIZE // 10 < len(got) < link.size  # it was cut

    await batch.finish_next()
    with web_server(settings, tmp_path / "second.log", port=first.port) as second:
        async with httpx.AsyncClient(base_url=second.url, timeout=PATIENCE_SECONDS) as client:
            rest = await client.get(address, headers={"Range": f"bytes={len(got)}-", "If-Range": etag})

    assert rest.status_code == 206
    with zipfile.ZipFile(io.BytesIO(got + rest.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["001_演讲.mp4", "manifest.json"]


async def test_a_server_killed_while_it_packs_leaves_no_half_pack_to_be_sent(
    redis: Redis, settings: Settings, tmp_path: Path
) -> None:
    batch = await Progressing.of(redis, settings, ["a.mp4"])
    content = await batch.finish_next(SIZE)
    link = await batch.link()
    with web_server(settings, tmp_path / "first.log", nginx=True, accel_above_mb=1) as first:
        async with (
            httpx.AsyncClient(base_url=first.url, timeout=PATIENCE_SECONDS) as client,
            client.stream("GET", f"/download/batch?token={link.token}"),
        ):
            first.process.kill()
            first.process.wait()

    for pack in batch.storage.owners.glob("*/results/*/*.zip"):
        assert pack.stat().st_size == link.size
    with web_server(settings, tmp_path / "second.log") as second:
        async with httpx.AsyncClient(base_url=second.url, timeout=PATIENCE_SECONDS) as client:
            whole = await client.get(f"/download/batch?token={link.token}")
    assert zipfile.ZipFile(io.BytesIO(whole.content)).read("001_a.mp4") == content
