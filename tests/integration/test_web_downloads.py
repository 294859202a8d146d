import asyncio
import contextlib
import io
import json
import random
import re
import resource
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import av
import httpx
import numpy as np
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from heygem.base.settings import Settings
from heygem.base.tasks import end
from heygem.batches.claims import Claims
from heygem.batches.store import Store
from heygem.links.download import Links
from heygem.links.picture import PictureLinks
from heygem.media.info import MediaFormat, MediaInfo
from heygem.redis.server import EmbeddedRedis
from heygem.storage.layout import Storage
from tests.factories import ANNA, media_file, place, template_info, voice_file
from tests.patience import PATIENCE_SECONDS
from tests.served import Progressing, WebServer, web_server

SOON_SECONDS = 10.0  # for a person who waits; it is 2 to 5 s on an idle machine
NAMES = ["Ann.mp4", "演讲 🎤.mp4", "c.mp4"]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, redis_server: EmbeddedRedis) -> Settings:
    redis_url = SecretStr(f"unix://{redis_server.socket}")
    return Settings(data_dir=tmp_path_factory.mktemp("data"), redis_url=redis_url)


@pytest.fixture(scope="module")
def server(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    with web_server(settings, tmp_path_factory.mktemp("log") / "web.log", simultaneous_downloads=3) as running:
        yield running


@pytest.fixture
async def client(server: WebServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_SECONDS) as http:
        yield http


@pytest.fixture
async def batch(redis: Redis, settings: Settings) -> Progressing:
    made = await Progressing.of(redis, settings, NAMES)
    await made.finish_next()
    await made.finish_next()
    return made


async def test_the_zip_comes_whole_with_every_header_that_resuming_needs(
    client: httpx.AsyncClient, batch: Progressing
) -> None:
    link = await batch.link()

    answer = await client.get(f"/download/batch?token={link.token}")

    assert answer.status_code == 200
    assert answer.headers["content-length"] == str(link.size) == str(len(answer.content))
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["accept-ranges"] == "bytes"
    assert re.fullmatch(r'"[0-9a-f]{32}"', answer.headers["etag"])
    assert re.fullmatch(
        r'attachment; filename="heygem_batch_export_\d{8}_\d{6}\.zip"; filename\*=UTF-8\'\'heygem_batch_export_.*\.zip',
        answer.headers["content-disposition"],
    )
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["001_Ann.mp4", "002_演讲 🎤.mp4", "manifest.json"]
        assert json.loads(archive.read("manifest.json"))["items"][2]["state"] == "waiting"


async def test_a_head_request_tells_the_size_and_sends_nothing(client: httpx.AsyncClient, batch: Progressing) -> None:
    link = await batch.link()

    for address in (f"/download/batch?token={link.token}", f"/b/{link.token}/video/1.mp4", f"/b/{link.token}"):
        head, get = await client.head(address), await client.get(address)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == get.headers["content-length"]
        assert head.headers.get("etag") == get.headers.get("etag")


async def test_random_ranges_equal_slices_of_the_whole(client: httpx.AsyncClient, batch: Progressing) -> None:
    address = f"/download/batch?token={(await batch.link()).token}"
    whole, choose = (await client.get(address)).content, random.Random(4)

    for _ in range(60):
        start = choose.randrange(len(whole))
        last = min(len(whole) - 1, start + choose.randrange(100_000))
        answer = await client.get(address, headers={"Range": f"bytes={start}-{last}"})
        assert answer.status_code == 206
        assert answer.headers["content-range"] == f"bytes {start}-{last}/{len(whole)}"
        assert answer.content == whole[start : last + 1]


async def test_a_selection_is_a_zip_of_these_videos_alone_that_does_not_change_while_others_finish(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    batch = await Progressing.of(redis, settings, ["Ann.mp4", "b.mp4", "演讲 🎤.mp4", "d.mp4"])
    videos = [await batch.finish_next() for _ in range(3)]
    token = (await batch.link()).token
    address = f"/download/batch?token={token}&items=3,1"

    before = await client.get(address)
    await batch.finish_next()
    after = await client.get(f"/download/batch?token={token}&items=1,3,3,1")
    later = await client.get(f"/download/batch?token={token}&items=4")

    assert (before.status_code, before.content) == (200, after.content)
    assert before.headers["etag"] == after.headers["etag"]
    with zipfile.ZipFile(io.BytesIO(before.content)) as archive:
        assert archive.namelist() == ["001_Ann.mp4", "003_演讲 🎤.mp4"]
        assert [archive.read(name) for name in archive.namelist()] == [videos[0], videos[2]]
    with zipfile.ZipFile(io.BytesIO(later.content)) as archive:
        assert archive.namelist() == ["004_d.mp4"], "one that was finished after the link was made"


async def test_the_zip_of_a_selection_can_be_resumed(client: httpx.AsyncClient, batch: Progressing) -> None:
    address = f"/download/batch?token={(await batch.link()).token}&items=2"
    whole = await client.get(address)

    rest = await client.get(address, headers={"Range": "bytes=1000-", "If-Range": whole.headers["etag"]})
    other = await client.get(address.replace("items=2", "items=1"), headers={"If-Range": whole.headers["etag"]})
    head = await client.head(address)

    assert (rest.status_code, rest.content) == (206, whole.content[1000:])
    assert other.headers["etag"] != whole.headers["etag"]
    assert head.headers["content-length"] == str(len(whole.content))


@pytest.mark.parametrize(
    "items",
    [
        "",
        ",",
        "1,",
        ",1",
        "1,,2",
        "a",
        "-1",
        "1 2",
        "1;2",
        "0x1",
        "1.5",
        "٣",
        "１",
        "9" * 5000,
        "1" + ",1" * 20000,
        "%00",
        "%0a1",
    ],
)
async def test_a_selection_that_makes_no_sense_is_refused_with_a_sentence(
    client: httpx.AsyncClient, batch: Progressing, items: str
) -> None:
    address = f"/download/batch?token={(await batch.link()).token}&items={items}"

    answer = await client.get(address)

    if len(items) < 10_000:
        assert answer.status_code == 400
        assert "The address does not say which videos you want." in answer.text
    else:
        assert answer.status_code in {200, 400, 414, 431}
    assert (await client.get("/healthz")).status_code == 200


@pytest.mark.parametrize("number", [0, 3, 4, 999_999])
async def test_a_selection_has_finished_videos_of_its_batch_only(
    client: httpx.AsyncClient, batch: Progressing, number: int
) -> None:
    answer = await client.get(f"/download/batch?token={(await batch.link()).token}&items=1,{number}")

    assert answer.status_code == 404
    assert f"There is no number {number} in this batch." in answer.text


async def test_a_selection_of_a_stranger_finds_nothing(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"/download/batch?token={'A' * 43}&items=1")).status_code == 404


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("bytes=0-0", 206),
        ("bytes=-1", 206),
        ("bytes=5-", 206),
        ("BYTES=5-9", 206),
        ("bytes=5-99999999999", 206),
        ("bytes=-99999999999", 206),
        ("bytes=99999999999-", 416),
        ("bytes=-0", 416),
        ("bytes=0-1,5-6", 200),
        ("bytes=" + ",".join(f"{n}-{n}" for n in range(500)), 200),
        ("bytes=9-5", 200),
        ("bytes=-", 200),
        ("bytes=a-b", 200),
        ("bytes=٣-٥", 200),
        ("bytes=" + "9" * 5000 + "-", 200),
        ("items=0-5", 200),
        ("", 200),
    ],
)
async def test_every_kind_of_range_gets_its_answer(
    client: httpx.AsyncClient, batch: Progressing, asked: str, status: int
) -> None:
    link = await batch.link()

    answer = await client.get(f"/download/batch?token={link.token}", headers=[(b"Range", asked.encode())])

    assert answer.status_code == status
    if status == 416:
        assert answer.headers["content-range"] == f"bytes */{link.size}"
    if status == 200:
        assert len(answer.content) == link.size


