"""The page of a batch in a real browser: how it shows videos, and what a person takes from it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import av
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from heygem.base.settings import Settings
from heygem.redis.server import EmbeddedRedis
from tests.chromium import Tab, phone
from tests.media import picture
from tests.served import Progressing, WebServer, web_server

LIST = "document.querySelector('[data-grid]').classList.contains('list')"
PRESSED = "[...document.querySelectorAll('[data-view]')].map((button) => button.ariaPressed).join()"
SELECTION = "document.querySelector('[data-selection]')"
TOLD = f"{SELECTION}.querySelector('[data-selected]').textContent"
LINK = f"{SELECTION}.querySelector('a').getAttribute('href')"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, redis_server: EmbeddedRedis) -> Settings:
    redis_url = SecretStr(f"unix://{redis_server.socket}")
    return Settings(data_dir=tmp_path_factory.mktemp("data"), redis_url=redis_url)


@pytest.fixture(scope="module")
def server(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    with web_server(settings, tmp_path_factory.mktemp("log") / "web.log") as running:
        yield running


@pytest.fixture
async def tab(devtools: str) -> AsyncIterator[Tab]:
    async with phone(devtools) as tab:
        yield tab


@pytest.fixture
async def batch(redis: Redis, settings: Settings) -> Progressing:
    made = await Progressing.of(redis, settings, ["a.mp4", "b.mp4", "c.mp4"])
    await made.finish_next(1_500_000)
    await made.finish_next(12_000_000)
    return made


async def press(tab: Tab, selector: str, key: str = "Enter") -> None:
    """What a person does who uses no mouse."""
    await tab.value(f"document.querySelector('{selector}').focus()")
    code = {"Enter": 13, " ": 32, "ArrowRight": 39}[key]
    text = {"Enter": "\r", " ": " "}.get(key, "")
    for kind in ("keyDown", "keyUp"):
        await tab.do("Input.dispatchKeyEvent", type=kind, key=key, text=text, windowsVirtualKeyCode=code)


async def test_a_list_stays_a_list_when_the_page_is_opened_again(
    tab: Tab, server: WebServer, batch: Progressing
) -> None:
    await tab.open(f"{server.url}/b/{(await batch.link()).token}")
    assert await tab.value(PRESSED) == "true,false"

    await press(tab, "[data-view=list]")

    assert (await tab.value(LIST), await tab.value(PRESSED)) == (True, "false,true")
    await tab.open(f"{server.url}/b/{(await batch.link()).token}")
    assert (await tab.value(LIST), await tab.value(PRESSED)) == (True, "false,true")
    await press(tab, "[data-view=grid]", " ")
    assert (await tab.value(LIST), await tab.value(PRESSED)) == (False, "true,false")


async def test_what_is_ticked_is_told_with_its_size_and_taken_as_one_zip(
    tab: Tab, server: WebServer, batch: Progressing
) -> None:
    token = (await batch.link()).token
    await tab.open(f"{server.url}/b/{token}")
    assert await tab.value(f"{SELECTION}.hidden")

    await tab.click("[data-pick='2']")
    assert await tab.value(TOLD) == "1 video selected · 12 MB"
    await tab.click("[data-select-all]")

    assert await tab.value(TOLD) == "2 videos selected · 14 MB"
    assert await tab.value(LINK) == f"/download/batch?token={token}&items=1,2"
    await tab.click("[data-pick='1']")
    assert await tab.value(LINK) == f"/download/batch?token={token}&items=2"
    assert await tab.value(f"fetch({LINK}, {{ method: 'HEAD' }}).then((answer) => answer.status)") == 200
    await tab.click("[data-select-none]")
    assert await tab.value(f"{SELECTION}.hidden")


async def test_what_is_ticked_stays_so_when_another_video_is_ready(
    tab: Tab, server: WebServer, batch: Progressing
) -> None:
    await tab.open(f"{server.url}/b/{(await batch.link()).token}")
    await tab.click("[data-pick='1']")

    await batch.finish_next()

    await tab.until("!!document.querySelector('[data-pick=\"3\"]')")
    assert await tab.value(TOLD) == "1 video selected · 1.5 MB"
    await tab.click("[data-pick='3']")
    assert (await tab.value(TOLD)).startswith("2 videos selected · ")


async def test_whoever_stands_on_a_link_of_the_summary_stays_there_when_it_is_drawn_anew(
    tab: Tab, server: WebServer, batch: Progressing
) -> None:
    """What was begun below stays too: another link is being made there."""
    await tab.open(f"{server.url}/b/{(await batch.link()).token}")
    await tab.click("#links > summary")
    await tab.value("document.querySelector('#new-password').value = 'half a pass'")
    await tab.value("document.querySelector('.summary .button').focus()")

    await batch.finish_next()

    await tab.until("document.querySelector('h1').textContent === '3 videos are ready'")
    assert await tab.value("document.activeElement === document.querySelector('.summary .button')")
    assert await tab.value("document.activeElement.search.endsWith('&whole')"), "and leads where it leads now"
    assert await tab.value("document.querySelector('#links').open")
    assert await tab.value("document.querySelector('#new-password').value") == "half a pass"


@pytest.mark.parametrize("secure", [True, False])
async def test_the_address_of_the_page_is_copied(tab: Tab, server: WebServer, batch: Progressing, secure: bool) -> None:
    """A page that did not come through TLS may not write to the clipboard by itself."""
    address = f"{server.url}/b/{(await batch.link()).token}"
    await tab.open(f"{address}#item-2")
    await tab.value("document.addEventListener('copy', () => (window.taken = String(getSelection())))")
    written = "(text) => { window.taken = text; return Promise.resolve(); }" if secure else "undefined"
    await tab.value(f"Object.defineProperty(navigator, 'clipboard', {{ value: {{ writeText: {written} }} }})")

    await press(tab, "[data-copy]")

    assert (
        await tab.until("document.querySelector('[data-copy]').textContent === 'Link copied' && window.taken")
        == address
    )
    assert "Content Security Policy" not in str(tab.console)


def film(path: Path, frames: int) -> bytes:
    """A video whose pictures say their numbers."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=25, options={"g": "5"})
        stream.width, stream.height, stream.pix_fmt = 320, 192, "yuv420p"
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(number, 320, 192), "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path.read_bytes()


