"""The studio in a real browser: in through the link from the chat, followed, answered and left without a page load."""

import json
import os
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from heygem.base.settings import Settings
from heygem.batches.model import Batch
from heygem.batches.people import People
from heygem.batches.store import Store
from heygem.engines import mannequin
from heygem.links.sign_in import SignIn, SignInLinks
from heygem.redis.server import EmbeddedRedis
from heygem.storage.layout import Storage
from tests.chromium import Tab, phone
from tests.factories import ANNA, place, template_file, voice_file
from tests.served import Progressing, WebServer, web_server

ANSWER = "document.querySelector('.answer')"
TITLES = "[...document.querySelectorAll('.batch h3')].map((title) => title.innerText).join('|')"

HURRIED_AND_HIDDEN = """
  var out = location.pathname === '/studio', away = 0, streams = 0, looks = [];
  const wait = setTimeout, get = fetch, Stream = EventSource;
  setTimeout = (then, ms) => wait(then, ms / 20);
  fetch = (...how) => (away-- > 0 ? Promise.resolve(new Response('away', {status: 503})) : get(...how));
  EventSource = class extends Stream { constructor(...how) { super(...how); streams += 1; } };
  Object.defineProperty(document, 'hidden', {get: () => out});
  new MutationObserver(() => document.querySelector('[data-lost]')?.hidden === false && looks.push('lost'))
    .observe(document, {subtree: true, childList: true, attributes: true});
"""


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
    async with phone(devtools) as tab:
        await sign_in(tab, server, redis, settings)
        assert "anna" not in await tab.value("document.cookie"), "no script reads the cookie"
        await tab.value("window.same = true")

        await running.finish_next()
        await tab.until("document.querySelector('.batch progress')?.value === 50")
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


async def test_who_presses_buttons_with_the_keyboard_stays_on_them_or_comes_to_the_answer(
    devtools: str, server: WebServer, redis: Redis, settings: Settings
) -> None:
    running = await Progressing.of(redis, settings, ["one", "two"])
    await running.finish_next()
    async with phone(devtools) as tab:
        await sign_in(tab, server, redis, settings)
        await press(tab, "button[value^='exp:']")
        await tab.until(f"{ANSWER}?.querySelector('a')?.href.includes('/b/')")
        await tab.until("document.activeElement.value?.startsWith('exp:')")
        await press(tab, "button[value^='can:']")
        await tab.until("document.querySelector('[data-part=past] .batch') !== null")
        await tab.until("document.activeElement.className === 'answer'")


async def test_an_answer_that_does_not_come_leaves_the_page_as_it_is(
    devtools: str, server: WebServer, redis: Redis, settings: Settings
) -> None:
    async with phone(devtools) as tab:
        await sign_in(tab, server, redis, settings)
        await tab.value("window.same = true")
        await tab.value(
            "(fetching => window.fetch = (address, how) =>"
            " how?.method === 'POST' ? Promise.resolve(new Response('away', {status: 503})) : fetching(address, how))"
            "(window.fetch)"
        )
        await tab.value("document.querySelector('#say').value = '/help'")
        await tab.click("form:has(#say) button")
        await tab.until("!document.querySelector('[data-lost]').hidden")

        assert await tab.value("window.same && document.querySelector('#say').value") == "/help"


async def test_a_page_that_was_cut_off_comes_back_as_what_it_was_and_asks_for_nothing_out_of_sight(
    devtools: str, server: WebServer, redis: Redis, settings: Settings
) -> None:
    running = await Progressing.of(redis, settings, ["one", "two"])
    async with phone(devtools) as tab:
        await sign_in(tab, server, redis, settings)
        await tab.do("Page.addScriptToEvaluateOnNewDocument", source=HURRIED_AND_HIDDEN)
        await tab.open(f"{server.url}/studio")
        assert await tab.value("streams") == 0, "in a tab that was opened behind this one"
        await tab.value("out = false, document.dispatchEvent(new Event('visibilitychange'))")
        await tab.until("streams === 1")

        await tab.value("away = 1, 0")
        await running.finish_next()
        await tab.until("looks.includes('lost')")
        await tab.until("document.querySelector('.batch progress')?.value === 50")
        await tab.until("document.querySelector('[data-lost]').hidden")

        await running.finish_next()
        await tab.open(f"{server.url}/studio/history?find=one")
        await tab.value("away = 1, document.querySelector('article > details').open = true, 0")
        await tab.click("button[value^='exp:']")
        await tab.until("looks.includes('lost') && document.querySelector('[data-lost]').hidden")
        assert await tab.value("document.querySelector('#found') && document.querySelector('article > details').open")
        assert await tab.value("streams") == 0


