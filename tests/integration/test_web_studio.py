"""The studio over real HTTP: who gets in, what the page shows and does, and what it refuses."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from bot import streams
from bot.dialogue.access import Access
from bot.web.app import create_app
from bot.web.studio import events, view
from bot.web.studio.back import way_back
from heygem.base.settings import Settings
from heygem.batches.model import BatchState, Person
from heygem.batches.store import Store
from heygem.links.browsers import PRESSES_PER_MINUTE, SIGNED_IN_S, Browsers
from heygem.links.sign_in import SignIn
from heygem.redis import keys
from heygem.redis.server import EmbeddedRedis
from heygem.storage.layout import Storage
from tests.factories import ANNA, media_file, place
from tests.media import make_video
from tests.patience import PATIENCE_SECONDS
from tests.served import Progressing, WebServer, web_server
from tests.uploading import recording, until
from tests.visiting import AT, KEY, NONCE, answer_on, enter, link, signed_in

SCRIPT = '<script>alert("x")</script>'
STRANGER = Person(platform="telegram", id="4711")


def version_in(page: str) -> str:
    found = re.search(r'data-version="(\w+)"', page)
    assert found
    return found[1]


@asynccontextmanager
async def following(client: httpx.AsyncClient, shown: str) -> AsyncIterator[AsyncIterator[str]]:
    """What the page's stream tells to who has shown that version."""
    async with client.stream("GET", "/studio/events", params={"shown": shown}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield (line.removeprefix("data: ") async for line in answer.aiter_lines() if line.startswith("data: "))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, redis_server: EmbeddedRedis) -> Settings:
    redis_url = SecretStr(f"unix://{redis_server.socket}")
    return Settings(data_dir=tmp_path_factory.mktemp("data"), redis_url=redis_url)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "web.log"


@pytest.fixture(scope="module")
def server(settings: Settings, log: Path) -> Iterator[WebServer]:
    with web_server(settings, log) as running:
        yield running


@pytest.fixture
async def client(server: WebServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url) as client:
        yield client