AFTER, BEFORE = (f"document.querySelector('[data-{part}]')" for part in ("after", "before"))


async def test_a_template_is_compared_with_its_result_in_step(
    tab: Tab, server: WebServer, redis: Redis, settings: Settings, tmp_path: Path
) -> None:
    batch = await Progressing.of(redis, settings, ["a.mp4"], content=film(tmp_path / "template.mp4", 100))
    await batch.finish_next(film(tmp_path / "result.mp4", 150))
    await tab.open(f"{server.url}/b/{(await batch.link()).token}")

    await press(tab, "[data-compare]")
    await tab.until(f"{AFTER}.readyState >= 2 && {BEFORE}.readyState >= 2")
    assert await tab.value("document.activeElement.matches('[data-play]')")
    assert await tab.value("[...document.querySelectorAll('.stage video')].every((video) => video.paused)")

    await press(tab, "[data-play]")
    await tab.until(f"{AFTER}.currentTime > 0.3 && !{BEFORE}.paused")
    await press(tab, "[data-play]")
    await tab.until(f"{BEFORE}.paused && Math.abs({BEFORE}.currentTime - {AFTER}.currentTime) < 0.03")

    # The template has 4 s and runs back from there: 5 s of the result are its frame 73.
    await tab.value(f"(document.querySelector('[data-position]').value = 5, {AFTER}.currentTime = 5)")
    await tab.until(f"Math.abs({BEFORE}.currentTime - 2.92) < 0.03")

    await press(tab, "[data-reveal]", "ArrowRight")
    assert await tab.value("getComputedStyle(document.querySelector('[data-before]')).clipPath.includes('49')")
    assert await tab.value("document.querySelector('[data-reveal]').ariaValueText") == "51 %"
    await press(tab, "[data-close]")
    assert await tab.value("!document.querySelector('dialog').open && document.activeElement.matches('[data-compare]')")
    assert tab.console == []


async def test_a_template_that_the_browser_cannot_play_leaves_the_result_and_says_so(
    tab: Tab, server: WebServer, redis: Redis, settings: Settings, tmp_path: Path
) -> None:
    batch = await Progressing.of(redis, settings, ["a.avi"], content=b"in a format of its own")
    await batch.finish_next(film(tmp_path / "result.mp4", 30))
    await tab.open(f"{server.url}/b/{(await batch.link()).token}")

    await press(tab, "[data-compare]")

    await tab.until("!document.querySelector('[data-unshown]').hidden")
    await tab.until(f"{AFTER}.readyState >= 2 && getComputedStyle({BEFORE}).display === 'none'")