async def test_a_resume_is_refused_when_the_archive_is_another(client: httpx.AsyncClient, batch: Progressing) -> None:
    address = f"/download/batch?token={(await batch.link()).token}"
    etag = (await client.head(address)).headers["etag"]

    async def resumed(tag: str) -> int:
        return (await client.get(address, headers={"Range": "bytes=100-", "If-Range": tag})).status_code

    assert await resumed(etag) == 206
    assert await resumed('"something else"') == 200
    assert await resumed(f"W/{etag}") == 200
    assert await resumed("Fri, 20 Nov 2026 09:00:00 GMT") == 200


async def test_a_cut_download_resumes_while_further_items_finish(client: httpx.AsyncClient, batch: Progressing) -> None:
    address = f"/download/batch?token={(await batch.link()).token}"
    got = b""
    async with client.stream("GET", address) as answer:
        etag = answer.headers["etag"]
        async for block in answer.aiter_bytes():
            got += block
            if len(got) > 100_000:
                break

    await batch.finish_next()
    rest = await client.get(address, headers={"Range": f"bytes={len(got)}-", "If-Range": etag})

    assert rest.status_code == 206
    with zipfile.ZipFile(io.BytesIO(got + rest.content)) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 3
    newer = await client.get(f"/download/batch?token={(await batch.link()).token}")
    assert len(zipfile.ZipFile(io.BytesIO(newer.content)).namelist()) == 4


