import asyncio
import hashlib
import html
import os
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Iterator
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from bot.web.words import WORDS
from heygem.base.settings import Retention, Settings
from heygem.links.download import Link, Links
from heygem.redis import keys
from heygem.redis.handles import tell
from heygem.redis.server import EmbeddedRedis
from tests.patience import PATIENCE_SECONDS
from tests.served import Progressing, WebServer, web_server

HOSTILE = '<script>alert(1)</script>" onerror="alert(2)\'.mp4'


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
    async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE_SECONDS) as http:
        yield http


class _Addresses(HTMLParser):
    """What a page makes a browser fetch, and what is written into it as code."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.inline: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"src", "href", "poster"} and value and not value.startswith("#"):
                self.fetched.append(value)
            if name == "style" or name.startswith("on"):
                self.inline.append(f"{tag} {name}")
        if tag == "style" or (tag == "script" and not dict(attrs).get("src")):
            self.inline.append(tag)


@pytest.mark.parametrize(
    ("language", "headline"), [("en", "1 of 3 videos are ready so far"), ("zh", "目前已完成 1/3 个视频")]
)
async def test_the_page_of_an_unfinished_batch_shows_what_is_there_and_what_is_not(
    client: httpx.AsyncClient, redis: Redis, settings: Settings, language: str, headline: str
) -> None:
    batch = await Progressing.of(redis, settings, ["a.mp4", "b.mp4", "c.mp4"], "zh" if language == "zh" else "en")
    await batch.finish_next()
    link = await batch.link()
    await batch.fail_next()
    await batch.start_next()

    page = (await client.get(f"/b/{link.token}")).text

    assert headline in page
    assert 'http-equiv="refresh"' in page
    assert page.count("<video controls") == 1
    assert f"/b/{link.token}/video/1.mp4?download" in page
    assert f"/download/batch?token={link.token}" in page
    assert {"en": "No face was found in “b.mp4”", "zh": "“b.mp4”中没有找到人脸"}[language] in page
    assert {"en": "moving the lips", "zh": "生成口型"}[language] in page
    assert f'lang="{WORDS["zh" if language == "zh" else "en"].tag}"' in page


async def test_the_page_of_a_finished_batch_has_everything_and_rests(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    batch = await Progressing.of(redis, settings, ["a.mp4", "b.mp4"])
    await batch.finish_next()
    await batch.finish_next()

    page = (await client.get(f"/b/{(await batch.link()).token}")).text

    assert "2 videos are ready" in page
    assert page.count("<video controls") == 2
    assert "refresh" not in page
    assert "data-live" not in page
    assert "Not made" not in page


async def test_pictures_far_down_the_page_are_fetched_when_somebody_comes_there(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    batch = await Progressing.of(redis, settings, [f"{number}.mp4" for number in range(8)])
    await batch.finish_next()

    page = (await client.get(f"/b/{(await batch.link()).token}")).text

    images = [image for image in re.findall(r"<img[^>]*>", page) if "/thumb/" in image]
    assert ["lazy" in image for image in images] == [False] * 6 + [True] * 2
    posters = re.findall(r'poster="([^"]*)"', page)
    assert len(posters) == 1, "a browser fetches all of those at once"
    assert (await client.get(posters[0])).text.startswith("<svg"), "what lies beneath shows through"


async def test_a_partial_link_becomes_whole_and_its_own_zip_stays_as_it_was(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    batch = await Progressing.of(redis, settings, ["a.mp4", "b.mp4", "c.mp4"])
    await batch.finish_next()
    early = await batch.link()
    zip_then, whole = f"/download/batch?token={early.token}", f"/download/batch?token={early.token}&whole"
    before = (await client.get(zip_then)).content
    assert "Once all is ready, it is here as well." in (await client.get(f"/b/{early.token}")).text
    await batch.finish_next()
    assert (await client.get(whole)).content == before, "nothing new while it may still grow"
    await batch.finish_next()

    page = html.unescape((await client.get(f"/b/{early.token}")).text)
    assert "2 more videos are ready since this link was made." in page
    assert {f'href="{zip_then}"', f'href="{whole}"'} <= set(re.findall(r'href="[^"]*"', page))
    assert "Once all is ready" not in page
    assert (await client.get(zip_then)).content == before
    late = await batch.link()
    assert zip_names((await client.get(whole)).content) == zip_names(
        (await client.get(f"/download/batch?token={late.token}")).content
    )
    assert "more videos are ready" not in (await client.get(f"/b/{late.token}")).text
    await batch.store.delete(batch.batch_id)
    assert (await client.get(whole)).status_code == 410


def zip_names(content: bytes) -> list[str]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        return archive.namelist()


@pytest.mark.parametrize(("language", "said"), [("en", "One voice, many faces"), ("zh-CN,zh", "一段声音，多张面孔")])
async def test_the_address_alone_says_what_this_is(client: httpx.AsyncClient, language: str, said: str) -> None:
    answer = await client.get("/", headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert said in answer.text
    assert "Telegram" not in answer.text, "nobody is sent to a chat that the bot is not in"
    assert _Addresses(answer.text).inline == []


async def test_the_address_alone_speaks_the_language_that_a_link_on_it_asks_for(client: httpx.AsyncClient) -> None:
    english, chinese = 'lang="en"', f'lang="{WORDS["zh"].tag}"'
    for asked, language, other in (("?lang=zh", chinese, "?lang=en"), ("?lang=en", english, "?lang=zh")):
        answer = await client.get(f"/{asked}", headers={"Accept-Language": "fr"})
        assert f"<html {language}>" in answer.text
        assert f'href="{other}"' in answer.text
        assert "set-cookie" not in answer.headers
    assert f"<html {chinese}>" in (await client.get("/?lang=<x>", headers={"Accept-Language": "zh"})).text


async def test_the_address_alone_leads_to_the_bots_that_told_their_names(
    client: httpx.AsyncClient, redis: Redis
) -> None:
    await tell(redis, "telegram", "heygem_test_bot")
    page = _Addresses((await client.get("/")).text)
    await redis.delete(keys.handle("telegram"))
    assert "https://t.me/heygem_test_bot" in page.fetched
    assert "/studio" in page.fetched
    for address in page.fetched:
        if address.startswith("/static/"):
            assert (await client.get(address)).status_code == 200


async def test_the_status_follows_the_batch_and_its_version_tells_when_to_draw_anew(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    batch = await Progressing.of(redis, settings, ["a.mp4", "b.mp4"])
    await batch.finish_next()
    token = (await batch.link()).token

    async def status() -> dict[str, Any]:
        answer: dict[str, Any] = (await client.get(f"/b/{token}/status")).json()
        return answer

    before = await status()
    await batch.start_next()
    running = await status()

    assert before["version"] != running["version"]
    assert running["live"] is True
    assert running["items"] == [
        {"number": 1, "state": "done", "label": "ready", "percent": 100},
        {"number": 2, "state": "running", "label": "moving the lips", "percent": 68},
    ]
    assert running["version"] in (await client.get(f"/b/{token}")).text


async def test_hostile_names_are_shown_as_text(client: httpx.AsyncClient, redis: Redis, settings: Settings) -> None:
    batch = await Progressing.of(redis, settings, [HOSTILE, HOSTILE + "2", "\u202egpj.exe"])
    await batch.finish_next()
    await batch.fail_next()

    page = (await client.get(f"/b/{(await batch.link()).token}")).text

    assert "<script>alert" not in page
    assert 'onerror="alert' not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<bdi>\u202egpj.exe</bdi>" in page


async def test_a_page_fetches_nothing_from_elsewhere_and_holds_no_code(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    batch = await Progressing.of(redis, settings, [HOSTILE, "b.mp4"])
    await batch.finish_next()
    page = _Addresses((await client.get(f"/b/{(await batch.link()).token}")).text)

    assert page.inline == []
    assert page.fetched
    for address in page.fetched:
        assert re.match(r"/(static|b|download)/", address), address
        if address.startswith("/static/"):
            asset = await client.get(address)
            assert asset.status_code == 200
            assert "immutable" in asset.headers["cache-control"]


async def test_every_answer_carries_the_headers_that_keep_it_private(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    batch = await Progressing.of(redis, settings, ["a.mp4"])
    await batch.finish_next()
    token = (await batch.link()).token

    for address in (
        *(f"/b/{token}", f"/b/{token}/status", f"/b/{token}/video/1.mp4", f"/b/{token}/thumb/1.jpg"),
        *(f"/download/batch?token={token}", "/download/batch", "/b/nonsense", "/nowhere", "/healthz"),
    ):
        headers = (await client.get(address)).headers
        assert headers["referrer-policy"] == "no-referrer", address
        assert headers["cache-control"] == "private, no-store", address
        assert headers["x-robots-tag"] == "noindex, nofollow", address
        assert headers["x-content-type-options"] == "nosniff", address
        assert "frame-ancestors 'none'" in headers["content-security-policy"], address
        assert "default-src 'none'" in headers["content-security-policy"], address
        assert "unsafe" not in headers["content-security-policy"], address
        assert "server" not in headers, address


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "A" * 43,
        "A" * 20_000,
        "%00" * 43,
        "..%2f..%2f..%2fetc%2fpasswd",
        "%2e%2e",
        "{{7*7}}",
        "<script>",
        "%ff%fe",
        "☃" * 43,
        "A" * 42 + "%0a",
        "A" * 42 + "%0d%0aSet-Cookie:x=y",
    ],
)
async def test_a_forged_token_finds_nothing(client: httpx.AsyncClient, token: str) -> None:
    for address in (f"/b/{token}", f"/b/{token}/status", f"/b/{token}/video/1.mp4", f"/download/batch?token={token}"):
        answer = await client.get(address)
        assert answer.status_code == 404, address
        assert "set-cookie" not in answer.headers
        assert "<script>" not in answer.text


@pytest.mark.parametrize("path", ["/b/", "/b", "/static/", "/static/..%2fapp.py", "/static/page.css", "/b/a/b/c"])
async def test_other_addresses_hold_nothing(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path, follow_redirects=False)

    assert answer.status_code == 404
    assert "There is nothing at this address." in answer.text


async def test_only_reading_is_possible(client: httpx.AsyncClient, redis: Redis, settings: Settings) -> None:
    batch = await Progressing.of(redis, settings, ["a.mp4"])
    await batch.finish_next()

    answer = await client.post(f"/b/{(await batch.link()).token}", content=b"x")

    assert answer.status_code == 405
    assert sorted(answer.headers["allow"].split(", ")) == ["GET", "HEAD"]


async def test_the_page_says_whether_a_link_expired_or_was_withdrawn(
    client: httpx.AsyncClient, redis: Redis, settings: Settings
) -> None:
    batch = await Progressing.of(redis, settings, ["a.mp4"])
    await batch.finish_next()
    past = settings.model_copy(update={"retention": Retention(link_hours=-1)})
    expired, withdrawn = await Links(redis, past).create(await batch.batch()), await batch.link()

    await _says(
        client, expired, "This link has expired. Whoever sent it to you gets a new one with /export", "链接已过期。"
    )
    await batch.store.delete(batch.batch_id)
    await _says(
        client,
        withdrawn,
        "This link has been withdrawn. The videos behind it were deleted.",
        "链接已被撤回，其中的视频已删除。",
    )


async def _says(client: httpx.AsyncClient, link: Link, sentence: str, chinese: str) -> None:
    answer = await client.get(f"/b/{link.token}")
    assert answer.status_code == 410
    assert sentence in answer.text
    translated = await client.get(f"/b/{link.token}", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"})
    assert chinese in translated.text
    assert 'lang="zh-Hans"' in translated.text


async def test_a_script_gets_errors_as_json(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/b/{'A' * 43}/status", headers={"Accept": "application/json"})

    assert answer.json() == {
        "code": "link_unknown",
        "message": "This link is not valid, or not whole. Whoever sent it to you gets a new one with /export in their "
        "chat with the bot.",
    }


async def test_no_token_reaches_the_log(
    client: httpx.AsyncClient, server: WebServer, redis: Redis, settings: Settings
) -> None:
    """Logging is on DEBUG, and pages, downloads, refusals and a cut connection went by."""
    batch = await Progressing.of(redis, settings, ["a.mp4"])
    await batch.finish_next(5_000_000)
    token = (await batch.link()).token
    for address in (
        f"/b/{token}",
        f"/b/{token}/video/7.mp4",
        f"/download/batch?token={token}",
        f"/b/{token}/thumb/1.jpg",
    ):
        await client.get(address)
    async with client.stream("GET", f"/download/batch?token={token}"):
        pass

    assert "Application startup complete" in server.log.read_text()
    assert token not in server.log.read_text()


async def test_a_fault_of_ours_is_one_sentence_and_no_traceback(
    client: httpx.AsyncClient, server: WebServer, redis: Redis
) -> None:
    token = "B" * 43
    await redis.set(keys.link(hashlib.sha256(token.encode()).hexdigest()), "not what it should be")

    answer = await client.get(f"/b/{token}")

    assert answer.status_code == 500
    assert "Something went wrong on our side." in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"
    for _ in range(100):  # it is logged after the answer was sent
        if "WRONGTYPE" in server.log.read_text():
            break
        await asyncio.sleep(0.05)
    assert "WRONGTYPE" in server.log.read_text()
    assert token not in server.log.read_text()


async def test_the_health_page_says_that_links_can_be_answered(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"ok": True, "redis": "ok"}


async def test_without_redis_the_server_stays_and_says_so(settings: Settings, server: WebServer) -> None:
    away = settings.model_copy(update={"redis_url": SecretStr("redis://user:Secret-Word@127.0.0.1:1/0")})
    log = server.log.with_name("away.log")
    with web_server(away, log) as alone:
        async with httpx.AsyncClient(base_url=alone.url, timeout=PATIENCE_SECONDS) as http:
            for _ in range(2):
                answer = await http.get(f"/b/{'A' * 43}")
                assert answer.status_code == 503
                assert "The queue can't be reached at the moment" in html.unescape(answer.text)
                assert answer.headers["retry-after"] == "10"
            assert (await http.get("/healthz")).status_code == 503
            assert (await http.get("/")).status_code == 200
            assert (await http.get("/b/nonsense")).status_code == 404
        assert alone.process.poll() is None
    assert "Secret-Word" not in log.read_text()


async def test_a_stop_signal_ends_the_server_cleanly(settings: Settings, server: WebServer) -> None:
    with web_server(settings, server.log.with_name("stopped.log")) as stopped:
        stopped.process.send_signal(signal.SIGTERM)
        assert stopped.process.wait(PATIENCE_SECONDS) == 0
        assert "Traceback" not in stopped.log.read_text()


def test_an_address_that_is_taken_is_one_sentence(settings: Settings, server: WebServer) -> None:
    environment = {**os.environ, "HEYGEM_WEB__PORT": server.url.rpartition(":")[2]}
    ended = subprocess.run(
        [sys.executable, "-m", "bot", "web"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert ended.returncode != 0
    assert "web.port" in ended.stderr
    assert "Traceback" not in ended.stderr
