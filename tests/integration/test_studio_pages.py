"""The studio's history and library over real HTTP, and a person who comes by the operator's invitation."""

import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from html import unescape

import httpx
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from bot.dialogue.units import size
from heygem.base.settings import Settings
from heygem.batches.people import People
from heygem.batches.store import Store
from heygem.redis.server import EmbeddedRedis
from heygem.storage.layout import Storage
from tests.factories import ANNA, media_file
from tests.patience import PATIENCE_SECONDS
from tests.served import Progressing, WebServer, web_server
from tests.visiting import Browser, answer_on, enter, signed_in

SCRIPT = '<script>alert("x")</script>'
HOSTILE = SCRIPT.replace("/", "")
CARD = re.compile(r'id="batch-(\w+)"')


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, redis_server: EmbeddedRedis) -> Settings:
    redis_url = SecretStr(f"unix://{redis_server.socket}")
    return Settings(data_dir=tmp_path_factory.mktemp("data"), redis_url=redis_url)


@pytest.fixture(scope="module")
def server(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    with web_server(settings, tmp_path_factory.mktemp("log") / "web.log") as running:
        yield running


@pytest.fixture
async def client(server: WebServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url) as client:
        yield client


@pytest.fixture
async def browser(client: httpx.AsyncClient, redis: Redis, settings: Settings) -> Browser:
    return await signed_in(client, redis, settings)


async def ended(redis: Redis, settings: Settings, *names: str, failing: int = 0) -> Progressing:
    batch = await Progressing.of(redis, settings, names, chat=names[0])
    for number in range(len(names)):
        await (batch.fail_next() if number < failing else batch.finish_next(3_000_000))
    return batch


async def cancelled(redis: Redis, settings: Settings, number: int) -> str:
    batch = await Progressing.of(redis, settings, ["one"], chat=f"cancelled-{number}")
    return (await batch.store.cancel(batch.batch_id)).id


async def test_the_history_is_turned_page_by_page_and_the_studio_shows_the_latest(
    browser: Browser, redis: Redis, settings: Settings
) -> None:
    newest_first = [await cancelled(redis, settings, number) for number in range(23)][::-1]
    thrown_away = await Progressing.of(redis, settings, ["live"], chat="live")  # under way: no history yet

    first, second = await browser.page("/studio/history"), await browser.page("/studio/history?page=2")
    studio = await browser.page()

    assert CARD.findall(first) + CARD.findall(second) == newest_first
    assert "Page 1 of 2" in first
    assert 'href="/studio/history?page=2"' in first
    assert 'href="/studio/history?"' in second
    assert CARD.findall(await browser.page("/studio/history?page=99")) == newest_first[20:]
    assert CARD.findall(await browser.page("/studio/history?page=-1%00x")) == newest_first[:20]
    assert CARD.findall(studio) == [thrown_away.batch_id, *newest_first[:3]]
    assert "All 23 in the history" in studio


async def test_the_history_is_filtered_by_what_became_of_a_batch(
    browser: Browser, redis: Redis, settings: Settings
) -> None:
    whole = (await ended(redis, settings, "whole")).batch_id
    partly = (await ended(redis, settings, "partly", "well", failing=1)).batch_id
    failed = (await ended(redis, settings, "failed", failing=1)).batch_id
    stopped = await cancelled(redis, settings, 1)

    async def found(query: str) -> list[str]:
        return CARD.findall(await browser.page(f"/studio/history?{query}"))

    assert await found("state=done") == [partly, whole]
    assert await found("state=missing") == [stopped, failed, partly]
    assert await found("state=missing&find=WELL") == [partly]
    assert await found("find=hello") == [stopped, failed, partly, whole]  # their voice
    assert await found("state=nonsense") == [stopped, failed, partly, whole]
    assert await found("engine=duix") == []


async def test_a_card_says_what_was_made_how_much_room_it_takes_and_for_how_long_it_is_kept(
    browser: Browser, redis: Redis, settings: Settings
) -> None:
    batch = await ended(redis, settings, SCRIPT, "two", "three", failing=1)

    page = await browser.page("/studio/history")

    shown = unescape(page)
    assert "2 of 3 videos are ready" in shown
    assert "hello.ogg" in shown
    assert SCRIPT not in page
    assert f"{SCRIPT} and 2 more" in shown
    assert "9.1 MB · kept for another 7 days" in shown  # 2 results of 3 MB, 3 templates said to be of 1 MB, the voice
    folder = Storage(settings.data_dir).owner(ANNA.owner)
    kept = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert kept > 6_000_000
    assert f"Your files take {size(kept)} of 20.0 GB." in shown
    for press in ("exp", "rty", "rus", "del"):
        assert f'value="{press}:{batch.batch_id}"' in page


async def test_the_buttons_of_the_history_lead_back_to_it_and_to_what_was_begun(
    browser: Browser, redis: Redis, settings: Settings
) -> None:
    batch = await ended(redis, settings, "one")

    again = await browser.press("Same faces, new voice", await browser.page("/studio/history?find=one"))
    (begun,) = await Store(redis, settings).unended(ANNA)
    assert f'href="/studio#batch-{begun.id}"' in answer_on(again)
    assert CARD.findall(again) == [batch.batch_id]

    asked = await browser.press("Delete all", again)
    cleared = await browser.press("Yes, delete all", answer_on(asked))
    assert "1 batch deleted." in answer_on(cleared)
    assert CARD.findall(cleared) == []


async def test_saved_templates_are_found_renamed_used_and_deleted(
    browser: Browser, redis: Redis, settings: Settings
) -> None:
    people, storage = People(redis), Storage(settings.data_dir)
    for name in ("teachers/1", "teachers/2", "boss", HOSTILE):
        await people.save_template(ANNA, name, media_file(storage, ANNA, f"{name.replace('/', '-')}.mp4"))

    page = await browser.page("/studio/library")
    assert "<script>alert" not in page
    assert "2 videos · 2.0 MB" in page
    assert "Together 4.0 MB." in page
    found = await browser.page("/studio/library?find=TEACH")
    assert "teachers" in found
    assert "boss" not in found

    key = (re.findall(r'name="rename" value="(\w+)"', found) or [""])[0]
    taken = await browser.do(rename=key, name="boss", at="library?find=teach")
    assert "already" in answer_on(taken)
    assert "boss" not in taken.partition("</section>")[2]
    renamed = await browser.do(rename=key, name=" 老师 ", at="library")
    assert "is called “老师” now" in answer_on(renamed)

    found = await browser.page("/studio/library?find=老师")
    used = await browser.press("Add to the batch", found)
    (batch,) = await Store(redis, settings).unended(ANNA)
    assert [item.template.name for item in batch.items] == ["teachers-1.mp4", "teachers-2.mp4"]
    assert f'href="/studio#batch-{batch.id}"' in answer_on(used)
    saved = await browser.do(save="both", at="library")
    assert "Saved 2 templates as the set “both”." in answer_on(saved)

    asked = await browser.press("Delete", found)
    assert "Delete “老师” (2 videos)?" in answer_on(asked)
    assert "“老师” is deleted." in answer_on(await browser.press("Delete", answer_on(asked)))
    left = {name.partition("/")[0] for name in await people.templates(ANNA)}
    assert left == {"both", "boss", HOSTILE}


async def test_the_page_that_one_is_on_is_marked_in_the_navigation(browser: Browser) -> None:
    for path in ("/studio", "/studio/history", "/studio/library"):
        page = await browser.page(path)
        assert re.findall(r'<a href="([^"]*)" aria-current="page">', page) == [path]


async def test_who_has_no_chat_comes_by_the_operators_invitation_and_is_out_when_it_is_taken_back(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    told = operator(settings, "invite", "Anna")
    path = re.search(r"/studio/enter/\S+", told.stdout)
    assert path
    assert "act as anna until" in (await client.get(path[0])).text
    assert (await enter(client, path[0])).status_code == 303
    browser = Browser(client)
    await browser.say("/batch")

    (batch,) = [each async for each in redis.scan_iter(match="heygem:batch:*")]
    assert (await Store(redis, settings).get(batch.rpartition(":")[2])).place.platform == "http"
    assert operator(settings, "list").stdout == "anna\n"
    assert "Their browser is signed out" in operator(settings, "revoke", "anna").stdout
    assert (await client.get("/studio")).status_code == 401
    assert operator(settings, "invite", "a/b").returncode == 2


def operator(settings: Settings, *words: str) -> "subprocess.CompletedProcess[str]":
    """`heygem studio` on the machine."""
    assert settings.redis_url is not None
    environment = {
        **os.environ,
        "HEYGEM_CONFIG": os.devnull,
        "HEYGEM_DATA_DIR": str(settings.data_dir),
        "HEYGEM_REDIS_URL": settings.redis_url.get_secret_value(),
    }
    command = [sys.executable, "-c", "from heygem.cli import main; main()", "studio", *words]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
