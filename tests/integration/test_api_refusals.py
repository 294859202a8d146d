"""What the HTTP interface refuses, over real HTTP: strangers, others' batches, bodies and addresses of any kind."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from heygem.base.limits import MB
from heygem.base.settings import Settings
from heygem.batches.api_keys import ApiKeys
from heygem.batches.model import Person
from heygem.redis.server import EmbeddedRedis
from heygem.storage.layout import Storage
from tests.calling import begun, program, refused
from tests.chatting import Chat, Room
from tests.factories import ANNA, BORIS
from tests.served import WebServer, web_server
from tests.uploading import recording, until

STRANGER = Person(platform="telegram", id="666")
RECORDING = recording(1)


class Elsewhere(BaseHTTPRequestHandler):
    """A server inside: a recording, an endless file, and redirects to where nobody may go."""

    def do_GET(self) -> None:
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
            return
        found = self.path in ("/hello.wav", "/endless")
        self.send_response(200 if found else 404)
        self.end_headers()
        if found:
            self.wfile.write(RECORDING if self.path == "/hello.wav" else bytes(3 * MB))

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, redis_server: EmbeddedRedis) -> Settings:
    redis_url = SecretStr(f"unix://{redis_server.socket}")
    return Settings(data_dir=tmp_path_factory.mktemp("data"), redis_url=redis_url)


@pytest.fixture(scope="module")
def server(settings: Settings, tmp_path_factory: pytest.TempPathFactory, elsewhere: str) -> Iterator[WebServer]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HEYGEM_LIMITS__FILE_MB", "2")
        environment.setenv("HEYGEM_API__ALLOWED_HOSTS", f'["{elsewhere}", "localhost", "127.0.0.1", "[::1]"]')
        environment.setenv("HEYGEM_API__STREAMS_PER_KEY", "2")
        with web_server(settings, tmp_path_factory.mktemp("log") / "web.log") as running:
            yield running


@pytest.fixture
async def http(server: WebServer, redis: Redis) -> AsyncIterator[httpx.AsyncClient]:
    async with program(server, redis) as client:
        yield client


def files(settings: Settings) -> list[str]:
    """What is kept of anybody, and what lies there half-written."""
    storage = Storage(settings.data_dir)
    return [path.name for path in (*storage.owners.rglob("files/*"), *storage.incoming.glob("*"))]


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer x", f"Bearer hgm_{'a' * 43}", "Basic aGk6aGk=", f"Bearer {'x' * 8000}"]
)
async def test_without_a_key_nothing_is_told(http: httpx.AsyncClient, header: str | None) -> None:
    address = await begun(http)
    del http.headers["authorization"]
    headers = {} if header is None else {"Authorization": header}

    for answer in (await http.get(address, headers=headers), await http.post("/batches", headers=headers)):
        assert refused(answer) == (401, "key_unknown")
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_withdrawn_key_opens_nothing(http: httpx.AsyncClient, redis: Redis, settings: Settings) -> None:
    assert (await http.get("/batches")).status_code == 200
    await Chat(Room(redis, settings)).say("/apikey revoke")

    assert refused(await http.get("/batches")) == (401, "key_unknown")


async def test_who_may_not_use_the_bot_may_not_use_a_key(server: WebServer, redis: Redis, settings: Settings) -> None:
    async with program(server, redis, STRANGER) as http:
        assert refused(await http.post("/batches")) == (403, "not_allowed")

        await Room(redis, settings).access.allow(STRANGER)
        assert (await http.post("/batches")).status_code == 201


async def test_another_persons_batch_is_unknown_to_an_admin_too(
    http: httpx.AsyncClient, server: WebServer, redis: Redis
) -> None:
    address = await begun(http)
    async with program(server, redis, BORIS) as other:
        answers = [
            await other.get(address),
            await other.delete(address),
            await other.get(f"{address}/events"),
            await other.get(f"{address}/export"),
            await other.delete(f"{address}/items/x"),
            await other.post(f"{address}/generate"),
            await other.post(f"{address}/cancel"),
            await other.post(f"{address}/voice", content=RECORDING),
            await other.post(f"{address}/templates", content=RECORDING),
        ]
        assert (await other.get("/batches")).json() == {"batches": []}

    assert [refused(answer) for answer in answers] == [(404, "batch_unknown")] * len(answers)
    assert (await http.get(address)).json()["voice"] is None


async def test_errors_are_told_in_the_language_that_is_asked_for(server: WebServer, redis: Redis) -> None:
    async with program(server, redis, language="zh-Hans-CN,en;q=0.5") as http:
        error = (await http.get("/batches/nothing")).json()["error"]

    assert error == {"code": "batch_unknown", "message": "该批次已不存在。", "params": {}}


async def test_what_is_not_there_is_told_as_json(http: httpx.AsyncClient) -> None:
    assert refused(await http.get("/nothing")) == (404, "path_unknown")
    assert refused(await http.put("/batches")) == (405, "path_unknown")
    address = await begun(http)
    assert refused(await http.delete(f"{address}/items/1")) == (404, "item_unknown")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"batch": 1}',
        b'{"options": {"resolutoin": "720p"}}',
        b'{"options": {"resolution": "8K"}}',
        b'{"options": {"lip_strength": NaN}}',
        b'{"language": "de"}',
        b"[" * 100_000,
    ],
)
async def test_junk_opens_no_batch(http: httpx.AsyncClient, body: bytes) -> None:
    assert refused(await http.post("/batches", content=body)) == (400, "bad_request")
    assert (await http.get("/batches")).json() == {"batches": []}


async def test_an_engine_that_is_none_leaves_no_batch(http: httpx.AsyncClient) -> None:
    assert refused(await http.post("/batches", json={"engine": "steam"})) == (422, "bad_option")
    assert (await http.get("/batches")).json() == {"batches": []}


async def test_too_much_json_is_not_read_to_its_end(http: httpx.AsyncClient) -> None:
    assert refused(await http.post("/batches", content=b" " * MB)) == (413, "too_large")


@pytest.mark.parametrize("announced", [True, False])
async def test_a_huge_file_is_refused_and_leaves_nothing(
    http: httpx.AsyncClient, settings: Settings, announced: bool
) -> None:
    async def blocks() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield bytes(MB)

    address, before = await begun(http), files(settings)
    answer = await http.post(f"{address}/templates", content=bytes(5 * MB) if announced else blocks())

    assert refused(answer) == (413, "too_large")
    assert files(settings) == before


async def test_a_file_that_is_none_of_ours_leaves_nothing(http: httpx.AsyncClient, settings: Settings) -> None:
    address, before = await begun(http), files(settings)

    assert refused(await http.post(f"{address}/voice", content=b"junk")) == (422, "not_media")
    assert refused(await http.post(f"{address}/templates", content=b"")) == (422, "broken_media")
    assert refused(await http.post(f"{address}/templates", content=RECORDING)) == (422, "no_video")
    assert files(settings) == before


@pytest.mark.parametrize("name", ["../../../etc/passwd", "/etc/passwd", "..\\..\\passwd", "pass\u202ewd\x00", "a/b/c"])
async def test_a_name_is_never_a_path(http: httpx.AsyncClient, settings: Settings, name: str) -> None:
    address = await begun(http)
    told = (await http.post(f"{address}/voice", params={"name": name}, content=RECORDING)).json()["voice"]

    assert told["name"] in ("passwd", "pass wd", "c")
    assert told["sha256"] in files(settings)
    assert [*settings.data_dir.rglob("*wd*"), *settings.data_dir.rglob("c")] == []


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="hello.wav"', "hello.wav"),
        ("attachment; filename*=UTF-8''%E4%BD%A0%E5%A5%BD.wav", "你好.wav"),
        ("attachment; filename*=nothing''%ff.wav", None),
        (";;;=\x22", None),
    ],
)
async def test_a_name_may_come_in_a_header(http: httpx.AsyncClient, header: str, name: str | None) -> None:
    address = await begun(http)
    answer = await http.post(f"{address}/voice", headers={"Content-Disposition": header}, content=RECORDING)

    assert answer.status_code == 201
    assert name in (None, answer.json()["voice"]["name"])


async def test_what_started_takes_no_more_and_starts_once(http: httpx.AsyncClient) -> None:
    address = await begun(http)
    assert refused(await http.post(f"{address}/generate")) == (409, "templates_missing")
    assert (await http.get(f"{address}/export")).json()["error"]["code"] == "nothing_to_export"
    await http.post(f"{address}/cancel")

    assert refused(await http.post(f"{address}/generate")) == (409, "batch_started")
    assert refused(await http.post(f"{address}/voice", content=RECORDING)) == (409, "batch_started")


async def test_too_many_batches_are_told_when_to_come_back(http: httpx.AsyncClient) -> None:
    for _ in range(5):
        await begun(http)
    answer = await http.post("/batches")

    assert refused(answer) == (429, "quota_batches")
    assert int(answer.headers["retry-after"]) > 0


# Addresses that the server fetches from.


async def test_a_file_is_fetched_from_where_the_operator_allows(http: httpx.AsyncClient, elsewhere: str) -> None:
    address = await begun(http)
    answer = await http.post(f"{address}/voice", json={"url": f"{elsewhere}/to/{elsewhere}/hello.wav"})

    assert answer.status_code == 201, answer.text
    assert answer.json()["voice"]["name"] == "hello.wav"


@pytest.mark.parametrize(
    "url",
    [
        "https://localhost/hello.wav",
        "https://127.0.0.1/hello.wav",
        "https://[::1]/hello.wav",
        "https://elsewhere.example.org/hello.wav",
        "http://localhost/hello.wav",
        "http://127.0.0.1/hello.wav",
        "{elsewhere}@localhost/hello.wav",
        "http://user:word@{host}/hello.wav",
        "{elsewhere}/to/http://169.254.169.254/latest/meta-data",
        "{elsewhere}/to/https://localhost/hello.wav",
        "{elsewhere}/to/file:///etc/passwd",
        "file:///etc/passwd",
        "ftp://{host}/hello.wav",
        "//{host}/hello.wav",
        "hello.wav",
        "https://[",
        "http://\x00",
    ],
)
async def test_nothing_is_fetched_from_anywhere_else(http: httpx.AsyncClient, elsewhere: str, url: str) -> None:
    address = await begun(http)
    url = url.replace("{elsewhere}", elsewhere).replace("{host}", elsewhere.removeprefix("http://"))

    for way in ("voice", "templates"):
        assert refused(await http.post(f"{address}/{way}", json={"url": url})) == (422, "url_refused")


async def test_what_is_fetched_is_limited_too(http: httpx.AsyncClient, elsewhere: str, settings: Settings) -> None:
    address, before = await begun(http), files(settings)

    assert refused(await http.post(f"{address}/voice", json={"url": f"{elsewhere}/endless"})) == (413, "too_large")
    assert refused(await http.post(f"{address}/voice", json={"url": f"{elsewhere}/none"})) == (502, "fetch_failed")
    round_and_round = f"{elsewhere}" + f"/to/{elsewhere}" * 7 + "/hello.wav"
    assert refused(await http.post(f"{address}/voice", json={"url": round_and_round})) == (502, "fetch_failed")
    assert files(settings) == before


# The same request again.


async def test_the_same_request_has_the_same_answer_and_happens_once(http: httpx.AsyncClient) -> None:
    once = {"Idempotency-Key": "one"}
    first, again = [await http.post("/batches", json={"language": "zh"}, headers=once) for _ in range(2)]
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert len((await http.get("/batches")).json()["batches"]) == 1

    address = f"/batches/{first.json()['id']}"
    twice = [
        await http.post(f"{address}/voice?name=a.wav", content=RECORDING, headers={"Idempotency-Key": "two"})
        for _ in range(2)
    ]
    assert twice[0].json() == twice[1].json()


async def test_another_request_with_the_same_key_is_refused(http: httpx.AsyncClient) -> None:
    once = {"Idempotency-Key": "one"}
    address = f"/batches/{(await http.post('/batches', headers=once)).json()['id']}"

    assert refused(await http.post("/batches", json={"language": "zh"}, headers=once)) == (422, "idempotency_mismatch")
    assert refused(await http.post(f"{address}/cancel", headers=once)) == (422, "idempotency_mismatch")
    assert refused(await http.post("/batches", headers={"Idempotency-Key": "x" * 300})) == (400, "bad_request")


async def test_keys_of_different_people_are_different(http: httpx.AsyncClient, server: WebServer, redis: Redis) -> None:
    once = {"Idempotency-Key": "one"}
    mine = (await http.post("/batches", headers=once)).json()["id"]
    async with program(server, redis, BORIS) as other:
        assert (await other.post("/batches", headers=once)).json()["id"] != mine


async def test_while_a_request_is_at_work_the_same_one_has_to_wait(http: httpx.AsyncClient, redis: Redis) -> None:
    address, once, refused_once = await begun(http), {"Idempotency-Key": "one"}, asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield RECORDING[:1000]
        await refused_once.wait()
        yield RECORDING[1000:]

    async def begins() -> bool:
        return [name async for name in redis.scan_iter(match="heygem:api-answer:*")] != []

    first = asyncio.create_task(http.post(f"{address}/voice", content=slowly(), headers=once))
    await until(begins)
    answer = await http.post(f"{address}/voice", content=RECORDING, headers=once)
    refused_once.set()

    assert refused(answer) == (409, "idempotency_busy")
    assert int(answer.headers["retry-after"]) > 0
    assert (await first).status_code == 201
    assert (await http.post(f"{address}/voice", content=RECORDING, headers=once)).json() == (await first).json()


async def test_what_was_refused_may_be_tried_again_with_the_same_key(http: httpx.AsyncClient) -> None:
    address, once = await begun(http), {"Idempotency-Key": "one"}

    assert refused(await http.post(f"{address}/voice", content=b"junk", headers=once)) == (422, "not_media")
    assert (await http.post(f"{address}/voice", content=RECORDING, headers=once)).status_code == 201


# Streams, and what the log says.


async def test_streams_are_counted_by_key(http: httpx.AsyncClient, server: WebServer, redis: Redis) -> None:
    address = await begun(http)
    async with http.stream("GET", f"{address}/events") as one, http.stream("GET", f"{address}/events") as two:
        assert (one.status_code, two.status_code) == (200, 200)
        answer = await http.get(f"{address}/events")
        assert refused(answer) == (429, "streams_many")
        assert int(answer.headers["retry-after"]) > 0
        async with program(server, redis, BORIS) as other:
            assert (await other.get("/batches")).status_code == 200

    async def room_again() -> bool:
        async with http.stream("GET", f"{address}/events") as stream:
            return stream.status_code == 200

    await until(room_again)


async def test_a_key_is_never_logged(server: WebServer, redis: Redis) -> None:
    key = await ApiKeys(redis).create(ANNA)
    async with httpx.AsyncClient(base_url=f"{server.url}/api/v1", trust_env=False) as http:
        await http.get("/batches", headers={"Authorization": f"Bearer {key}"})
        await http.get(f"/batches/{key}", headers={"Authorization": f"Bearer {key}"})

    assert key not in server.log.read_text()


async def test_forgetting_a_person_forgets_what_their_programs_were_answered(
    http: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    assert (await http.post("/batches", headers={"Idempotency-Key": "one"})).status_code == 201
    assert [name async for name in redis.scan_iter(match=f"*{ANNA.owner}*")]
    chat = Chat(Room(redis, settings), person=ANNA)
    await chat.say("/forget")
    await chat.press("Yes, forget me")

    assert [name async for name in redis.scan_iter(match=f"*{ANNA.owner}*")] == []