async def test_a_link_is_asked_before_it_signs_in_and_the_cookie_stays_with_the_browser(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    path = await link(redis, settings)
    for _ in range(2):  # a chat's preview, and the person
        asked = await client.get(path)
        assert asked.status_code == 200
        assert "heygem_studio" not in asked.headers["set-cookie"]

    answer = await enter(client, path)

    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=lax", "path=/studio", "max-age="))
    assert (await client.get("/studio")).status_code == 200
    assert (await client.get(path)).status_code == 410


@pytest.mark.parametrize("path", ["/studio", "/studio/events"])
async def test_without_a_cookie_there_is_a_sentence_that_says_how_to_come_in(
    client: httpx.AsyncClient, path: str
) -> None:
    client.cookies.set("heygem_studio", "a" * 43, path="/studio")

    answer = await client.get(path)

    assert answer.status_code == 401
    assert "/web" in answer.text


async def test_files_go_into_the_batch_that_is_collected_where_the_person_signed_in(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    browser = await signed_in(client, redis, settings)

    answer = await browser.post("/studio/files")
    assert answer.status_code == 303
    upload = answer.headers["location"]
    assert upload.startswith("/u/")
    content = recording()
    begun = await client.post(f"{upload}/files", json={"name": "hello.wav", "size": len(content)})
    await client.patch(f"{upload}/files/{begun.json()['id']}", content=content, headers={"upload-offset": "0"})
    await client.get(f"{upload}/files/{begun.json()['id']}")

    async def voice_is_in_it() -> bool:
        return "hello" in await browser.page()

    await until(voice_is_in_it)
    (batch,) = await Store(redis, settings).history(ANNA)
    assert (batch.state, batch.place) == (BatchState.COLLECTING, place("studio-anna"))


async def test_the_dialogues_buttons_work_and_its_answers_are_shown(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    running = await Progressing.of(redis, settings, ["one", "two"])
    await running.finish_next()
    browser = await signed_in(client, redis, settings)
    page = await browser.page()

    exported = await browser.press("Export what's ready", page)
    assert re.search(r'href="[^"]*/b/[A-Za-z0-9_-]{43}"', exported)
    await browser.press("Cancel", page)

    assert (await running.store.get(running.batch_id)).state is BatchState.CANCELLED
    asked = await browser.press("Delete", await browser.page())
    await browser.press("Delete", answer_on(asked))
    assert await running.store.find(running.batch_id) is None


async def test_without_a_script_every_template_is_moved_and_renamed_by_a_form(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    store, storage = Store(redis, settings), Storage(settings.data_dir)
    batch = await store.open(ANNA, place(f"studio-{ANNA.id}"), "en")
    for number in range(1, 21):
        await store.add_template(batch.id, media_file(storage, ANNA, f"face {number}.mp4"), f"message-{number}")
    browser = await signed_in(client, redis, settings)
    page = await browser.page()
    (up,) = re.findall(r'value="([^"]+)" data-stay="[^"]+" aria-label="Move “face 20.mp4” up"', page)
    assert len(re.findall(r'aria-label="Move “[^”]+” (?:up|down)" disabled', page)) == 2

    await browser.post("/studio/do", press=up)
    last = (await store.get(batch.id)).items[-1]
    assert last.template.name == "face 19.mp4"
    answered = await browser.do(batch=batch.id, item=last.id, name=SCRIPT)
    assert SCRIPT.replace("/", "-") in unescape(answer_on(answered))
    assert SCRIPT.partition("/")[0] not in answered
    assert (await store.get(batch.id)).items[-1].template.name == SCRIPT.replace("/", "-")

    for fields in (
        {"batch": batch.id, "item": last.id, "name": " "},
        {"batch": "nonsense", "item": "", "name": "Anna"},
    ):
        assert answer_on(await browser.do(**fields))
    assert (await store.get(batch.id)).items[-1].template.name == SCRIPT.replace("/", "-")


async def test_only_the_studio_itself_may_ask_for_a_microphone_and_a_camera(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    entrance = await client.get(await link(redis, settings))
    home, nobody = await client.get("/"), await client.get("/studio")
    await signed_in(client, redis, settings)
    for answer in (entrance, home, nobody):
        assert "camera=()" in answer.headers["permissions-policy"]
        assert "microphone=()" in answer.headers["permissions-policy"]
        assert "blob:" not in answer.headers["content-security-policy"]

    studio = (await client.get("/studio")).headers

    assert "camera=(self)" in studio["permissions-policy"]
    assert "microphone=(self)" in studio["permissions-policy"]
    assert "media-src blob: 'self';" in studio["content-security-policy"]


async def test_a_template_gets_its_own_voice_only_in_its_batch_and_only_as_long_as_it_is_there(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    store, storage = Store(redis, settings), Storage(settings.data_dir)
    batch, other = [await store.open(ANNA, place(f"desk-{number}"), "en") for number in (1, 2)]
    item = await store.add_template(batch.id, media_file(storage, ANNA, "face.mp4"), "message")
    assert item is not None
    browser = await signed_in(client, redis, settings)
    for named in (other.id, ""):
        refused = await browser.post("/studio/files", batch=named, item=item.id)
        assert refused.status_code >= 400
        assert "out of date" in refused.text

    assert (await browser.post("/studio/files", batch=batch.id, item=item.id)).status_code == 303


async def test_what_is_typed_means_the_same_as_in_the_chat(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    browser = await signed_in(client, redis, settings, language="zh")

    assert "模板" in await browser.say("/templates")
    await browser.say("/settings language en")
    assert "Studio" in await browser.page()


async def test_past_batches_are_found_by_a_name(client: httpx.AsyncClient, redis: Redis, settings: Settings) -> None:
    lesson = await Progressing.of(redis, settings, ["lesson"])
    await lesson.finish_next()
    notice = await Progressing.of(redis, settings, ["notice"], chat="another")
    await notice.finish_next()
    browser = await signed_in(client, redis, settings)

    found = await browser.page("/studio/history?find=LESS")

    assert f"batch-{lesson.batch_id}" in found
    assert f"batch-{notice.batch_id}" not in found
    assert SCRIPT in unescape(await browser.page(f"/studio/history?find={SCRIPT}"))
    assert SCRIPT not in await browser.page(f"/studio/history?find={SCRIPT}")


async def test_a_person_sees_and_touches_nobody_elses_batches(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    running = await Progressing.of(redis, settings, ["secret"])
    await running.finish_next()
    await Access(redis).allow(STRANGER)
    browser = await signed_in(client, redis, settings, STRANGER)

    assert running.batch_id not in await browser.page()
    assert (await browser.post("/studio/files", batch=running.batch_id)).status_code == 410
    for press in (f"exp:{running.batch_id}", f"can:{running.batch_id}", f"del:{running.batch_id}"):
        assert "/b/" not in await browser.do(press=press)
    assert len((await running.store.get(running.batch_id)).finished) == 1


@pytest.mark.parametrize("path", ["/studio/do", "/studio/files", "/studio/leave"])
async def test_a_form_of_another_site_is_refused(
    client: httpx.AsyncClient, redis: Redis, settings: Settings, path: str
) -> None:
    browser = await signed_in(client, redis, settings)

    assert (await client.post(path, data={"say": "/forget"})).status_code == 403
    assert (await client.post(path, data={"key": "0" * 32, "say": "/forget"})).status_code == 403
    crossed = await client.post(
        path,
        data={"key": (KEY.search(await browser.page()) or [""])[1]},
        headers={"sec-fetch-site": "cross-site"},
    )
    assert crossed.status_code == 403
    assert (await client.post(path, content=b"x" * 9000)).status_code == 413
    assert (await client.get("/studio")).status_code == 200


@pytest.mark.parametrize("press", ["", ":", "gen:../../x", "xyz:1", "dls:k3x7abcdef:00000000", "\U0001f600" * 200])
async def test_a_button_that_means_nothing_is_answered_and_changes_nothing(
    client: httpx.AsyncClient, redis: Redis, settings: Settings, press: str
) -> None:
    browser = await signed_in(client, redis, settings)

    assert 'class="answer"' in await browser.do(press=press)


async def test_who_signs_out_is_out_also_with_the_old_cookie(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    browser = await signed_in(client, redis, settings)
    cookies = {"heygem_studio": str(client.cookies["heygem_studio"])}

    assert (await browser.post("/studio/leave")).status_code == 303

    async with httpx.AsyncClient(base_url=client.base_url, cookies=cookies) as thief:
        assert (await thief.get("/studio")).status_code == 401


async def test_names_are_shown_as_they_are_and_the_version_follows_the_batches(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    browser = await signed_in(client, redis, settings)
    before = version_in(await browser.page())

    running = await Progressing.of(redis, settings, [SCRIPT])
    page = await browser.page()

    assert SCRIPT not in page
    assert SCRIPT in unescape(page)
    assert (await browser.post("/studio/files", batch=running.batch_id)).headers["location"].startswith("/u/")
    now = version_in(await browser.page())
    assert now != before
    async with following(client, now) as told:
        await running.finish_next()
        newest = version_in(await browser.page())
        assert newest not in (before, now)
        while await anext(told) != newest:
            pass


async def test_no_token_cookie_or_form_key_reaches_the_log(
    client: httpx.AsyncClient, redis: Redis, settings: Settings, log: Path
) -> None:
    path = await link(redis, settings)
    await enter(client, path)
    nonce = client.cookies["heygem_enter"]
    key = KEY.search((await client.get("/studio")).text)
    assert key

    written = log.read_text()

    assert not [
        each for each in (path.rsplit("/")[-1], client.cookies["heygem_studio"], key[1], nonce) if each in written
    ]


async def test_who_may_no_longer_use_the_bot_is_told_so(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    await Access(redis).allow(STRANGER)
    browser = await signed_in(client, redis, settings, STRANGER)
    await browser.page()
    await Access(redis).deny(STRANGER)

    assert (await client.get("/studio")).status_code == 403


async def test_an_answer_stands_on_the_page_that_was_left_as_it_was_sought_and_only_once(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    made = {name: await Progressing.of(redis, settings, [name], chat=name) for name in ("lesson", "notice")}
    for each in made.values():
        await each.finish_next()
    browser = await signed_in(client, redis, settings)

    sought = await browser.page("/studio/history?find=less&state=done&page=7")
    done = await browser.post("/studio/do", press=f"exp:{made['lesson'].batch_id}", at=unescape(AT.findall(sought)[0]))
    back = done.headers["location"]
    assert back.startswith("/studio/history?find=less&state=done&told=")
    answered, again = await browser.page(back), await browser.page(back)

    assert re.search(r'href="[^"]*/b/[A-Za-z0-9_-]{43}"', answer_on(answered))
    assert made["notice"].batch_id not in answered
    assert 'class="answer"' not in again


async def test_redis_has_no_link_of_an_answer_and_no_other_browser_sees_it(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    running = await Progressing.of(redis, settings, ["one"])
    await running.finish_next()
    browser = await signed_in(client, redis, settings)
    back = (await browser.post("/studio/do", press=f"exp:{running.batch_id}")).headers["location"]
    (kept,) = [await redis.get(key) async for key in redis.scan_iter(match="heygem:studio-answer:*")]

    async with httpx.AsyncClient(base_url=client.base_url) as another:
        other = await signed_in(another, redis, settings)
        assert 'class="answer"' not in await other.page(back)
    token = re.search(r"/b/([A-Za-z0-9_-]{43})", await browser.page(back))
    assert token
    assert token[1] not in kept
    assert token[1].encode() not in base64.b64decode(kept)


@pytest.mark.parametrize(
    ("at", "leads"),
    [
        ("library?find=a%26b&x=1&told=no", "/studio/library?find=a%26b"),
        ("//evil.example/x", "/studio"),
        ("history/../../b", "/studio"),
        ("https://evil.example", "/studio"),
        ("?find=x\r\nLocation: y", "/studio?find=x%0D%0ALocation%3A+y"),
    ],
)
def test_nothing_that_a_form_says_leads_out_of_the_studio(at: str, leads: str) -> None:
    assert way_back(at) == leads


async def test_who_was_not_asked_by_our_page_is_not_signed_in(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    path = await link(redis, settings)

    assert (await client.post(path)).status_code == 403  # a form of another site's: its browser never saw our page
    asked = await client.get(path)
    cookie = asked.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("heygem_enter=", "httponly", "samesite=strict", "path=/studio/enter"))
    assert (await client.post(path)).status_code == 403
    assert (await client.post(path, data={"nonce": "a" * 43})).status_code == 403
    second = await link(redis, settings, STRANGER)  # opened beside it
    await client.get(second)
    nonce = NONCE.search(asked.text)
    assert nonce
    assert (await client.post(path, data={"nonce": nonce[1]})).status_code == 303


async def test_a_browser_that_visits_keeps_its_cookie_for_as_long_again(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    await signed_in(client, redis, settings)
    mine = client.cookies["heygem_studio"]

    visited = await client.get("/studio")

    assert f"heygem_studio={mine}; " in visited.headers["set-cookie"]
    assert f"max-age={SIGNED_IN_S}" in visited.headers["set-cookie"].lower()


async def test_an_ended_batch_is_read_and_the_queue_is_asked_nothing_about_it(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    for number in range(10):
        ended = await Progressing.of(redis, settings, ["one"], chat=f"ended-{number}")
        await ended.store.cancel(ended.batch_id)
    await signed_in(client, redis, settings)
    before = (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"]
    async with following(client, "") as told:
        await anext(told)

    assert (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"] - before < 2 * 10


async def test_a_browser_that_signs_in_again_leaves_no_cookie_that_still_works(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    await signed_in(client, redis, settings)
    before = {"heygem_studio": str(client.cookies["heygem_studio"])}
    await signed_in(client, redis, settings)

    assert (await client.get("/studio")).status_code == 200
    async with httpx.AsyncClient(base_url=client.base_url, cookies=before) as old:
        assert (await old.get("/studio")).status_code == 401


async def test_a_stream_ends_when_the_browser_is_signed_out_elsewhere(
    redis: Redis, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "BEAT_S", 0.0)
    monkeypatch.setattr(events, "_LOOK_S", 0.01)
    cookie = await Browsers(redis).admit(SignIn(person=ANNA, place=place("studio"), language="en"))
    app, began, version_of = create_app(settings), asyncio.Event(), view.version_of

    async def looked_at(*arguments: Any) -> str:
        began.set()
        return await version_of(*arguments)

    monkeypatch.setattr(events, "version_of", looked_at)
    cookies, transport = {"heygem_studio": cookie}, httpx.ASGITransport(app)
    browser = httpx.AsyncClient(transport=transport, base_url="http://studio", cookies=cookies)
    async with app.router.lifespan_context(app), browser, asyncio.timeout(PATIENCE_SECONDS):
        stream = asyncio.create_task(browser.get("/studio/events"))
        await began.wait()
        await Browsers(redis).forget(ANNA)
        told = (await stream).text
    assert told.count("data: ") == 1
    assert streams.BEAT in told


async def test_more_pages_than_anybody_looks_at_are_not_told_of_changes(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    await signed_in(client, redis, settings)

    async with AsyncExitStack() as pages:
        open_ones = [await pages.enter_async_context(following(client, "")) for _ in range(12)]
        for told in open_ones:
            await anext(told)
        refused = await client.get("/studio/events")
    assert refused.status_code == 429
    async with following(client, "") as told:
        await anext(told)


async def test_a_row_shows_what_was_made_of_it_to_nobody_else(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    await Access(redis).allow(STRANGER)
    running = await Progressing.of(redis, settings, ["anna.mp4", "boris.mp4"])
    await running.finish_next(make_video(settings.data_dir / "made.mp4", 1).read_bytes())
    browser = await signed_in(client, redis, settings)

    shown = re.findall(rf'src="(/studio/picture/{running.batch_id}/\d\.jpg\?v=\w+)"', await browser.page())

    assert [path.partition("?")[0].rpartition("/")[2] for path in shown] == ["1.jpg"]
    picture = await client.get(shown[0])
    assert (picture.status_code, picture.content[:2]) == (200, b"\xff\xd8")
    assert (await client.get(shown[0].replace("/1.jpg", "/3.jpg"))).status_code == 404
    async with httpx.AsyncClient(base_url=client.base_url) as another:
        assert (await another.get(shown[0])).status_code == 401
        await signed_in(another, redis, settings, STRANGER)
        assert (await another.get(shown[0])).status_code == 410


async def test_single_videos_are_taken_out_before_and_after_the_start(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    running = await Progressing.of(redis, settings, ["anna.mp4", "boris.mp4", "chen.mp4"])
    await running.finish_next(b"made")
    browser = await signed_in(client, redis, settings)
    page = await browser.page()
    out = dict(re.findall(rf'value="(rm:{running.batch_id}:\w+)" aria-label="Take “(\w+)', page))

    assert sorted(out.values()) == ["boris", "chen"]  # the first is made
    said = answer_on(await browser.do(press=next(data for data, name in out.items() if name == "boris")))

    assert "“boris.mp4” will not be made." in said
    assert [item.state for item in (await running.batch()).items] == ["done", "cancelled", "waiting"]


async def test_a_script_that_presses_is_told_for_how_long_to_wait(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    browser = await signed_in(client, redis, settings)
    await browser.say("/help")
    await redis.incrby(keys.studio_presses(ANNA.owner), PRESSES_PER_MINUTE)

    refused = await browser.post("/studio/do", say="/help")

    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert f"More than {PRESSES_PER_MINUTE} presses" in refused.text
    await redis.delete(keys.studio_presses(ANNA.owner))
    await browser.say("/help")
