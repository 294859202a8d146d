"""The upload page in a real browser: a file is chosen and arrives, whatever happens to the connection."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from heygem.base.settings import Settings
from heygem.redis.server import EmbeddedRedis
from heygem.storage.layout import Storage
from tests.chromium import Tab, phone
from tests.factories import template_file, voice_file
from tests.ports import free_port
from tests.served import WebServer, web_server
from tests.uploading import Inviting, recording, until

ROW = "document.querySelector('.file')"
STATE = f"{ROW}?.dataset.state"
BAR = f"{ROW}?.querySelector('progress').value"
TOLD = f"{ROW}.querySelector('[data-told]').textContent"
_NOTES_OFFSETS = """
window.offsets = [];
const set = XMLHttpRequest.prototype.setRequestHeader;
XMLHttpRequest.prototype.setRequestHeader = function (name, value) {
  if (name === "Upload-Offset") window.offsets.push(Number(value));
  return set.call(this, name, value);
};
"""


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
async def page(redis: Redis, settings: Settings) -> Inviting:
    return await Inviting.of(redis, settings)


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of 11.5 MB: two pieces."""
    path = tmp_path_factory.mktemp("phone") / "演讲 1.wav"
    path.write_bytes(recording(120))
    return path


def on_disk(settings: Settings, page: Inviting) -> int:
    return sum(path.stat().st_size for path in Storage(settings.data_dir).incoming.glob(f"{page.batch_id}.*"))


async def arrived(settings: Settings, page: Inviting, voice: Path) -> None:
    """The very bytes are the batch's voice."""
    batch = await page.batch()
    assert batch.voice is not None
    assert batch.voice.name == voice.name
    assert Storage(settings.data_dir).file(batch.voice.owner, batch.voice.sha256).read_bytes() == voice.read_bytes()
    assert on_disk(settings, page) == 0


async def test_a_file_that_is_chosen_arrives_in_the_batch(
    tab: Tab, server: WebServer, page: Inviting, settings: Settings, voice: Path
) -> None:
    await tab.open(server.url + page.path)
    assert await tab.value("document.documentElement.scrollWidth <= innerWidth")
    assert await tab.value("document.querySelector('[data-batch]').textContent") == "no voice yet · no template yet"

    await tab.choose("#files", voice)
    await tab.until(f"{STATE} === 'added'")

    assert await tab.value(TOLD) == "Added to your batch."
    assert "voice “演讲 1.wav”" in await tab.value("document.querySelector('[data-batch]').textContent")
    assert await tab.until("!document.querySelector('[data-back]').hidden")
    await arrived(settings, page, voice)
    assert tab.console == []


async def test_it_goes_on_at_the_byte_it_had_when_the_connection_comes_back(
    tab: Tab, server: WebServer, page: Inviting, settings: Settings, voice: Path
) -> None:
    await half_way(tab, server.url + page.path, voice)
    await tab.network(offline=True)
    await tab.until(f"{STATE} === 'lost'")
    kept = on_disk(settings, page)
    assert kept > 0
    assert "It goes on by itself" in await tab.value(TOLD)

    await tab.network()
    await tab.until(f"{STATE} === 'added'")

    offsets = await tab.value("window.offsets")
    assert offsets == sorted(set(offsets))  # nothing went twice
    assert any(offset >= kept for offset in offsets)
    await arrived(settings, page, voice)


async def test_it_goes_on_after_the_server_was_killed(
    tab: Tab, page: Inviting, settings: Settings, voice: Path, tmp_path: Path
) -> None:
    with web_server(settings, tmp_path / "first.log", port=free_port()) as first:
        await half_way(tab, first.url + page.path, voice)
        first.process.kill()
        first.process.wait()
        await tab.until(f"{STATE} === 'lost'")
    kept = on_disk(settings, page)
    assert kept > 0

    with web_server(settings, tmp_path / "second.log", port=first.port):
        await tab.network()
        await tab.until(f"{STATE} === 'added'")

    assert kept in await tab.value("window.offsets")
    await arrived(settings, page, voice)


async def test_a_page_that_was_closed_goes_on_when_the_file_is_chosen_again(
    tab: Tab, server: WebServer, page: Inviting, settings: Settings, voice: Path
) -> None:
    await half_way(tab, server.url + page.path, voice)
    await tab.open("about:blank")
    kept = on_disk(settings, page)

    await tab.network()
    await tab.open(server.url + page.path)
    said = await tab.value(TOLD)
    assert said.endswith(" % are here already. Choose this file again and it goes on there.")
    assert int(said.split()[0]) >= int(100 * kept / voice.stat().st_size) > 0
    await tab.choose("#files", voice)
    await tab.until(f"{STATE} === 'added'")

    assert await tab.value("document.querySelectorAll('.file').length") == 1
    assert (await tab.value("window.offsets"))[0] >= kept
    await arrived(settings, page, voice)


async def test_what_the_chat_would_refuse_is_told_in_its_words_and_the_next_file_goes_on(
    tab: Tab, server: WebServer, page: Inviting, settings: Settings, voice: Path, tmp_path: Path
) -> None:
    text = tmp_path / "<b>notes.mp4"
    text.write_bytes(b"only text" * 1000)
    await tab.open(server.url + page.path)
    await tab.choose("#files", text, voice)
    await tab.until("document.querySelectorAll('[data-state=added]').length === 1")

    assert await tab.value(TOLD) == "Not added: “<b>notes.mp4” is neither sound nor video nor a picture."
    assert await tab.value("document.querySelectorAll('.file b').length") == 0
    await arrived(settings, page, voice)


async def test_a_file_that_is_removed_stops_and_leaves_nothing(
    tab: Tab, server: WebServer, page: Inviting, settings: Settings, voice: Path
) -> None:
    await half_way(tab, server.url + page.path, voice)
    await tab.click("[data-give-up]")

    await tab.until(f"!{ROW} && document.querySelector('[data-keep-open]').hidden")
    await until(lambda: _nothing(settings, page))


async def test_a_batch_that_starts_meanwhile_takes_nothing_more_and_the_page_says_so(
    tab: Tab, server: WebServer, page: Inviting, settings: Settings, voice: Path
) -> None:
    await half_way(tab, server.url + page.path, voice)
    storage = Storage(settings.data_dir)
    await page.store.set_voice(page.batch_id, voice_file(storage), "m1")
    await page.store.add_template(page.batch_id, template_file(storage), "m2")
    await page.store.generate(page.batch_id)
    await tab.network()
    await tab.until(f"{STATE} === 'refused'")

    assert "takes no more files" in await tab.value(TOLD)


@pytest.mark.parametrize(("language", "said"), [("en", "This upload link is not valid."), ("zh-CN", "上传链接无效。")])
async def test_a_forged_address_gets_a_clear_page(devtools: str, server: WebServer, language: str, said: str) -> None:
    async with phone(devtools, language) as tab:
        await tab.open(f"{server.url}/u/{'A' * 43}")

        assert said in await tab.value("document.body.innerText")


async def half_way(tab: Tab, url: str, file: Path) -> None:
    """A slow upload that has begun; `window.offsets` are those of its pieces."""
    await tab.do("Page.addScriptToEvaluateOnNewDocument", source=_NOTES_OFFSETS)
    await tab.open(url)
    await tab.network(upload=1_500_000)
    await tab.choose("#files", file)
    await tab.until(f"{BAR} > 10")


async def _nothing(settings: Settings, page: Inviting) -> bool:
    return on_disk(settings, page) == 0
