"""The HTTP interface without a server between: what comes slowly, what stays quiet, what is away."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis
from starlette.applications import Starlette

from bot import slots, streams
from bot.api import body, events
from bot.api.app import mounted
from bot.api.models import BatchBody
from bot.api.view import shown
from bot.dialogue import files
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.batches.api_keys import ApiKeys
from tests.calling import begun, refused
from tests.chatting import probe_words
from tests.factories import ANNA
from tests.patience import PATIENCE_SECONDS


@pytest.fixture
async def http(redis: Redis, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """Without a server between: what a test changes in a module holds for the interface too."""
    monkeypatch.setattr(files, "probe", probe_words)
    one_upload = settings.web.model_copy(update={"simultaneous_uploads": 1})
    one_minute = settings.quotas.model_copy(update={"minutes_per_day": 1})
    app = mounted(settings.model_copy(update={"web": one_upload, "quotas": one_minute})).app
    assert isinstance(app, Starlette)
    headers = {"Authorization": f"Bearer {await ApiKeys(redis).create(ANNA)}"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here", headers=headers) as client,
    ):
        yield client


class Slow:
    """A body that stops after its beginning until it is told to go on."""

    def __init__(self, beginning: bytes, rest: bytes = b"") -> None:
        self.parts = beginning, rest
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.parts[0]
        self.begun.set()
        await self.go_on.wait()
        yield self.parts[1]


@pytest.mark.parametrize("way", ["", "/voice", "/templates", "/generate"])
async def test_a_body_that_stops_coming_is_given_up(
    http: httpx.AsyncClient, settings: Settings, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    address = await begun(http)
    monkeypatch.setattr(body, "STALLED_S", 0.05)
    once = {"Idempotency-Key": "one"}
    answer = await http.post(f"{address}{way}" if way else "/batches", content=Slow(b"video"), headers=once)

    if way == "/generate":
        assert refused(answer) == (409, "templates_missing")  # nobody waits for a body that nobody wants
        return
    assert refused(answer) == (408, "request_stalled")
    assert list((settings.data_dir / "incoming").glob("*")) == []


async def test_a_slow_upload_makes_room_for_another_and_is_told_so(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(slots, "monotonic", lambda: now[0])
    address, slow = await begun(http), Slow(b"video 4 ", b"slow")
    first = asyncio.create_task(http.post(f"{address}/templates", content=slow))
    await slow.begun.wait()
    now[0] += 30
    second = await http.post(f"{address}/templates", content=b"video 4 fast")

    assert second.status_code == 201
    evicted = await first
    assert refused(evicted) == (503, "uploads_busy")
    assert int(evicted.headers["retry-after"]) > 0
    assert [item["id"] for item in (await http.get(address)).json()["items"]] == [second.json()["id"]]


async def test_a_quiet_stream_says_that_it_is_still_there(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "BEAT_S", 0.0)
    monkeypatch.setattr(events, "_LOOK_S", 0.01)
    address = await begun(http)

    async def cancel() -> None:
        await asyncio.sleep(0.1)
        await http.post(f"{address}/cancel")

    cancelling = asyncio.create_task(cancel())
    told = (await http.get(f"{address}/events")).text
    await cancelling

    assert streams.BEAT in told
    assert '"state":"cancelled"' in told.rpartition("id: ")[2]


async def test_a_transcript_that_cannot_be_one_is_left_out(http: httpx.AsyncClient) -> None:
    address = await begun(http)
    answer = await http.post(f"{address}/voice", params={"transcript": "no"}, content=b"voice 20")
    assert answer.json()["transcript"] == ""


async def test_what_a_file_is_for_comes_before_what_it_looks_like(http: httpx.AsyncClient) -> None:
    address = await begun(http)

    assert (await http.post(f"{address}/voice", content=b"video 4 speaker")).json()["voice"]["seconds"] == 4
    assert refused(await http.post(f"{address}/voice", content=b"still")) == (422, "no_sound")
    assert refused(await http.post(f"{address}/templates", content=b"voice 2")) == (422, "no_video")
    assert (await http.get(address)).json()["items"] == []


async def test_a_withdrawn_key_ends_its_streams(
    http: httpx.AsyncClient, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "BEAT_S", 0.0)
    monkeypatch.setattr(events, "_LOOK_S", 0.01)

    async def withdrawn_now(*arguments: Any) -> BatchBody:
        await ApiKeys(redis).revoke(ANNA)
        return await shown(*arguments)

    address = await begun(http)
    monkeypatch.setattr("bot.api.events.shown", withdrawn_now)
    async with asyncio.timeout(PATIENCE_SECONDS):
        told = (await http.get(f"{address}/events")).text

    assert told.count("data: ") == 1
    assert '"state":"collecting"' in told


async def test_an_event_that_could_not_be_told_is_told_when_it_can(
    http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = [1]

    async def away_once(*arguments: Any) -> BatchBody:
        if lost:
            raise HeygemError(ErrorCode.QUEUE_UNREACHABLE, times=lost.pop())
        return await shown(*arguments)

    address = await begun(http)
    await http.post(f"{address}/cancel")
    monkeypatch.setattr("bot.api.events.shown", away_once)
    told = (await http.get(f"{address}/events")).text

    assert not lost
    assert '"state":"cancelled"' in told


async def test_minutes_come_back_at_midnight(http: httpx.AsyncClient) -> None:
    address = await begun(http)
    await http.post(f"{address}/voice", content=b"voice 100")
    await http.post(f"{address}/templates", content=b"video 4")
    answer = await http.post(f"{address}/generate")

    assert refused(answer) == (429, "quota_minutes")
    assert 0 < int(answer.headers["retry-after"]) <= 86_400
    assert (await http.get(address)).json()["state"] == "collecting"


async def test_while_redis_is_away_that_is_said(tmp_path: Path) -> None:
    app = mounted(Settings(data_dir=tmp_path, redis_url=SecretStr(f"unix://{tmp_path}/nobody"))).app
    assert isinstance(app, Starlette)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as http,
    ):
        answer = await http.get("/batches", headers={"Authorization": f"Bearer hgm_{'a' * 43}"})

    assert refused(answer) == (503, "queue_unreachable")
    assert int(answer.headers["retry-after"]) > 0
