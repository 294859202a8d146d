"""The shipped nginx.conf in front of a real web server. Only what is marked "adapt" there is changed, and paths."""

import asyncio
import json
import threading
import zipfile
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from bot.web.forms import form_key
from heygem.base.settings import Settings
from heygem.engines.mannequin import film
from heygem.links.locks import Locks
from heygem.redis.server import EmbeddedRedis
from tests.nginx import NGINX, nginx
from tests.patience import PATIENCE_SECONDS
from tests.served import Progressing, web_server
from tests.uploading import Inviting, begin, offset_of, put, recording, until

BIG = 3_000_000

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, redis_server: EmbeddedRedis) -> Settings:
    redis_url = SecretStr(f"unix://{redis_server.socket}")
    return Settings(data_dir=tmp_path_factory.mktemp("data"), redis_url=redis_url)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nginx")


@pytest.fixture(scope="module")
def listening(settings: Settings, folder: Path) -> Iterator[Path]:
    """The socket that nginx listens on, with a web server behind it."""
    with (
        web_server(settings, folder / "web.log", nginx=True, accel_above_mb=2) as server,
        nginx(folder, server.url.removeprefix("http://"), settings.data_dir) as socket,
    ):
        yield socket


@pytest.fixture
async def client(listening: Path) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.AsyncHTTPTransport(uds=str(listening))
    async with httpx.AsyncClient(base_url="http://nginx", transport=transport, timeout=PATIENCE_SECONDS) as http:
        yield http


async def packed(batch: Progressing) -> Path:
    record = await batch.batch()
    results = batch.storage.results(record.owner.owner, record.id)
    for _ in range(200):
        if found := list(results.glob("*.zip")):
            return found[0]
        await asyncio.sleep(0.05)
    raise AssertionError("no pack was made")


async def test_a_large_zip_streams_at_once_and_resumes_from_the_file_that_nginx_sends(
    client: httpx.AsyncClient, redis: Redis, settings: Settings, folder: Path
) -> None:
    batch = await Progressing.of(redis, settings, ["演讲.mp4"])
    await batch.finish_next(BIG)
    link = await batch.link()
    address = f"/download/batch?token={link.token}"
    streamed = b""
    async with client.stream("GET", address) as answer:
        first = answer.headers
        async for block in answer.aiter_bytes():
            streamed += block
            if len(streamed) > BIG // 2:
                break
    pack = await packed(batch)

    rest = await client.get(address, headers={"Range": f"bytes={len(streamed)}-", "If-Range": first["etag"]})
    whole = await client.get(address)

    assert pack.stat().st_size == link.size
    assert rest.status_code == 206
    assert streamed + rest.content == whole.content
    assert zipfile.ZipFile(BytesIO(whole.content)).testzip() is None
    for name in (
        *("etag", "content-length", "content-type", "content-disposition", "cache-control", "referrer-policy"),
        *("x-robots-tag", "x-content-type-options", "content-security-policy"),
    ):
        assert whole.headers[name] == first[name], name
    log = (folder / "access.log").read_text()
    assert "/_files/owners/" in log  # nginx itself sent it