async def test_what_was_unfolded_and_who_stands_on_it_stay_while_the_page_is_drawn_anew(
    devtools: str, server: WebServer, redis: Redis, settings: Settings
) -> None:
    for number in range(2):
        ended = await Progressing.of(redis, settings, ["one"], chat=f"ended-{number}")
        await ended.finish_next()
    running = await Progressing.of(redis, settings, ["two"], chat="running")
    async with phone(devtools) as tab:
        await sign_in(tab, server, redis, settings)
        await press(tab, f"#batch-{ended.batch_id} summary")
        await running.finish_next()
        await tab.until(f"document.querySelector('[data-part=past] #batch-{running.batch_id}') !== null")
        assert await tab.value(f"document.querySelector('#batch-{ended.batch_id} details').open")
        assert await tab.value("document.activeElement.closest('article')?.id") == f"batch-{ended.batch_id}"
        assert await tab.value("document.querySelectorAll('article > details[open]').length") == 1

        await tab.value("document.querySelector('.beyond a').focus()")
        await (await Progressing.of(redis, settings, ["three"], chat="third")).fail_next()
        await tab.until("document.querySelector('.beyond').innerText.includes('4')")
        assert await tab.value("document.activeElement.matches('.beyond a')")


async def test_files_are_sent_side_by_side_and_stand_in_their_order_in_the_batch(
    devtools: str, server: WebServer, redis: Redis, settings: Settings, tmp_path: Path
) -> None:
    faces = [padded(tmp_path / f"face {number}.mp4", megabytes) for number, megabytes in ((1, 20), (2, 12), (10, 9))]
    broken = tmp_path / "face 3.mp4"
    broken.write_bytes(b"only text" * 1000)
    async with phone(devtools) as tab:
        await sign_in(tab, server, redis, settings)
        await tab.network(upload=8_000_000)
        await tab.choose("#files", faces[2], broken, faces[0], faces[1])
        await tab.until("document.querySelectorAll('[data-state=sending] progress').length >= 2")
        assert await tab.until("!document.querySelector('[data-whole]').hidden")
        await tab.network()
        await tab.until("document.querySelectorAll('.file[data-state=added]').length === 3")
        await tab.until("document.querySelectorAll('.batch .rows li').length === 3")

        assert await tab.value("document.querySelectorAll('.file[data-state=refused]').length") == 1
        assert [item.template.name for item in (await the_batch(redis, settings)).items] == [
            each.name for each in faces
        ]
        await tab.until("document.querySelector('[data-whole] p').textContent.startsWith('4 of 4 files')")
        assert [each for each in tab.console if '"source": "network"' not in each] == []


async def test_a_file_that_is_refused_or_dropped_lets_none_behind_it_overtake_those_before_it(
    devtools: str, server: WebServer, redis: Redis, settings: Settings, tmp_path: Path
) -> None:
    first, last = padded(tmp_path / "face 1.mp4", 12), padded(tmp_path / "face 3.mp4", 1)
    empty = tmp_path / "face 2.mp4"
    empty.touch()
    async with phone(devtools) as tab:
        await sign_in(tab, server, redis, settings)
        await tab.network(upload=4_000_000)
        await tab.choose("#files", first, empty, last)
        await tab.until("document.querySelectorAll('.file[data-state=refused]').length === 1")
        await tab.until("document.querySelectorAll('.file[data-state=added]').length === 2")

        assert [item.template.name for item in (await the_batch(redis, settings)).items] == [first.name, last.name]


async def test_two_files_that_look_alike_both_come_into_the_batch(
    devtools: str, server: WebServer, redis: Redis, settings: Settings, tmp_path: Path
) -> None:
    for number in (1, 2):
        padded(tmp_path / f"face {number}.mp4", 1)
    alike = [padded(tmp_path / folder / "face 3.mp4", 12) for folder in ("anna", "boris")]
    with alike[1].open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"x")
    for path in alike:
        os.utime(path, (1_700_000_000, 1_700_000_000))
    async with phone(devtools) as tab:
        await sign_in(tab, server, redis, settings)
        await tab.network(upload=4_000_000)
        await tab.drop("[data-drop]", tmp_path)
        await tab.until("document.querySelectorAll('.file[data-state=added]').length === 2")
        await tab.network()
        await tab.until("document.querySelector('[data-whole] p').textContent.startsWith('4 of 4 files')")

        names = [item.template.name for item in (await the_batch(redis, settings)).items]
        assert names == ["face 1.mp4", "face 2.mp4", "face 3.mp4", "face 3.mp4"]