async def test_each_video_plays_by_range_and_downloads_under_its_name(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    batch = await Progressing.of(redis, settings, ["演讲.mp4"])
    content = await batch.finish_next()
    address = f"/b/{(await batch.link()).token}/video/1.mp4"

    played = await client.get(address, headers={"Range": "bytes=1000-1999"})
    taken = await client.get(f"{address}?download")

    assert played.status_code == 206
    assert played.content == content[1000:2000]
    assert played.headers["content-type"] == "video/mp4"
    assert played.headers["content-disposition"].startswith("inline;")
    assert taken.content == content
    assert taken.headers["content-disposition"] == (
        "attachment; filename=\"001___.mp4\"; filename*=UTF-8''001_%E6%BC%94%E8%AE%B2.mp4"
    )


async def test_a_video_that_is_not_there_yet_is_not_found(client: httpx.AsyncClient, batch: Progressing) -> None:
    token = (await batch.link()).token

    for number in (0, 3, 4, 99999999999999999999):
        assert (await client.get(f"/b/{token}/video/{number}.mp4")).status_code == 404


async def test_downloads_beyond_the_limit_are_told_to_come_back(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    batch = await Progressing.of(redis, settings, ["a.mp4"])
    await batch.finish_next(30_000_000)
    token = (await batch.link()).token
    address = f"/download/batch?token={token}"

    async with (
        client.stream("GET", address) as first,
        client.stream("GET", address) as second,
        client.stream("GET", f"/b/{token}/video/1.mp4?download") as third,
    ):
        assert {first.status_code, second.status_code, third.status_code} == {200}
        refused = await client.get(address)
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "30"
        assert "3 downloads are running, which is the limit. Try again in 30 s." in refused.text
        assert (await client.head(address)).status_code == 200
        assert (await client.get(f"/b/{token}")).status_code == 200
        played = await client.get(f"/b/{token}/video/1.mp4", headers={"Range": "bytes=0-9"})
        assert played.status_code == 206

    await _until_free(client, address)


async def _until_free(client: httpx.AsyncClient, address: str) -> None:
    """Aborted downloads give their slots back, all of them."""
    for _ in range(100):
        async with contextlib.AsyncExitStack() as stack:
            answers = [await stack.enter_async_context(client.stream("GET", address)) for _ in range(3)]
            if all(answer.status_code == 200 for answer in answers):
                return
        await asyncio.sleep(0.05)
    raise AssertionError("slots were not given back")


async def test_results_that_were_removed_are_gone_not_half_sent(client: httpx.AsyncClient, batch: Progressing) -> None:
    token = (await batch.link()).token
    record = await batch.batch()
    output = record.items[0].output
    assert output is not None
    (batch.storage.results(record.owner.owner, record.id) / output.name).unlink()

    for address in (f"/download/batch?token={token}", f"/b/{token}/video/1.mp4"):
        answer = await client.get(address)
        assert answer.status_code == 410
        assert "There is no such batch any more." in answer.text


async def test_a_deleted_batch_closes_its_links_at_once(client: httpx.AsyncClient, batch: Progressing) -> None:
    token = (await batch.link()).token
    await batch.store.delete(batch.batch_id)

    for address in (f"/download/batch?token={token}", f"/b/{token}", f"/b/{token}/video/1.mp4", f"/b/{token}/status"):
        answer = await client.get(address)
        assert answer.status_code == 410
        assert "This link has been withdrawn." in answer.text


def small_video(path: Path) -> bytes:
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 576, "yuv420p"
        for shade in range(20):
            frame = av.VideoFrame.from_ndarray(np.full((576, 320, 3), 10 * shade, np.uint8), "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path.read_bytes()


async def test_finished_and_waiting_items_have_a_picture(
    client: httpx.AsyncClient, redis: Redis, settings: Settings, tmp_path: Path
) -> None:
    video = small_video(tmp_path / "video.mp4")
    batch = await Progressing.of(redis, settings, ["a.mp4", "b.mp4"], content=video)
    await batch.finish_next(video)
    token = (await batch.link()).token

    for number in (1, 1, 2):
        answer = await client.get(f"/b/{token}/thumb/{number}.jpg")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.content.startswith(b"\xff\xd8\xff")
        assert answer.content.endswith(b"\xff\xd9")


async def test_the_picture_that_its_run_made_is_shown_and_a_browser_keeps_it(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    batch = await Progressing.of(redis, settings, ["a.mp4"])
    address = r"/b/[^/]+/thumb/1\.jpg\?v=[0-9a-f]{12}"
    await batch.finish_next()
    item = (await batch.batch()).items[0]
    assert item.output is not None
    made = batch.storage.results(ANNA.owner, batch.batch_id) / item.output.name
    made.with_suffix(".jpg").write_bytes(b"made by the run")
    token = (await batch.link()).token
    found = re.search(address, (await client.get(f"/b/{token}")).text)
    assert found

    first = await client.get(found[0])
    again = await client.get(found[0], headers={"If-None-Match": first.headers["etag"]})
    bare = await client.get(found[0].partition("?")[0])

    assert first.content == bare.content == b"made by the run"
    assert first.headers["cache-control"] == "private, max-age=86400, immutable"
    assert bare.headers["cache-control"] == "private, no-cache"
    assert (again.status_code, again.content) == (304, b"")


async def test_the_picture_of_an_item_has_another_address_once_its_video_is_there(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    batch = await Progressing.of(redis, settings, ["a.mp4", "b.mp4"])
    await batch.finish_next()
    token = (await batch.link()).token
    before = set(re.findall(r"thumb/2\.jpg\?v=\w+", (await client.get(f"/b/{token}")).text))
    await batch.finish_next()

    after = set(re.findall(r"thumb/2\.jpg\?v=\w+", (await client.get(f"/b/{token}")).text))

    assert (len(before), len(after), before & after) == (1, 1, set())


async def test_a_video_without_a_readable_picture_has_none(client: httpx.AsyncClient, batch: Progressing) -> None:
    token = (await batch.link()).token

    assert (await client.get(f"/b/{token}/thumb/1.jpg")).status_code == 404
    assert (await client.get(f"/b/{token}/thumb/3.jpg")).status_code == 404


async def of_template(redis: Redis, settings: Settings, name: str, content: bytes, info: MediaInfo) -> Progressing:
    """A batch of one template that is finished."""
    store, storage = Store(redis, settings), Storage(settings.data_dir)
    opened = await store.open(ANNA, place(name), "en")
    await store.set_voice(opened.id, voice_file(storage), "voice")
    await store.add_template(opened.id, media_file(storage, ANNA, name, info, content), "template")
    await store.generate(opened.id)
    batch = Progressing(opened.id, store, Claims(redis, settings), Links(redis, settings), storage)
    await batch.finish_next()
    return batch


async def test_the_template_of_a_finished_video_is_played_beside_it_and_can_be_sought_in(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    content = random.Random(7).randbytes(50_000)
    batch = await of_template(redis, settings, "Ann.mp4", content, template_info())
    token = (await batch.link()).token
    address = f"/b/{token}/before/1.mp4"

    whole = await client.get(address)
    part = await client.get(address, headers={"Range": "bytes=100-199", "If-Range": whole.headers["etag"]})
    head = await client.head(address)

    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, content, "video/mp4")
    assert (part.status_code, part.content) == (206, content[100:200])
    assert part.headers["content-range"] == "bytes 100-199/50000"
    assert (head.headers["content-length"], head.content) == ("50000", b"")
    assert 'data-compare="1"' in (await client.get(f"/b/{token}")).text
    assert (await client.get(f"/b/{'A' * 43}/before/1.mp4")).status_code == 404
    await batch.store.delete(batch.batch_id)
    assert (await client.get(address)).status_code == 410


@pytest.mark.parametrize("kind", ["image", "gif", "webp", "apng"])
async def test_a_picture_is_not_compared_with_what_was_made_of_it(
    client: httpx.AsyncClient, redis: Redis, settings: Settings, kind: MediaFormat
) -> None:
    still = template_info().model_copy(update={"format": kind})
    batch = await of_template(redis, settings, "portrait", b"picture " + kind.encode(), still)
    token = (await batch.link()).token

    answer = await client.get(f"/b/{token}/before/1.mp4")

    assert answer.status_code == 404
    assert "The template of number 1 can&#39;t be played: it is a picture, or is gone." in answer.text
    assert "data-compare=" not in (await client.get(f"/b/{token}")).text


async def test_a_template_that_is_gone_or_has_no_result_is_not_played(
    client: httpx.AsyncClient, batch: Progressing
) -> None:
    address = f"/b/{(await batch.link()).token}/before"
    template = (await batch.batch()).items[0].template

    batch.storage.file(template.owner, template.sha256).unlink()

    assert [(await client.get(f"{address}/{number}.mp4")).status_code for number in (1, 2, 3, 9)] == [
        404,
        200,
        404,
        404,
    ]
    json = await client.get(f"{address}/1.mp4", headers={"Accept": "application/json"})
    assert json.json()["code"] == "template_unshown"


async def test_a_signed_address_shows_what_a_template_looks_like_and_no_other_does(
    client: httpx.AsyncClient, redis: Redis, settings: Settings, tmp_path: Path
) -> None:
    video = small_video(tmp_path / "face.mp4")
    file = media_file(Storage(settings.data_dir), ANNA, "face.mp4", content=video)
    path = urlsplit(await PictureLinks(redis, "").url(file.owner, file.sha256)).path

    answer = await client.get(path)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.content.startswith(b"\xff\xd8")
    signature, owner, name = path.removeprefix("/t/").split("/")
    other = f"{'0' * 64}.jpg"
    for forged in (
        f"/t/{'x' * 43}/{owner}/{name}",
        f"/t/{signature}/{owner}/{other}",
        f"/t/{signature}/{'0' * 20}/{name}",
    ):
        assert (await client.get(forged)).status_code == 404
    gone = urlsplit(await PictureLinks(redis, "").url(file.owner, "0" * 64)).path
    assert (await client.get(gone)).status_code == 404


async def test_readers_that_crawl_make_room_for_who_comes(
    client: httpx.AsyncClient, server: WebServer, redis: Redis, settings: Settings
) -> None:
    batch = await Progressing.of(redis, settings, ["a.mp4"])
    await batch.finish_next(30_000_000)
    tokens = [(await batch.link()).token for _ in range(4)]
    port = int(server.url.rpartition(":")[2])
    async with contextlib.AsyncExitStack() as stack:
        for token in tokens[:3]:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
            stack.callback(writer.close)
            writer.write(f"GET /download/batch?token={token} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
            assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"  # and then they read nothing
        address = f"/download/batch?token={tokens[3]}"
        async with asyncio.timeout(SOON_SECONDS):
            while (await client.get(address, headers={"Range": "bytes=0-9"})).status_code != 206:  # noqa: ASYNC110
                await asyncio.sleep(0.2)


async def _crawl(port: int, token: str) -> None:
    """Take a byte now and then, and come back at once when refused or cut."""
    while True:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(f"GET /download/batch?token={token} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
        try:
            crawling = b" 200 " in await reader.readline()
            while crawling and await reader.read(1):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        except ConnectionError:
            pass
        finally:
            writer.close()
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("crawlers", [8, 16])
async def test_a_person_gets_the_zip_soon_beside_crawlers_that_come_back(
    redis: Redis, settings: Settings, tmp_path: Path, crawlers: int
) -> None:
    batch = await Progressing.of(redis, settings, ["a.mp4"])
    await batch.finish_next(30_000_000)
    address = f"/download/batch?token={(await batch.link()).token}"
    async with contextlib.AsyncExitStack() as stack:
        server = stack.enter_context(web_server(settings, tmp_path / "web.log", simultaneous_downloads=8))
        person = await stack.enter_async_context(httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_SECONDS))
        tokens = [(await batch.link()).token for _ in range(crawlers)]
        crawling = [asyncio.create_task(_crawl(server.port, token)) for token in tokens]
        stack.push_async_callback(end, crawling)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (await person.get(address, headers={"Range": "bytes=0-9"})).status_code != 503:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        async with asyncio.timeout(SOON_SECONDS):
            while (answer := await person.get(address)).status_code != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.5)
        assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None


async def test_connections_that_say_nothing_lock_nobody_out(client: httpx.AsyncClient, server: WebServer) -> None:
    port = int(server.url.rpartition(":")[2])
    async with contextlib.AsyncExitStack() as stack:
        silent = []
        for _ in range(1100):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            silent.append(reader)
        assert (await client.get("/healthz")).status_code == 200
        async with asyncio.timeout(PATIENCE_SECONDS):  # the oldest were closed, so that the newest had a place
            assert await silent[0].read() == b""


async def test_requests_whose_body_never_comes_lock_nobody_out(client: httpx.AsyncClient, server: WebServer) -> None:
    """The server may open 1,024 files, as on many a system."""
    port, before = server.port, resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
    request = b"PATCH /u/x/files/y HTTP/1.1\r\nHost: here\r\nContent-Length: 100000\r\n\r\n"
    async with contextlib.AsyncExitStack() as stack:
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (1024, before[1]))
        stack.callback(resource.prlimit, server.process.pid, resource.RLIMIT_NOFILE, before)
        waiting = []
        async with asyncio.timeout(PATIENCE_SECONDS):
            for _ in range(1100):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                stack.callback(writer.close)
                writer.write(request)
                assert await reader.readline() == b"HTTP/1.1 404 Not Found\r\n"  # nobody needs the body for that
                waiting.append(reader)
            assert (await client.get("/healthz")).status_code == 200
            with contextlib.suppress(ConnectionError):
                assert (await waiting[0].read()).rstrip().endswith(b"</html>")


async def test_a_links_record_holds_no_subtitles(redis: Redis, settings: Settings) -> None:
    """A hundred videos with 60 KB each would be read from Redis again with every request."""
    batch = await Progressing.of(redis, settings, ["a.mp4"])
    await batch.finish_next()
    record = await batch.batch()
    output = record.items[0].output
    assert output is not None
    video = batch.storage.results(record.owner.owner, record.id) / output.name
    video.with_suffix(".srt").write_text("1\n" * 30_000)

    link = await batch.link()

    opened = await batch.links.open(link.token)
    assert [member.name for member in opened.members] == ["001_a.mp4", "001_a.srt", "manifest.json"]
    assert b"1\n1\n1\n" in b"".join(opened.plan.read())
    (kept,) = [key async for key in redis.scan_iter(match=f"heygem:link:{opened.digest}")]
    assert len((await redis.hgetall(kept))["members"]) < 5_000  # type: ignore[misc]