async def test_a_changed_tag_gets_the_whole_from_nginx_too(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    batch = await Progressing.of(redis, settings, ["a.mp4"])
    await batch.finish_next(BIG)
    link = await batch.link()
    address = f"/download/batch?token={link.token}"
    await client.get(address)
    await packed(batch)

    answer = await client.get(address, headers={"Range": "bytes=100-", "If-Range": '"another"'})
    unsatisfiable = await client.get(address, headers={"Range": f"bytes={link.size}-"})
    several = await client.get(address, headers={"Range": "bytes=0-1,5-6"})
    head = await client.head(address)

    assert answer.status_code == several.status_code == 200
    assert unsatisfiable.status_code == 416
    assert unsatisfiable.headers.get("etag") in (None, answer.headers["etag"])
    assert head.headers["content-length"] == str(link.size)


async def test_a_video_leaves_through_nginx_with_ranges_and_its_name(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    batch = await Progressing.of(redis, settings, ["演讲.mp4"])
    content = await batch.finish_next()
    address = f"/b/{(await batch.link()).token}/video/1.mp4"

    part = await client.get(address, headers={"Range": "bytes=1000-1999"})
    taken = await client.get(f"{address}?download")

    assert part.status_code == 206
    assert part.content == content[1000:2000]
    assert part.headers["content-type"] == "video/mp4"
    assert taken.content == content
    assert "001_%E6%BC%94%E8%AE%B2.mp4" in taken.headers["content-disposition"]
    assert taken.headers["etag"] == part.headers["etag"]


async def test_a_template_leaves_through_nginx_too_and_a_link_with_a_password_gives_neither_without_it(
    client: httpx.AsyncClient, redis: Redis, settings: Settings, folder: Path, tmp_path: Path
) -> None:
    film(tmp_path / "person.mp4")
    template = (tmp_path / "person.mp4").read_bytes()
    batch = await Progressing.of(redis, settings, ["演讲.mp4"], content=template)
    content = await batch.finish_next(BIG)
    record, lock = await batch.batch(), await Locks(redis).new("open sesame")
    token = (await batch.links.share(record, 3600, lock)).token
    addresses = (f"/b/{token}/before/1.mp4", f"/b/{token}/video/1.mp4", f"/download/batch?token={token}")

    for address in addresses:
        for headers in ({}, {"Range": "bytes=0-9"}):
            refused = await client.get(address, headers=headers)
            assert (refused.status_code, len(refused.content) < 10_000) == (401, True), address
            assert "etag" not in refused.headers
    form = {"key": form_key(token), "password": "open sesame"}
    assert (await client.post(f"/b/{token}/open", data=form)).status_code == 303
    before, video, archive = [await client.get(address) for address in addresses]
    part = await client.get(addresses[0], headers={"Range": "bytes=100-199", "If-Range": before.headers["etag"]})

    assert before.content == template + b"\0"
    assert (part.status_code, part.content) == (206, template[100:200])
    assert part.headers["content-type"] == "video/mp4"
    assert part.headers["content-disposition"].startswith("inline; ")
    for header in ("cache-control", "referrer-policy", "x-content-type-options", "content-security-policy"):
        assert part.headers[header] == refused.headers[header], header
    assert video.content == content
    assert zipfile.ZipFile(BytesIO(archive.content)).testzip() is None
    kept = batch.storage.file(record.owner.owner, record.items[0].template.sha256).relative_to(settings.data_dir)
    assert f"/_files/{kept.parent}/-" in (folder / "access.log").read_text(), "nginx itself sent it, and logs no hash"


async def test_a_small_zip_needs_no_file(client: httpx.AsyncClient, redis: Redis, settings: Settings) -> None:
    batch = await Progressing.of(redis, settings, ["a.mp4"])
    await batch.finish_next()
    link = await batch.link()

    answer = await client.get(f"/download/batch?token={link.token}")

    assert len(answer.content) == link.size
    assert not list(batch.storage.owners.glob(f"*/results/{batch.batch_id}/*.zip"))


async def test_the_files_are_not_to_be_had_without_a_link(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    batch = await Progressing.of(redis, settings, ["a.mp4"])
    await batch.finish_next()
    found = next(batch.storage.owners.glob(f"*/results/{batch.batch_id}/*.mp4"))

    for address in (f"/_files/{found.relative_to(settings.data_dir)}", "/_files/redis/appendonly.aof", "/_files/../x"):
        assert (await client.get(address)).status_code == 404


async def test_no_log_of_nginx_holds_a_token(
    client: httpx.AsyncClient, redis: Redis, settings: Settings, folder: Path
) -> None:
    batch = await Progressing.of(redis, settings, ["a.mp4"])
    await batch.finish_next()
    token = (await batch.link()).token
    for address in (
        *(f"/b/{token}", f"/b/{token}/", f"/b/{token}/video/1.mp4", f"/b/{token}/nowhere", f"/x?token={token}"),
        *(f"/download/batch?token={token}", f"/{token}", f"/b/{token}/status", f"/b/%62/{token}"),
    ):
        await client.get(address, headers={"Referer": f"http://nginx/b/{token}"})

    logs = {path.name: path.read_text() for path in folder.glob("*.log")}
    assert '"GET /b/-"' in logs["access.log"]
    assert '"GET /b/-/status"' in logs["access.log"]
    for name, text in logs.items():
        assert token not in text, name


async def test_nginx_logs_no_token_while_the_web_server_is_away(tmp_path: Path) -> None:
    """Its error log would quote the request line of every failure."""
    token = "T" * 43
    with nginx(tmp_path, "127.0.0.1:1", tmp_path) as listening:
        transport = httpx.AsyncHTTPTransport(uds=str(listening))
        async with httpx.AsyncClient(base_url="http://nginx", transport=transport) as client:
            assert (await client.get(f"/b/{token}")).status_code == 502

    logs = {path.name: path.read_text() for path in tmp_path.glob("*.log")}
    assert '"GET /b/-" 502' in logs["access.log"]
    assert token not in "".join(logs.values())


async def test_uploads_pass_in_pieces_and_what_arrived_before_a_loss_is_kept(
    client: httpx.AsyncClient, listening: Path, redis: Redis, settings: Settings, folder: Path
) -> None:
    page = await Inviting.of(redis, settings)
    content = recording(100)
    begun = (await begin(client, page.path, "long.wav", len(content))).raise_for_status().json()
    address = f"{page.path}/files/{begun['id']}"
    assert len(content) > (piece := 8 * 1024 * 1024)

    async def lost() -> AsyncIterator[bytes]:
        yield content[:2_000_000]
        await asyncio.sleep(60)

    async with httpx.AsyncClient(
        base_url="http://nginx", transport=httpx.AsyncHTTPTransport(uds=str(listening))
    ) as doomed:
        hanging = asyncio.create_task(put(doomed, address, 0, lost()))
        await until(lambda: _arrived(client, address, 2_000_000))
        hanging.cancel()
        await asyncio.gather(hanging, return_exceptions=True)
    offset = await offset_of(client, address)
    assert (await put(client, address, offset, content[offset : offset + piece])).status_code == 204
    while (offset := await offset_of(client, address)) < len(content):
        assert (await put(client, address, offset, content[offset : offset + piece])).status_code == 204
    await until(lambda: _added(client, address))

    assert page.token not in (folder / "access.log").read_text()


async def _arrived(client: httpx.AsyncClient, address: str, offset: int) -> bool:
    return await offset_of(client, address) >= offset


async def _added(client: httpx.AsyncClient, address: str) -> bool:
    return bool((await client.get(address)).json()["state"] == "added")


class _Called(BaseHTTPRequestHandler):
    """A bot that is called: it answers with what it was told."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        told = {name: self.headers[name] for name in ("X-Slack-Signature", "X-Telegram-Bot-Api-Secret-Token")}
        answer = json.dumps({"path": self.path, "body": body.decode(), **told}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Nothing to the tests' output."""


@pytest.mark.parametrize(
    ("path", "header"),
    [("/slack/events", "X-Slack-Signature"), ("/telegram", "X-Telegram-Bot-Api-Secret-Token")],
)
async def test_what_bots_are_called_with_is_handed_on_as_it_is(path: str, header: str, tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Called) as bot:
        threading.Thread(target=bot.serve_forever, daemon=True).start()
        try:
            with nginx(tmp_path, "127.0.0.1:1", tmp_path, f"127.0.0.1:{bot.server_port}") as listening:
                transport = httpx.AsyncHTTPTransport(uds=str(listening))
                async with httpx.AsyncClient(base_url="http://nginx", transport=transport) as http:
                    answer = await http.post(path, content=b"payload=%7B%7D", headers={header: "v0=5ec4e7"})
        finally:
            bot.shutdown()
    told = answer.json()
    assert (told["path"], told["body"], told[header]) == (path, "payload=%7B%7D", "v0=5ec4e7")
