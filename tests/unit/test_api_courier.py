"""Webhooks: what ended is told, signed, at least once, for a day, and only to where the operator allows."""

from collections.abc import AsyncIterator, Iterator
from itertools import pairwise

import httpx
import pytest
from redis.asyncio import Redis
from starlette.applications import Starlette

from bot.api import courier
from bot.api.app import mounted
from bot.api.courier import WAITS_S, after
from bot.dialogue import files
from heygem.base.redact import redact
from heygem.base.settings import Settings
from heygem.batches import changes
from heygem.batches.api_keys import ApiKeys
from heygem.batches.webhooks import Tried, Webhooks
from heygem.redis import keys
from heygem.redis.connection import reply
from tests.calling import JSON, refused
from tests.chatting import Room, probe_words
from tests.factories import ANNA
from tests.hearing import Ear, kinds, listening
from tests.uploading import until

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 (signs nothing)


@pytest.fixture
def ear() -> Iterator[Ear]:
    with listening() as ear:
        yield ear


@pytest.fixture
def room(redis: Redis, settings: Settings) -> Room:
    return Room(redis, settings)


@pytest.fixture
async def http(
    redis: Redis, settings: Settings, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setattr(files, "probe", probe_words)
    monkeypatch.setattr(changes, "_REMIND_S", 0.1)
    monkeypatch.setattr(courier, "WAITS_S", (0,) * len(WAITS_S))
    open_to = settings.model_copy(update={"api": settings.api.model_copy(update={"allowed_hosts": [ear.origin]})})
    app = mounted(open_to).app
    assert isinstance(app, Starlette)
    headers = {"Authorization": f"Bearer {await ApiKeys(redis).create(ANNA)}"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here", headers=headers) as client,
    ):
        yield client


async def started(http: httpx.AsyncClient, url: str, secret: str | None = SECRET) -> JSON:
    """A batch of two on its way, as it was answered at first."""
    webhook = {"url": url} | ({"secret": secret} if secret else {})
    answer = await http.post("/batches", json={"webhook": webhook})
    assert answer.status_code == 201, answer.text
    created: JSON = answer.json()
    await http.post(f"/batches/{created['id']}/voice", content=b"voice 2")
    for name in ("anna", "boris"):
        await http.post(f"/batches/{created['id']}/templates", content=f"video 4 {name}".encode())
    assert (await http.post(f"/batches/{created['id']}/generate")).status_code == 202
    return created


async def settled(redis: Redis) -> None:
    async def clean() -> bool:
        return not await reply(redis.hgetall(keys.dirty("http")))

    await until(clean)


async def test_each_item_and_the_batch_are_told_once_and_signed(http: httpx.AsyncClient, room: Room, ear: Ear) -> None:
    created = await started(http, ear.url)
    assert created["webhook_secret"] == SECRET
    await room.work(2)
    await settled(room.redis)

    said = [each.read(SECRET) for each in ear.heard]
    assert [each["type"] for each in said] == ["item.done", "item.failed", "batch.done"]
    assert [each["data"].get("item", {}).get("state") for each in said] == ["done", "failed", None]
    assert said[0]["data"]["batch"] == said[2]["data"]["id"] == created["id"]
    assert said[1]["data"]["item"]["failure"]["code"] == "no_face"
    assert len({each.id for each in ear.heard}) == 3


async def test_an_item_is_told_before_the_others_have_ended(http: httpx.AsyncClient, room: Room, ear: Ear) -> None:
    await started(http, ear.url)
    await room.work(only=1)
    await settled(room.redis)
    assert kinds(ear, SECRET) == ["item.done"]

    await room.work()
    await settled(room.redis)
    assert kinds(ear, SECRET) == ["item.done", "item.done", "batch.done"]


async def test_what_was_not_heard_is_told_again_under_the_same_id(
    http: httpx.AsyncClient, room: Room, ear: Ear
) -> None:
    ear.statuses += [500, 302]
    await started(http, ear.url)
    await room.work(only=1)
    await settled(room.redis)

    assert kinds(ear, SECRET) == ["item.done"] * 3
    assert len({each.id for each in ear.heard}) == 1


async def test_who_is_gone_is_told_no_more(http: httpx.AsyncClient, room: Room, ear: Ear) -> None:
    ear.statuses.append(410)
    await started(http, ear.url)
    await room.work(only=1)
    await settled(room.redis)

    assert len(ear.heard) == 1


async def test_a_batch_without_a_webhook_leaves_nothing_to_be_told(http: httpx.AsyncClient, room: Room) -> None:
    assert (await http.post("/batches")).json()["webhook_secret"] is None
    await settled(room.redis)


async def test_without_a_secret_one_is_made_and_answered_once(http: httpx.AsyncClient, room: Room, ear: Ear) -> None:
    created = await started(http, ear.url, None)
    await room.work()
    await settled(room.redis)

    assert len(kinds(ear, created["webhook_secret"])) == 3
    assert "webhook" not in str((await http.get(f"/batches/{created['id']}")).json())
    assert created["webhook_secret"] not in redact(str(created))


async def test_a_batch_deleted_while_it_is_told_leaves_no_record(http: httpx.AsyncClient, room: Room, ear: Ear) -> None:
    created = await started(http, ear.url)
    assert (await http.delete(f"/batches/{created['id']}")).status_code == 204
    await Webhooks(room.redis).record(created["id"], "batch", Tried(times=1))  # as its sender would do now

    assert not await room.redis.exists(keys.webhook(created["id"]))


@pytest.mark.parametrize("url", ["https://127.0.0.1/hook", "http://localhost/hook", "https://example.org/", "hook"])
async def test_an_address_that_may_not_be_told_opens_no_batch(http: httpx.AsyncClient, url: str) -> None:
    assert refused(await http.post("/batches", json={"webhook": {"url": url}})) == (422, "url_refused")
    assert (await http.get("/batches")).json() == {"batches": []}


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_short", "x" * 44, f"{SECRET}!", f"whsec_{'a' * 120}"])
async def test_a_secret_that_cannot_be_one_is_refused(http: httpx.AsyncClient, ear: Ear, secret: str) -> None:
    webhook = {"url": ear.url, "secret": secret}
    assert refused(await http.post("/batches", json={"webhook": webhook})) == (400, "bad_request")


def test_tries_are_further_and_further_apart_and_end_after_a_day() -> None:
    tried, moments, moment = Tried(), [0.0], 0.0
    while not (tried := after(tried, 503, moment)).settled:
        moment = tried.again
        moments.append(moment)

    apart = [later - earlier for earlier, later in pairwise(moments)]
    assert apart == sorted(apart)
    assert 20 < moment / 3600 <= 25
