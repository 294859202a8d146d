"""Files in pieces over real HTTP: offsets, lost connections, refusals, and the way into the batch."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from heygem.base.errors import ErrorCode
from heygem.base.sentences import explain
from heygem.base.settings import Settings
from heygem.batches.model import Person
from heygem.redis import keys
from heygem.redis.server import EmbeddedRedis
from heygem.storage.layout import Storage
from tests.factories import BORIS, template_file, voice_file
from tests.patience import PATIENCE_SECONDS
from tests.served import Progressing, WebServer, web_server
from tests.uploading import Inviting, begin, offset_of, put, recording, until

PIECE = 8 * 1024 * 1024
STRANGER = Person(platform="telegram", id="666")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, redis_server: EmbeddedRedis) -> Settings:
    redis_url = SecretStr(f"unix://{redis_server.socket}")
    return Settings(data_dir=tmp_path_factory.mktemp("data"), redis_url=redis_url)


@pytest.fixture(scope="module")
def server(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    with web_server(settings, tmp_path_factory.mktemp("log") / "web.log", simultaneous_uploads=2) as running:
        yield running


@pytest.fixture
async def http(server: WebServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=server.url, timeout=PATIENCE_SECONDS, headers={"Accept": "application/json"}
    ) as client:
        yield client


@pytest.fixture
async def page(redis: Redis, settings: Settings) -> Inviting:
    return await Inviting.of(redis, settings)


async def outcome(http: httpx.AsyncClient, address: str) -> dict[str, Any]:
    """What became of a whole file."""
    while True:
        told: dict[str, Any] = (await http.get(address)).raise_for_status().json()
        if told["state"] != "arriving":
            return told
        await asyncio.sleep(0.05)


async def arrived(http: httpx.AsyncClient, address: str, offset: int) -> bool:
    return await offset_of(http, address) >= offset


async def taken(http: httpx.AsyncClient, address: str) -> bool:
    return (await put(http, address, 0, b"x")).status_code == 204


async def upload(http: httpx.AsyncClient, path: str, name: str, content: bytes) -> dict[str, Any]:
    begun = (await begin(http, path, name, len(content))).raise_for_status().json()
    address = f"{path}/files/{begun['id']}"
    (await put(http, address, 0, content)).raise_for_status()
    return await outcome(http, address)


async def test_pieces_become_a_file_in_the_batch(http: httpx.AsyncClient, page: Inviting, settings: Settings) -> None:
    content = recording()
    begun = (await begin(http, page.path, "演讲.wav", len(content))).json()
    address = f"{page.path}/files/{begun['id']}"
    assert begun["offset"] == 0

    for start in range(0, len(content), 50_000):
        answer = await put(http, address, start, content[start : start + 50_000])
        assert answer.status_code == 204
        assert answer.headers["upload-offset"] == str(min(len(content), start + 50_000))
    told = await outcome(http, address)

    assert told["state"] == "added"
    assert told["batch"] == "voice “演讲.wav” · no template yet"
    batch = await page.batch()
    assert batch.voice is not None
    assert batch.voice.name == "演讲.wav"
    storage = Storage(settings.data_dir)
    assert storage.file(batch.voice.owner, batch.voice.sha256).read_bytes() == content
    assert list(storage.incoming.iterdir()) == []
    assert await page.store.telling.clean("console", batch.id, 0) is False  # the chat's status message will follow


async def test_what_is_no_video_gets_the_chats_own_sentence_and_changes_nothing(
    http: httpx.AsyncClient, page: Inviting, settings: Settings
) -> None:
    told = await upload(http, page.path, "notes.mp4", b"only text" * 100)

    assert told["state"] == "refused"
    assert told["sentence"] == explain(ErrorCode.NOT_MEDIA, {"name": "notes.mp4"}, "en")
    assert (await page.batch()).voice is None
    assert list(Storage(settings.data_dir).incoming.iterdir()) == []


async def test_it_goes_on_where_the_disk_is_and_nowhere_else(http: httpx.AsyncClient, page: Inviting) -> None:
    begun = (await begin(http, page.path, "a.wav", 1000)).json()
    address = f"{page.path}/files/{begun['id']}"
    await put(http, address, 0, b"x" * 400)

    assert (await http.head(address)).headers["upload-offset"] == "400"
    for wrong in (0, 399, 401, 1000):
        refused = await put(http, address, wrong, b"y" * 10)
        assert (refused.status_code, refused.json()["code"]) == (409, ErrorCode.UPLOAD_OFFSET)
    assert (await put(http, address, 400, b"y" * 10)).headers["upload-offset"] == "410"


async def test_a_file_that_is_chosen_again_goes_on_where_it_stopped(http: httpx.AsyncClient, page: Inviting) -> None:
    first = (await begin(http, page.path, "a.wav", 1000, modified=5)).json()
    await put(http, f"{page.path}/files/{first['id']}", 0, b"x" * 400)

    again = (await begin(http, page.path, "a.wav", 1000, modified=5)).json()
    other = (await begin(http, page.path, "a.wav", 1000, modified=6)).json()

    assert (again["id"], again["offset"]) == (first["id"], 400)
    assert other["id"] != first["id"]
    shown = (await http.get(page.path, headers={"Accept": "text/html"})).text
    assert "40 % are here already" in shown


async def test_what_arrived_before_a_connection_was_lost_stays(http: httpx.AsyncClient, page: Inviting) -> None:
    begun = (await begin(http, page.path, "a.wav", 10_000_000)).json()
    address = f"{page.path}/files/{begun['id']}"
    sent = asyncio.Event()

    async def half() -> AsyncIterator[bytes]:
        yield b"x" * 3_000_000
        sent.set()
        await asyncio.sleep(60)
        yield b""

    async with httpx.AsyncClient(base_url=str(http.base_url)) as doomed:
        lost = asyncio.create_task(put(doomed, address, 0, half()))
        await sent.wait()
        # The server knows nothing of the loss yet: who goes on takes over from the connection that hangs.
        await until(lambda: arrived(http, address, 3_000_000))
        assert (await put(http, address, 3_000_000, b"y" * 1000)).headers["upload-offset"] == "3001000"
        lost.cancel()
        await asyncio.gather(lost, return_exceptions=True)


async def test_no_more_is_written_than_was_announced(
    http: httpx.AsyncClient, page: Inviting, settings: Settings
) -> None:
    begun = (await begin(http, page.path, "a.wav", 1000)).json()
    address = f"{page.path}/files/{begun['id']}"

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 900

    assert (await put(http, address, 0, endless())).status_code == 409
    assert Storage(settings.data_dir).partial(page.batch_id, begun["id"]).stat().st_size <= 1000


async def test_a_piece_has_a_limit(http: httpx.AsyncClient, page: Inviting) -> None:
    begun = (await begin(http, page.path, "a.wav", 100_000_000)).json()

    refused = await put(http, f"{page.path}/files/{begun['id']}", 0, bytes(PIECE + 1))

    assert refused.status_code == 413


@pytest.mark.parametrize("offset", ["", "-1", "x", "1" * 30, "٣"])
async def test_an_offset_must_be_a_number(http: httpx.AsyncClient, page: Inviting, offset: str) -> None:
    begun = (await begin(http, page.path, "a.wav", 1000)).json()
    headers = {b"Upload-Offset": offset.encode()}

    answer = await http.patch(f"{page.path}/files/{begun['id']}", headers=headers, content=b"x")

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"name": "a"}',
        b'{"name": 1, "size": 1}',
        b'{"name": "a", "size": -1}',
        b'{"name": "a", "size": 1e400}',
        b'{"name": "\\ud800", "size": 1}',
        b"[" * 8000,
        b'"' + b"x" * 9000,
    ],
)
async def test_a_wish_that_makes_no_sense_is_refused(http: httpx.AsyncClient, page: Inviting, body: bytes) -> None:
    assert (await http.post(f"{page.path}/files", content=body)).status_code in (400, 413)


async def test_a_file_beyond_the_limits_is_refused_before_it_is_sent(http: httpx.AsyncClient, page: Inviting) -> None:
    too_large = await begin(http, page.path, "big.mp4", 2_000_000_001)
    nothing = await begin(http, page.path, "empty.mp4", 0)

    assert (too_large.status_code, too_large.json()["message"]) == (413, "“big.mp4” has 2001 MB; the limit is 2000 MB.")
    assert (nothing.status_code, nothing.json()["code"]) == (422, ErrorCode.BROKEN_MEDIA)


async def test_what_is_still_to_come_counts_in_the_quota(http: httpx.AsyncClient, page: Inviting) -> None:
    answers = [await begin(http, page.path, f"{number}.mp4", 1_900_000_000) for number in range(12)]

    codes = [answer.json().get("code") for answer in answers]
    assert codes[0] is None
    assert codes[-1] in (ErrorCode.QUOTA_BYTES, ErrorCode.DISK_FULL)


async def test_only_so_many_files_are_under_way_at_once(http: httpx.AsyncClient, page: Inviting) -> None:
    answers = [await begin(http, page.path, f"{number}.mp4", 1000) for number in range(21)]

    assert [answer.status_code for answer in answers] == [201] * 20 + [429]
    assert (await http.delete(f"{page.path}/files/{answers[0].json()['id']}")).status_code == 204
    assert (await begin(http, page.path, "20.mp4", 1000)).status_code == 201


async def test_only_so_many_connections_write_at_once(http: httpx.AsyncClient, page: Inviting) -> None:
    async def slowly() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.sleep(60)

    addresses = []
    for name in ("a.wav", "b.wav", "c.wav"):
        addresses.append(f"{page.path}/files/{(await begin(http, page.path, name, 1000)).json()['id']}")
    slow = [asyncio.create_task(put(http, address, 0, slowly())) for address in addresses[:2]]
    await until(lambda: arrived(http, addresses[0], 1))
    await until(lambda: arrived(http, addresses[1], 1))

    refused = await put(http, addresses[2], 0, b"x")

    assert (refused.status_code, refused.json()["code"]) == (503, ErrorCode.UPLOADS_BUSY)
    for task in slow:
        task.cancel()
    await asyncio.gather(*slow, return_exceptions=True)
    await until(lambda: taken(http, addresses[2]))


async def test_giving_up_leaves_nothing(http: httpx.AsyncClient, page: Inviting, settings: Settings) -> None:
    begun = (await begin(http, page.path, "a.wav", 1000)).json()
    address = f"{page.path}/files/{begun['id']}"
    await put(http, address, 0, b"x" * 400)

    assert (await http.delete(address)).status_code == 204

    assert (await http.head(address)).status_code == 404
    assert list(Storage(settings.data_dir).incoming.glob(f"{page.batch_id}.*")) == []


async def test_a_deleted_batch_takes_what_was_arriving_with_it(
    http: httpx.AsyncClient, page: Inviting, settings: Settings
) -> None:
    begun = (await begin(http, page.path, "a.wav", 1000)).json()
    await put(http, f"{page.path}/files/{begun['id']}", 0, b"x" * 400)
    await page.store.delete(page.batch_id)

    assert list(Storage(settings.data_dir).incoming.glob(f"{page.batch_id}.*")) == []
    assert await page.store.redis.exists(keys.arrivals(page.batch_id)) == 0
    answer = await http.get(page.path)
    assert (answer.status_code, answer.json()["code"]) == (410, ErrorCode.UPLOAD_CLOSED)


async def test_a_started_batch_takes_nothing_more(http: httpx.AsyncClient, page: Inviting, settings: Settings) -> None:
    storage = Storage(settings.data_dir)
    begun = (await begin(http, page.path, "a.wav", 1000)).json()
    await page.store.set_voice(page.batch_id, voice_file(storage), "m1")
    await page.store.add_template(page.batch_id, template_file(storage), "m2")
    await page.store.generate(page.batch_id)

    for answer in (
        await http.get(page.path),
        await begin(http, page.path, "b.wav", 1000),
        await put(http, f"{page.path}/files/{begun['id']}", 0, b"x"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (410, ErrorCode.UPLOAD_CLOSED)


@pytest.mark.parametrize("token", ["x", "A" * 43, "%00" * 43, "..%2f" * 9])
async def test_a_token_that_nobody_got_opens_a_page_that_says_so(http: httpx.AsyncClient, token: str) -> None:
    answer = await http.get(f"/u/{token}", headers={"Accept": "text/html", "Accept-Language": "zh-CN"})

    assert answer.status_code == 404
    assert "text/html" in answer.headers["content-type"]


async def test_a_link_for_one_thing_does_not_open_another(
    http: httpx.AsyncClient, page: Inviting, redis: Redis, settings: Settings
) -> None:
    batch = await Progressing.of(redis, settings, ["a.mp4"])
    await batch.finish_next()
    download = (await batch.link()).token

    assert (await http.get(f"/u/{download}")).json()["code"] == ErrorCode.UPLOAD_UNKNOWN
    assert (await http.get(f"/b/{page.token}")).json()["code"] == ErrorCode.LINK_UNKNOWN
    assert (await http.get(f"/download/batch?token={page.token}")).json()["code"] == ErrorCode.LINK_UNKNOWN


async def test_an_expired_link_says_so_but_lets_a_file_arrive_that_was_begun_in_time(
    http: httpx.AsyncClient, page: Inviting, redis: Redis
) -> None:
    content = recording(0.5)
    begun = (await begin(http, page.path, "a.wav", len(content))).json()
    async for key in redis.scan_iter(match=keys.upload_link("*")):
        await redis.hset(key, "expires", str(time.time() - 1))  # type: ignore[misc]

    expired = await http.get(page.path, headers={"Accept": "text/html"})
    assert expired.status_code == 410
    assert "has expired" in expired.text
    assert (await begin(http, page.path, "b.wav", 1000)).json()["code"] == ErrorCode.UPLOAD_EXPIRED
    address = f"{page.path}/files/{begun['id']}"
    await put(http, address, 0, content)
    assert (await outcome(http, address))["state"] == "added"


async def test_another_persons_link_into_the_same_batch_does_not_reach_my_files(
    http: httpx.AsyncClient, page: Inviting
) -> None:
    mine = (await begin(http, page.path, "a.wav", 1000)).json()
    theirs = await page.again(BORIS)

    for answer in (
        await http.get(f"{theirs}/files/{mine['id']}"),
        await put(http, f"{theirs}/files/{mine['id']}", 0, b"x"),
        await http.delete(f"{theirs}/files/{mine['id']}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, ErrorCode.UPLOAD_LOST)
    assert (await begin(http, theirs, "a.wav", 1000)).json()["id"] != mine["id"]


async def test_a_link_of_somebody_who_may_not_use_the_bot_any_more_opens_nothing(
    http: httpx.AsyncClient, page: Inviting
) -> None:
    answer = await http.get(await page.again(STRANGER))

    assert (answer.status_code, answer.json()["code"]) == (403, ErrorCode.NOT_ALLOWED)


async def test_a_link_made_for_a_reply_gives_that_template_its_own_voice_though_the_chat_moved(
    http: httpx.AsyncClient, page: Inviting, settings: Settings
) -> None:
    file = template_file(Storage(settings.data_dir), name="face.mp4")
    face = await page.store.add_template(page.batch_id, file, "m1")
    assert face is not None
    path = await page.again(item=face.id)
    before = (await page.batch()).place
    await page.store.move_place(before, before.model_copy(update={"chat": "moved"}))
    assert "becomes the voice of number 1, “face.mp4”" in (await http.get(path)).text

    told = await upload(http, path, "own.wav", recording(0.7))

    assert told["sentence"] == "Got it: number 1, “face.mp4”, speaks “own.wav”."
    item = (await page.batch()).items[0]
    assert item.voice is not None
    assert item.voice.name == "own.wav"


async def test_the_page_speaks_the_links_language_and_shows_names_as_text(
    http: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    page = await Inviting.of(redis, settings, language="zh")
    await begin(http, page.path, '<script>alert(1)</script>"x.mp4', 1000)

    answer = await http.get(page.path, headers={"Accept": "text/html", "Accept-Language": "en"})

    assert "上传大文件" in answer.text
    assert "<script>alert" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    refused = await begin(http, page.path, "x.mp4", 0)
    assert refused.json()["message"] == explain(ErrorCode.BROKEN_MEDIA, {"name": "x.mp4"}, "zh")


async def test_no_token_reaches_the_log(http: httpx.AsyncClient, page: Inviting, server: WebServer) -> None:
    await upload(http, page.path, "notes.mp4", b"text")
    await http.get(f"{page.path}/files/none")

    assert page.token not in server.log.read_text()
