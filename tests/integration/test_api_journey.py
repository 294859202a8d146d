"""The whole job over HTTP: the same batch as in a chat, followed to its end, and its videos behind one link."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from heygem.base.settings import Settings
from heygem.batches.model import Batch
from heygem.redis.server import EmbeddedRedis
from tests.calling import begun, events, program
from tests.chatting import Chat, Room
from tests.media import make_picture, make_video, make_voice
from tests.served import WebServer, web_server

WORDS = "one two three four five six"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, redis_server: EmbeddedRedis) -> Settings:
    redis_url = SecretStr(f"unix://{redis_server.socket}")
    return Settings(data_dir=tmp_path_factory.mktemp("data"), redis_url=redis_url)


@pytest.fixture(scope="module")
def server(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    with web_server(settings, tmp_path_factory.mktemp("log") / "web.log") as running:
        yield running


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_voice(tmp_path_factory.mktemp("voice") / "hello.wav", 2)


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("templates")
    return [make_video(folder / "anna.mp4", 1), make_picture(folder / "讲师.png", (320, 240))]


@pytest.fixture
def room(redis: Redis, settings: Settings) -> Room:
    return Room(redis, settings)


@pytest.fixture
async def http(server: WebServer, redis: Redis) -> AsyncIterator[httpx.AsyncClient]:
    async with program(server, redis) as client:
        yield client


async def sent(http: httpx.AsyncClient, voice: Path, templates: list[Path]) -> str:
    address = await begun(http, options={"resolution": "720p", "lip_strength": 1.2}, engine="mesh")
    named: dict[str, Any] = {"name": voice.name, "transcript": WORDS}
    answer = await http.post(f"{address}/voice", params=named, content=voice.read_bytes())
    assert answer.status_code == 201, answer.text
    assert answer.json()["transcript"] == WORDS
    for template in templates:
        answer = await http.post(f"{address}/templates", params={"name": template.name}, content=template.read_bytes())
        assert answer.status_code == 201, answer.text
        assert answer.json()["template"]["name"] == template.name
    return address


def content(batch: Batch) -> Any:
    """What a batch is made of, whoever keeps it where."""
    assert batch.voice is not None
    files = [batch.voice, *(item.template for item in batch.items)]
    named = [(file.name, file.sha256, file.info) for file in files]
    return named, batch.options, batch.engine, batch.language, batch.transcript, [item.voice for item in batch.items]


async def test_a_batch_is_the_same_as_in_a_chat(
    http: httpx.AsyncClient, room: Room, voice: Path, templates: list[Path]
) -> None:
    address = await sent(http, voice, templates)
    chat = Chat(room)
    for text in ("/settings resolution 720p", "/settings lip_strength 1.2", "/settings engine mesh"):
        await chat.say(text)
    await chat.send_file(voice, caption=f"“{WORDS}”")
    for template in templates:
        await chat.send_file(template)

    ours = await room.store.get(address.rpartition("/")[2])
    theirs = await room.store.collecting(chat.place)
    assert theirs is not None
    assert ours.transcript == WORDS
    assert content(ours) == content(theirs)


async def test_the_whole_job(
    http: httpx.AsyncClient, server: WebServer, room: Room, voice: Path, templates: list[Path]
) -> None:
    address = await sent(http, voice, templates)
    before = (await http.get(address)).json()
    assert before["state"] == "collecting"
    assert before["estimate"]["seconds"] > 0
    assert before["estimate"]["bytes"] > 0

    async with http.stream("GET", f"{address}/events") as stream:
        told = events(stream)
        assert (await anext(told)).body == before
        assert (await http.post(f"{address}/generate")).status_code == 202
        working = asyncio.create_task(room.work(2))
        states = [event.body async for event in told]
        await working

    last = states[-1]
    assert last == (await http.get(address)).json()
    assert (last["state"], last["estimate"]) == ("done", None)
    assert [item["state"] for item in last["items"]] == ["done", "failed"]
    assert last["items"][0]["fraction"] == 1
    assert last["items"][1]["failure"]["code"] == "no_face"
    assert "讲师.png" in last["items"][1]["failure"]["message"]

    link = (await http.get(f"{address}/export")).json()["url"]
    zipped = await http.get(f"{server.url}/download/batch", params={"token": link.rpartition("/")[2]})
    assert zipfile.ZipFile(io.BytesIO(zipped.content)).namelist()
    assert [each["id"] for each in (await http.get("/batches")).json()["batches"]] == [last["id"]]

    assert (await http.delete(address)).status_code == 204
    assert (await http.get(address)).status_code == 404


async def test_a_stream_goes_on_where_it_was(
    http: httpx.AsyncClient, room: Room, voice: Path, templates: list[Path]
) -> None:
    address = await sent(http, voice, templates)
    async with http.stream("GET", f"{address}/events") as stream:
        seen = await anext(events(stream))
    assert seen.id == seen.body["version"]
    await http.post(f"{address}/generate")

    async with http.stream("GET", f"{address}/events", headers={"Last-Event-ID": str(seen.id)}) as stream:
        told = events(stream)
        assert (await anext(told)).body["state"] == "queued"
        await http.post(f"{address}/cancel")
        last = [event async for event in told][-1]

    assert last.body["state"] == "cancelled"
    again = await http.get(f"{address}/events", headers={"Last-Event-ID": str(last.id)})
    assert (again.status_code, again.content) == (204, b"")


async def test_a_stream_says_that_its_batch_was_deleted(http: httpx.AsyncClient) -> None:
    address = await begun(http)
    async with http.stream("GET", f"{address}/events") as stream:
        told = events(stream)
        await anext(told)
        await http.delete(address)
        (last,) = [event async for event in told]

    assert (last.kind, last.body["error"]["code"]) == ("gone", "batch_unknown")


async def test_a_template_can_be_taken_out(http: httpx.AsyncClient, voice: Path, templates: list[Path]) -> None:
    address = await sent(http, voice, templates)
    first, second = (await http.get(address)).json()["items"]

    assert (await http.delete(f"{address}/items/{first['id']}")).status_code == 204
    left = (await http.get(address)).json()["items"]
    assert [(item["id"], item["number"]) for item in left] == [(second["id"], 1)]


async def test_a_batch_of_the_chat_is_one_of_the_programs_too(
    http: httpx.AsyncClient, room: Room, voice: Path, templates: list[Path]
) -> None:
    chat = Chat(room)
    await chat.send_file(voice)
    (batch,) = (await http.get("/batches")).json()["batches"]
    added = await http.post(f"/batches/{batch['id']}/templates?name=x.mp4", content=templates[0].read_bytes())

    assert added.status_code == 201
    assert (await room.store.get(batch["id"])).place == chat.place
    await chat.say("/generate")
    assert (await http.get(f"/batches/{batch['id']}")).json()["state"] == "queued"
