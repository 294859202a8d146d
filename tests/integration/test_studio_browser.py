"""The studio in a real browser: in through the link from the chat, followed, answered and left without a page load."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from heygem.base.settings import Settings
from heygem.links.sign_in import SignIn, SignInLinks
from heygem.redis.server import EmbeddedRedis
from tests.chromium import browser, find, phone
from tests.factories import ANNA, place
from tests.served import Progressing, WebServer, web_server

ANSWER = "document.querySelector('.answer')"
TITLES = "[...document.querySelectorAll('.batch h3')].map((title) => title.innerText).join('|')"


@pytest.fixture(scope="module")
def devtools(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    find()
    with browser(tmp_path_factory.mktemp("chromium") / "profile") as address:
        yield address


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, redis_server: EmbeddedRedis) -> Settings:
    redis_url = SecretStr(f"unix://{redis_server.socket}")
    return Settings(data_dir=tmp_path_factory.mktemp("data"), redis_url=redis_url)


@pytest.fixture(scope="module")
def server(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    with web_server(settings, tmp_path_factory.mktemp("log") / "web.log") as running:
        yield running


async def test_a_person_comes_from_the_chat_follows_a_batch_and_presses_its_buttons(
    devtools: str, server: WebServer, redis: Redis, settings: Settings, tmp_path: Path
) -> None:
    running = await Progressing.of(redis, settings, ["one", "two"])
    link = await SignInLinks(redis, settings).create(SignIn(person=ANNA, place=place("home"), language="en"))
    async with phone(devtools) as tab:
        await tab.open(server.url + link.url.removeprefix(settings.web.base_url))
        await tab.click("form .button")
        await tab.until("location.pathname === '/studio' && document.readyState === 'complete'")
        assert "anna" not in await tab.value("document.cookie"), "no script reads the cookie"
        await tab.value("window.same = true")

        await running.finish_next()
        await tab.until("document.querySelector('progress')?.value === 50")
        await tab.click("button[value^='exp:']")
        await tab.until(f"{ANSWER}?.querySelector('a')?.href.includes('/b/')")
        await tab.click("button[value^='can:']")
        await tab.until("document.querySelector('[data-part=past] .batch') !== null")

        assert await tab.value("window.same"), "nothing loaded the page anew"
        assert await tab.value("document.documentElement.scrollWidth") <= 390
        blamed = [each for each in tab.console if '"source": "network"' not in each]
        assert blamed == [], "nothing breaks the page's own rules; that templates of a test have no picture is no fault"
        await tab.photograph(tmp_path / "studio.png")
        await tab.click("form[action$=leave] button")
        await tab.until("location.pathname === '/' && document.readyState === 'complete'")