async def test_a_folder_is_dropped_and_what_is_no_media_in_it_stays_away(
    devtools: str, server: WebServer, redis: Redis, settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "lesson"
    (folder / "more").mkdir(parents=True)
    padded(folder / "face 1.mp4", 1)
    padded(folder / "more" / "face 2.mp4", 1)
    (folder / "notes.txt").write_text("not for you")
    (folder / ".hidden.mp4").write_text("nor this")
    async with phone(devtools) as tab:
        await sign_in(tab, server, redis, settings)
        await tab.drop("[data-drop]", folder)
        await tab.until("document.querySelectorAll('.file[data-state=added]').length === 2")

        assert await tab.value("document.querySelectorAll('.file').length") == 2
        names = [item.template.name for item in (await the_batch(redis, settings)).items]
        assert names == ["face 1.mp4", "face 2.mp4"]


async def test_a_file_of_a_folder_that_can_not_be_read_is_named_and_words_go_into_the_field_they_are_dropped_on(
    devtools: str, server: WebServer, redis: Redis, settings: Settings
) -> None:
    async with phone(devtools) as tab:
        await sign_in(tab, server, redis, settings)
        await tab.value(
            "within({isDirectory: true, createReader: () => ({readEntries: (found) => found([])})})"
            ".then(() => within({isFile: true, name: 'locked.mp4', file: (_, refuse) => refuse(new Error())}))"
        )
        assert await tab.value("document.querySelector('.file[data-state=refused] bdi').textContent") == "locked.mp4"
        taken = (
            "const dataTransfer = new DataTransfer(); dataTransfer.setData('text/plain', 'lesson');"
            "const drop = new DragEvent('drop', {dataTransfer, cancelable: true, bubbles: true});"
            "return !document.querySelector('#say').dispatchEvent(drop);"
        )
        assert not await tab.value(f"(() => {{ {taken} }})()")


async def test_a_file_that_comes_too_late_for_one_batch_is_the_first_of_the_next(
    devtools: str, server: WebServer, redis: Redis, settings: Settings, tmp_path: Path
) -> None:
    async with phone(devtools) as tab:
        await sign_in(tab, server, redis, settings)
        await tab.choose("#files", padded(tmp_path / "face 1.mp4", 1))
        await tab.until("document.querySelectorAll('.file[data-state=added]').length === 1")
        batch, store = await the_batch(redis, settings), Store(redis, settings)
        await store.set_voice(batch.id, voice_file(Storage(settings.data_dir)), "voice")
        await store.generate(batch.id)
        await tab.choose("#files", padded(tmp_path / "face 2.mp4", 1))
        await tab.until("document.querySelectorAll('.file[data-state=added]').length === 2")

        following = await the_batch(redis, settings)
        assert following.id != batch.id
        assert [item.template.name for item in following.items] == ["face 2.mp4"]


async def test_in_the_library_a_name_is_typed_and_without_scripts_a_reload_repeats_nothing(
    devtools: str, server: WebServer, redis: Redis, settings: Settings
) -> None:
    people = People(redis)
    await people.save_template(ANNA, "anna", template_file(Storage(settings.data_dir)))
    async with phone(devtools) as tab:
        await sign_in(tab, server, redis, settings)
        await tab.click("nav a[href$=library]")
        await tab.until("location.pathname === '/studio/library' && document.readyState === 'complete'")
        await tab.value("document.querySelector('summary').click()")
        await tab.value("document.querySelector('input[name=name]').value = 'ben'")
        await press(tab, "input[name=name]")
        await tab.until(f"{ANSWER}?.innerText.includes('ben')")
        assert list(await people.templates(ANNA)) == ["ben"]
        assert await tab.value("location.search") == "", "nothing loaded the page anew"

        await tab.do("Emulation.setScriptExecutionDisabled", value=True)
        await tab.do("Page.reload")
        await tab.until(f"document.readyState === 'complete' && {ANSWER} === null")
        await tab.click("button[value^='use:']")
        await tab.until("location.search.startsWith('?told=') && document.readyState === 'complete'")
        assert "studio#batch-" in await tab.value(f"{ANSWER}.parentNode.innerHTML")
        (batch,) = await Store(redis, settings).unended(ANNA)
        await tab.do("Page.reload")
        await tab.until(f"document.readyState === 'complete' && {ANSWER} === null")
        assert await Store(redis, settings).unended(ANNA) == [batch]


async def sign_in(tab: Tab, server: WebServer, redis: Redis, settings: Settings) -> None:
    link = await SignInLinks(redis, settings).create(SignIn(person=ANNA, place=place("home"), language="en"))
    await tab.open(server.url + link.url.removeprefix(settings.web.base_url))
    await tab.click("form .button")
    await tab.until("location.pathname === '/studio' && document.readyState === 'complete'")


async def press(tab: Tab, selector: str) -> None:
    """With the keyboard."""
    await tab.value(f"document.querySelector({json.dumps(selector)}).focus()")
    for kind in ("keyDown", "keyUp"):
        await tab.do("Input.dispatchKeyEvent", type=kind, key="Enter", windowsVirtualKeyCode=13, text="\r")


async def the_batch(redis: Redis, settings: Settings) -> Batch:
    return (await Store(redis, settings).history(ANNA))[0]


def padded(path: Path, megabytes: int) -> Path:
    """A real video, most of it a box that players pass over (ISO/IEC 14496-12, 8.1.2). No two are equal."""
    path.parent.mkdir(exist_ok=True)
    mannequin.film(path)
    filling = path.name.encode().ljust(megabytes * 1_000_000, b"\0")
    with path.open("ab") as file:
        file.write(struct.pack(">I4s", len(filling) + 8, b"free") + filling)
    return path
