"""Every page in a real browser, looked at by axe-core: both languages, light and dark, on a desk and on a phone."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from heygem.base.sentences import LANGUAGES, Language
from heygem.base.settings import Retention, Settings
from heygem.batches.people import People
from heygem.engines import mannequin
from heygem.links.download import Links
from heygem.links.locks import Locks
from heygem.links.sign_in import SignIn, SignInLinks
from heygem.redis import keys
from heygem.redis.handles import tell
from heygem.redis.server import EmbeddedRedis
from heygem.storage.layout import Storage
from tests import axe
from tests.chromium import Tab, phone
from tests.factories import ANNA, media_file, place, template_file, voice_file
from tests.served import Progressing, WebServer, web_server
from tests.uploading import Inviting, recording

DESK, PHONE, SMALLEST = 1200, 390, 320  # CSS pixels; the smallest is a desk at 400 %
ACCEPTED: dict[Language, str] = {"en": "en-GB", "zh": "zh-CN"}
LONG = "第一课 – " + "a_very_long_name_without_a_space_" * 4 + ".mp4"


@dataclass(frozen=True)
class Setting:
    """What a page is made from."""

    redis: Redis
    settings: Settings
    film: bytes
    language: Language

    async def batch(self, *names: str) -> Progressing:
        return await Progressing.of(self.redis, self.settings, names, self.language, content=self.film)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, redis_server: EmbeddedRedis) -> Settings:
    redis_url = SecretStr(f"unix://{redis_server.socket}")
    return Settings(data_dir=tmp_path_factory.mktemp("data"), redis_url=redis_url)


@pytest.fixture(scope="module")
def server(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    with web_server(settings, tmp_path_factory.mktemp("log") / "web.log", warn_above_mb=0) as running:
        yield running


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("film") / "person.mp4"
    mannequin.film(path)
    return path.read_bytes()


@pytest.fixture(params=LANGUAGES)
def house(request: pytest.FixtureRequest, redis: Redis, settings: Settings, film: bytes) -> Setting:
    return Setting(redis, settings, film, request.param)


@pytest.fixture
async def tab(devtools: str, house: Setting) -> AsyncIterator[Tab]:
    async with phone(devtools, ACCEPTED[house.language]) as tab:
        yield tab


async def home(house: Setting) -> str:
    await tell(house.redis, "telegram", "heygem_test_bot")
    await tell(house.redis, "slack", "heygem")
    return "/"


async def home_without_a_bot(_: Setting) -> str:
    return "/"


async def finished(house: Setting) -> str:
    batch = await house.batch("anna.mp4", LONG)
    for _ in range(2):
        await batch.finish_next(house.film)
    return f"/b/{(await batch.link()).token}"


async def running(house: Setting) -> str:
    batch = await house.batch("anna.mp4", "boris.mp4", "chen.mp4", LONG)
    await batch.finish_next(house.film)
    link = await batch.link()
    await batch.fail_next()
    await batch.start_next()
    return f"/b/{link.token}"


async def failed(house: Setting) -> str:
    """All but one, without which there would be no link."""
    batch = await house.batch("anna.mp4", "boris.mp4", LONG)
    await batch.finish_next(house.film)
    await batch.fail_next()
    await batch.fail_next()
    return f"/b/{(await batch.link()).token}"


async def partial(house: Setting) -> str:
    """The link is older than what was finished last."""
    batch = await house.batch("anna.mp4", "boris.mp4", "chen.mp4")
    await batch.finish_next(house.film)
    link = await batch.link()
    await batch.finish_next(house.film)
    await batch.fail_next()
    return f"/b/{link.token}"


async def shared_links(house: Setting) -> str:
    """Unfolded, with some there already."""
    batch = await house.batch("anna.mp4", LONG)
    await batch.finish_next(house.film)
    record, lock = await batch.batch(), await Locks(house.redis).new("open sesame")
    for lasts_s in (3600, 24 * 3600):
        await batch.links.share(record, lasts_s, lock)
    return f"/b/{(await batch.link()).token}/links?revoked"


async def password(house: Setting) -> str:
    batch = await house.batch("anna.mp4")
    await batch.finish_next(house.film)
    return f"/b/{(await batch.links.share(await batch.batch(), 3600, await Locks(house.redis).new('sesame'))).token}"


async def revoked(house: Setting) -> str:
    batch = await house.batch("anna.mp4")
    await batch.finish_next(house.film)
    token = (await batch.link()).token
    await batch.links.close_all(batch.batch_id)
    return f"/b/{token}"


async def upload(house: Setting) -> str:
    return (await Inviting.of(house.redis, house.settings, language=house.language)).path


async def sign_in(house: Setting) -> str:
    """Asks before it does."""
    who = SignIn(person=ANNA, place=place(), language=house.language)
    made = await SignInLinks(house.redis, house.settings).create(who)
    return made.url.removeprefix(house.settings.web.base_url)


async def studio_of_nobody(_: Setting) -> str:
    return "/studio"


async def nowhere(_: Setting) -> str:
    return "/nowhere"


async def no_such_link(_: Setting) -> str:
    return f"/b/{'A' * 43}"


async def no_such_upload(_: Setting) -> str:
    return f"/u/{'A' * 43}"


async def expired(house: Setting) -> str:
    batch = await house.batch("anna.mp4")
    await batch.finish_next(house.film)
    past = house.settings.model_copy(update={"retention": Retention(link_hours=-1)})
    return f"/b/{(await Links(house.redis, past).create(await batch.batch())).token}"


async def withdrawn(house: Setting) -> str:
    path = await finished(house)
    link = keys.link(hashlib.sha256(path.rpartition("/")[2].encode()).hexdigest())
    await house.redis.hset(link, "revoked", "1")  # type: ignore[misc]
    return path


async def closed_upload(house: Setting) -> str:
    page, storage = (
        await Inviting.of(house.redis, house.settings, language=house.language),
        Storage(house.settings.data_dir),
    )
    await page.store.set_voice(page.batch_id, voice_file(storage), "m1")
    await page.store.add_template(page.batch_id, template_file(storage), "m2")
    await page.store.generate(page.batch_id)
    return page.path


async def a_fault_of_ours(house: Setting) -> str:
    token = "B" * 43
    await house.redis.set(keys.link(hashlib.sha256(token.encode()).hexdigest()), "not what it should be")
    return f"/b/{token}"


PAGES: tuple[Callable[[Setting], Awaitable[str]], ...] = (
    *(home, home_without_a_bot, finished, running, failed, partial, upload, sign_in, shared_links, password, revoked),
    *(studio_of_nobody, nowhere, no_such_link, no_such_upload, expired, withdrawn, closed_upload, a_fault_of_ours),
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
async def test_nothing_on_a_page_stands_in_anybodys_way(
    tab: Tab, server: WebServer, house: Setting, page: Callable[[Setting], Awaitable[str]]
) -> None:
    await tab.open(server.url + await page(house))
    assert await flaws(tab, house.language) == []


async def test_neither_does_a_file_that_has_arrived_one_that_is_refused_and_one_that_stopped(
    tab: Tab, server: WebServer, house: Setting, tmp_path: Path
) -> None:
    voice, notes, large = tmp_path / "演讲 1.wav", tmp_path / "notes.mp4", tmp_path / LONG
    voice.write_bytes(recording(1))
    notes.write_bytes(b"only text" * 1000)
    large.write_bytes(bytes(12_000_000))
    await tab.open(server.url + await upload(house))
    await tab.choose("#files", voice, notes)
    await tab.until("document.querySelectorAll('[data-state=added], [data-state=refused]').length === 2")
    await tab.network(upload=1_500_000)
    await tab.choose("#files", large)
    await tab.until("document.querySelector('.file:last-child progress').value > 10")
    await tab.network(offline=True)
    await tab.until("document.querySelector('.file:last-child').dataset.state === 'lost'")

    assert await flaws(tab, house.language) == []


async def test_neither_does_the_studio_with_what_is_collected_runs_and_ended_and_an_answer(
    tab: Tab, server: WebServer, house: Setting
) -> None:
    ended = await house.batch("anna.mp4", LONG)
    await ended.finish_next(house.film)
    await ended.fail_next()
    runs = await Progressing.of(house.redis, house.settings, ["a.mp4", LONG], house.language, house.film, chat="b")
    await runs.start_next()
    await Inviting.of(house.redis, house.settings, language=house.language)
    await tab.open(server.url + await sign_in(house))
    await tab.click("form .button")
    await tab.until("location.pathname === '/studio' && document.readyState === 'complete'")
    await tab.click("button[value='/settings']")
    await tab.until("document.querySelectorAll('.answer').length === 1")
    assert await tab.value("document.querySelectorAll('.batch').length") == 3

    assert await flaws(tab, house.language) == []


async def test_neither_does_a_voice_that_is_recorded_a_camera_that_is_on_and_a_template_that_is_renamed(
    tab: Tab, server: WebServer, house: Setting
) -> None:
    page = await Inviting.of(house.redis, house.settings, language=house.language)
    for name in ("anna.mp4", LONG):
        template = template_file(Storage(house.settings.data_dir), name=name)
        await page.store.add_template(page.batch_id, template, name)
    await tab.open(server.url + await sign_in(house))
    await tab.click("form .button")
    await tab.until("location.pathname === '/studio' && document.readyState === 'complete'")
    await tab.until("document.querySelectorAll('.makers button:not([hidden])').length === 2")
    await tab.click("[data-record]")
    await tab.until("document.querySelector('[data-recorder]').dataset.moment === 'recording'")
    await tab.until("document.querySelector('[data-clock]').textContent > '0:00'")
    await tab.click("[data-portray]")
    await tab.until("document.querySelector('[data-camera]').dataset.moment === 'live'")
    assert await axe.violations(tab) == []
    await tab.click("[data-stop]")
    await tab.click("[data-take]")
    await tab.until("document.querySelector('[data-recorder]').dataset.moment === 'recorded'")
    await tab.click(".rows li:last-child summary")

    assert await flaws(tab, house.language) == []


async def test_neither_do_the_history_and_the_library_with_a_question_and_what_can_be_unfolded(
    tab: Tab, server: WebServer, house: Setting
) -> None:
    for number in range(21):
        past = await Progressing.of(house.redis, house.settings, ["שלום.mp4", LONG], house.language, chat=f"p{number}")
        await past.store.cancel(past.batch_id)
    people, storage = People(house.redis), Storage(house.settings.data_dir)
    for name in ("teachers/1", "teachers/2", "x" * 40, "שלום"):
        await people.save_template(ANNA, name, media_file(storage, ANNA, LONG, content=house.film + name.encode()))
    await tab.open(server.url + await sign_in(house))
    await tab.click("form .button")
    await tab.until("location.pathname === '/studio' && document.readyState === 'complete'")
    for page, asks in (("history?page=2&find=mp4", "button[value='clr']"), ("library", "button[value^='tde:']")):
        await tab.open(f"{server.url}/studio/{page}")
        await tab.click(asks)
        await tab.until("document.querySelectorAll('.answer').length === 1")
        await tab.value("document.querySelector('details').open = true")

        assert await flaws(tab, house.language) == []
        assert await tab.value("location.search") == ("?page=2&find=mp4" if "?" in page else ""), "no page was loaded"


async def test_neither_do_a_new_link_a_password_that_is_too_short_and_a_wrong_one(
    tab: Tab, server: WebServer, house: Setting
) -> None:
    await tab.open(server.url + await shared_links(house))
    await tab.click("details:not([open]) > summary")  # the QR code
    await tab.value("document.querySelector('#new-password').minLength = 0")
    await tab.value("document.querySelector('#new-password').value = 'short'")
    await tab.click("#links .button")
    await tab.until("!!document.querySelector('.refusal')")
    assert await flaws(tab, house.language) == []
    await tab.value("document.querySelector('#new-password').value = 'sesame'")
    await tab.click("#links .button")
    address = await tab.until("document.querySelector('#address')?.value")
    assert await flaws(tab, house.language) == []
    await tab.open(f"{server.url}/b/{address.rpartition('/')[2]}")
    await tab.value("document.querySelector('#password').value = 'barley'")
    await tab.click("form .button")
    await tab.until("!!document.querySelector('#wrong')")
    assert await flaws(tab, house.language) == []


async def test_neither_does_a_page_whose_queue_is_away(
    tab: Tab, settings: Settings, house: Setting, tmp_path: Path
) -> None:
    away = settings.model_copy(update={"redis_url": SecretStr("redis://127.0.0.1:1/0")})
    with web_server(away, tmp_path / "away.log") as alone:
        await tab.open(f"{alone.url}/b/{'A' * 43}")
        assert await tab.value("document.querySelectorAll('a.button').length") == 1
        assert await flaws(tab, house.language) == []


async def test_the_rules_that_count_were_really_tried(tab: Tab, server: WebServer, house: Setting) -> None:
    await tab.open(server.url + await home(house))
    await tab.look(PHONE, dark=True)
    kept = await axe.passed(tab)
    assert {"color-contrast", "target-size", "image-alt", "region", "html-has-lang", "heading-order"} <= kept


async def test_what_changes_on_a_page_that_follows_a_batch_is_read_aloud(
    tab: Tab, server: WebServer, house: Setting
) -> None:
    batch = await house.batch("anna.mp4", "boris.mp4")
    await batch.finish_next(house.film)
    await tab.open(f"{server.url}/b/{(await batch.link()).token}")
    said = "document.querySelector('[data-said]').textContent"
    assert await tab.value(said) == ""
    await batch.finish_next(house.film)

    assert await tab.until(said) == {"en": "2 videos are ready", "zh": "2 个视频已完成"}[house.language]


async def flaws(tab: Tab, language: Language) -> list[str]:
    """What axe-core finds on a desk and on a phone, and on which screens the page is wider than the screen."""
    found = []
    for width, dark in ((DESK, language == "zh"), (PHONE, language == "en")):  # every colour and width, not every pair
        await tab.look(width, dark=dark)
        found += [f"{width} px, {'dark' if dark else 'light'}: {flaw}" for flaw in await axe.violations(tab)]
    for width in (DESK, PHONE, SMALLEST):
        await tab.look(width, dark=False)
        if await tab.value("document.documentElement.scrollWidth") > width:  # innerWidth grows with a page too wide
            found.append(f"{width} px: the page is wider")
    return found
