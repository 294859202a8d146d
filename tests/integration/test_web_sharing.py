"""Further links to a batch's page over real HTTP: what they may do, their passwords, and their end."""

import asyncio
import html
import re
import unicodedata
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import cv2
import httpx
import pytest
import segno
from pydantic import SecretStr
from redis.asyncio import Redis

from bot.web.app import create_app
from bot.web.forms import form_key
from heygem.base.settings import Settings
from heygem.base.tokens import digest_of
from heygem.links.download import MOST_SHARED
from heygem.links.locks import PAUSE_S, TRIES, Locks
from heygem.redis import keys
from heygem.redis.server import EmbeddedRedis
from tests.chromium import Tab, phone
from tests.patience import PATIENCE_SECONDS
from tests.served import Progressing, WebServer, web_server

PASSWORD = "café crème 你好"  # noqa: S105
HOUR, DAY, WEEK = 3600, 24 * 3600, 7 * 24 * 3600
KEY = re.compile(r'name="key" value="([0-9a-f]{32})"')
REVOKE = re.compile(r'name="revoke" value="([0-9a-f]{64})"')
NEW = re.compile(r'id="address" type="text" readonly value="([^"]+)"')
CHOICES = re.compile(r'name="lasts" value="(\w+)"')


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, redis_server: EmbeddedRedis) -> Settings:
    redis_url = SecretStr(f"unix://{redis_server.socket}")
    return Settings(data_dir=tmp_path_factory.mktemp("data"), redis_url=redis_url)


@pytest.fixture(scope="module")
def server(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    with web_server(settings, tmp_path_factory.mktemp("log") / "web.log") as running:
        yield running


@dataclass
class Browser:
    """A browser that keeps cookies, fills in forms and follows where it is sent."""

    client: httpx.AsyncClient
    token: str = field(repr=False)

    @property
    def page(self) -> str:
        return f"/b/{self.token}"

    @property
    def zip(self) -> str:
        return f"/download/batch?token={self.token}"

    async def look(self, path: str = "") -> httpx.Response:
        return await self.client.get(self.page + path)

    async def post(self, path: str, **fields: str) -> httpx.Response:
        key = KEY.search((await self.look()).text)
        return await self.client.post(self.page + path, data={"key": key[1] if key else "", **fields})

    async def share(self, lasts: str = "hour", password: str = "") -> str:
        """The new link's token."""
        answer = await self.post("/links", lasts=lasts, password=password)
        assert answer.status_code == 200, answer.text
        made = NEW.search(answer.text)
        assert made
        return made[1].rpartition("/")[2]

    async def unlock(self, password: str) -> httpx.Response:
        return await self.post("/open", password=password)


@pytest.fixture
async def browsers(server: WebServer) -> AsyncIterator["Browsers"]:
    made = Browsers(server)
    yield made
    await asyncio.gather(*(client.aclose() for client in made.clients))


@dataclass
class Browsers:
    server: WebServer
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def at(self, token: str) -> Browser:
        """A fresh one, at a link."""
        client = httpx.AsyncClient(base_url=self.server.url, timeout=PATIENCE_SECONDS, follow_redirects=True)
        self.clients.append(client)
        return Browser(client, token)


@pytest.fixture
async def batch(redis: Redis, settings: Settings) -> Progressing:
    made = await Progressing.of(redis, settings, ["a.mp4", "b.mp4"])
    await made.finish_next()
    await made.finish_next()
    return made


@pytest.fixture
async def owner(browsers: Browsers, batch: Progressing) -> Browser:
    return browsers.at((await batch.link()).token)


async def test_a_shared_link_shows_and_gives_the_same_and_may_do_nothing_else(
    owner: Browser, browsers: Browsers
) -> None:
    guest = browsers.at(await owner.share())

    page = await guest.look()
    assert page.status_code == 200
    assert "2 videos are ready" in page.text
    assert (await guest.client.get(guest.zip)).content == (await owner.client.get(owner.zip)).content
    assert "Shared links" in (await owner.look()).text
    assert "Shared links" not in page.text
    assert KEY.search(page.text) is None
    key = KEY.search((await owner.look()).text)
    assert key
    for fields in ({"lasts": "hour"}, {"revoke": "all"}):
        for path in ("/links", "/links/revoke"):
            refused = await guest.client.post(guest.page + path, data={"key": key[1], **fields})
            assert refused.status_code == 403
            assert "This link was shared with you" in refused.text
    assert (await owner.look()).status_code == 200


@pytest.mark.parametrize(("lasts", "seconds"), [("hour", HOUR), ("day", DAY), ("week", WEEK)])
async def test_a_shared_link_ends_when_it_says_and_never_after_its_batch(
    owner: Browser, batch: Progressing, lasts: str, seconds: int
) -> None:
    page = await owner.post("/links", lasts=lasts)

    (shared,) = await batch.links.shared(batch.batch_id)
    ended = (await batch.batch()).ended
    assert shared.expires == pytest.approx(min(shared.created + seconds, ended + WEEK), abs=0.01)
    told = re.search(r'<time datetime="([^"]+)">', page.text)
    assert told
    assert datetime.fromisoformat(told[1]).timestamp() == int(shared.expires)


async def test_what_a_link_can_last_is_offered_and_nothing_else_is_taken(
    browsers: Browsers, redis: Redis, settings: Settings, owner: Browser, batch: Progressing
) -> None:
    offered = html.unescape((await owner.look()).text)
    assert CHOICES.findall(offered) == ["hour", "day", "week"]
    assert "as long as the videos are kept, until" in offered, "less than 7 days of them are left"
    for lasts in ("", "year", "3600", "-1"):
        assert (await owner.post("/links", lasts=lasts)).status_code == 403
    await redis.hset(keys.batch(batch.batch_id), "ended", str((await batch.batch()).ended - WEEK + HOUR / 2))  # type: ignore[misc]
    assert CHOICES.findall((await owner.look()).text) == ["hour"]
    assert (await owner.share("week")) != ""
    (shared,) = await batch.links.shared(batch.batch_id)
    assert shared.expires - shared.created == pytest.approx(HOUR / 2, abs=60)
    await redis.hset(keys.batch(batch.batch_id), "ended", str((await batch.batch()).ended - DAY))  # type: ignore[misc]
    assert "The videos are about to be deleted" in (await owner.look()).text
    assert (await owner.post("/links", lasts="hour")).status_code == 410


async def test_a_live_batch_can_be_shared(browsers: Browsers, redis: Redis, settings: Settings) -> None:
    live = await Progressing.of(redis, settings, ["a.mp4", "b.mp4"])
    await live.finish_next()
    owner = browsers.at((await live.link()).token)
    assert 'http-equiv="refresh"' in (await owner.look()).text
    assert 'http-equiv="refresh"' not in (await owner.look("/links")).text, "nobody's form is taken away"

    guest = browsers.at(await owner.share("week"))

    assert (await guest.look("/status")).json()["live"] is True


async def test_nothing_of_a_link_with_a_password_is_served_without_it(owner: Browser, browsers: Browsers) -> None:
    guest = browsers.at(await owner.share(password=PASSWORD))
    page, addresses = guest.page, [f"{guest.zip}{more}" for more in ("", "&whole", "&items=1")]
    for path in ("", "/status", "/video/1.mp4", "/video/1.mp4?download", "/before/1.mp4", "/thumb/1.jpg", "/links"):
        addresses.append(page + path)
    for address in addresses:
        for method in ("GET", "HEAD"):
            answer = await guest.client.request(method, address)
            assert answer.status_code == 401, address
            assert "videos are ready" not in answer.text
        assert 'type="password"' in (await guest.client.get(address)).text
        part = await guest.client.get(address, headers={"Range": "bytes=0-9"})
        assert (part.status_code, part.headers["content-type"]) == (401, "text/plain; charset=utf-8"), address
        assert part.text.startswith("This link has a password.")
    assert not guest.client.cookies
    asked = await guest.client.get(f"{page}/status", headers={"Accept": "application/json"})
    assert (asked.status_code, asked.json()["code"]) == (401, "password_needed")
    translated = await guest.client.get(page, headers={"Accept-Language": "zh-CN"})
    assert "此页面设有密码" in translated.text

    await guest.unlock(PASSWORD)
    for address in addresses:
        answer = await guest.client.get(address)
        assert answer.status_code in (200, 404), f"{address}: a template that is no film is not shown"
    assert (await guest.client.get(guest.zip)).content == (await owner.client.get(owner.zip)).content


async def test_the_right_password_sets_a_cookie_for_that_link_alone(
    owner: Browser, browsers: Browsers, batch: Progressing
) -> None:
    guest, other = browsers.at(await owner.share(password=PASSWORD)), await owner.share(password=PASSWORD)
    assert other != guest.token
    typed_on_another_keyboard = unicodedata.normalize("NFD", PASSWORD)
    assert typed_on_another_keyboard != PASSWORD

    answer = await guest.unlock(typed_on_another_keyboard)

    assert (answer.status_code, answer.url.path) == (200, guest.page)
    left = (await batch.links.open(guest.token)).expires - await batch.store.now()
    paths = []
    for cookie in answer.history[0].headers.get_list("set-cookie"):
        assert {"HttpOnly", "SameSite=lax"} <= set(cookie.split("; "))
        assert "Secure" not in cookie, "this server has no https"
        paths.append(re.findall(r"Path=([^;]+)", cookie)[0])
        assert left - 30 < int(re.findall(r"Max-Age=(\d+)", cookie)[0]) <= left + 1
    assert paths == [guest.page, "/download/batch"]
    guest.token = other
    assert (await guest.look()).status_code == 401
    assert (await guest.client.get(guest.zip)).status_code == 401


async def test_no_cookie_can_be_made_from_what_is_known_or_kept(
    owner: Browser, browsers: Browsers, redis: Redis
) -> None:
    guest, neighbour = (
        browsers.at(await owner.share(password=PASSWORD)),
        browsers.at(await owner.share(password=PASSWORD)),
    )
    await neighbour.unlock(PASSWORD)
    kept = await redis.hgetall(keys.link(digest_of(guest.token)))  # type: ignore[misc]
    name = f"heygem_link_{digest_of(guest.token)[:16]}"
    others_key = next(iter(neighbour.client.cookies.jar)).value
    for value in (
        "",
        "1",
        PASSWORD.encode().hex(),
        guest.token,
        others_key,
        *(kept[part] for part in ("salt", "key_sha256")),
    ):
        answer = await guest.client.get(guest.page, headers={"Cookie": f"{name}={value}"})
        assert answer.status_code == 401, value


@pytest.fixture
async def public(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """What stands behind a proxy that speaks https."""
    web = settings.web.model_copy(update={"public_url": "https://example.org/hey"})
    app = create_app(settings.model_copy(update={"web": web}))
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(base_url="https://example.org", transport=transport) as client,
    ):
        yield client


async def test_behind_https_the_cookie_travels_nowhere_else(
    public: httpx.AsyncClient, batch: Progressing, redis: Redis
) -> None:
    token = (await batch.links.share(await batch.batch(), HOUR, await Locks(redis).new(PASSWORD))).token

    answer = await public.post(f"/b/{token}/open", data={"key": form_key(token), "password": PASSWORD})

    assert answer.headers["location"] == f"/hey/b/{token}"
    cookies = answer.headers.get_list("set-cookie")
    assert [re.findall(r"Path=([^;]+)", each)[0] for each in cookies] == [f"/hey/b/{token}", "/hey/download/batch"]
    assert all("Secure" in each.split("; ") for each in cookies)


async def test_a_qr_code_has_the_public_address_of_the_page(
    public: httpx.AsyncClient, owner: Browser, batch: Progressing
) -> None:
    shared = (await batch.links.share(await batch.batch(), HOUR, None)).token
    for token in (owner.token, shared):
        page = html.unescape((await public.get(f"/b/{token}")).text)
        assert _code(f"https://example.org/hey/b/{token}") in page
        assert """role="img" aria-label="QR code of this page's address\"""" in page
        assert "opens on the machine itself" not in page
    assert "This address opens on the machine itself only." in (await owner.look()).text
    made = await public.post(f"/b/{owner.token}/links", data={"key": form_key(owner.token), "lasts": "day"})
    (address,) = NEW.findall(made.text)
    assert address.startswith("https://example.org/hey/b/")
    assert _code(address) in made.text


def _code(address: str) -> str:
    drawn = re.search(r'class="qrline"[^>]* d="([^"]+)"', segno.make_qr(address, error="m").svg_inline(border=4))
    assert drawn
    return drawn[1]


async def test_wrong_passwords_are_counted_for_each_link_and_end_in_a_wait(
    owner: Browser, browsers: Browsers, redis: Redis
) -> None:
    token = await owner.share(password=PASSWORD)
    inside, guest, neighbour = browsers.at(token), browsers.at(token), browsers.at(await owner.share(password=PASSWORD))
    assert (await inside.unlock(PASSWORD)).status_code == 200
    assert await redis.get(keys.link_tries(digest_of(token))) == "0", "a right one uses no try up"
    for left, by_others in ((TRIES - 1, TRIES - 2), (0, 0)):
        answer = await guest.unlock("not this one")
        assert answer.status_code == 401
        assert f"This is not the password. Tries left for now: {left}." in answer.text
        assert 'aria-invalid="true"' in answer.text
        await redis.incrby(keys.link_tries(digest_of(token)), by_others)

    locked_out = await guest.unlock(PASSWORD)
    assert locked_out.status_code == 429
    wait_s = int(locked_out.headers["retry-after"])
    assert PAUSE_S - 60 < wait_s <= PAUSE_S
    assert f"Try again in {wait_s} s." in locked_out.text
    assert (await inside.look()).status_code == 200, "whoever is in stays in"
    assert (await neighbour.unlock(PASSWORD)).status_code == 200
    await redis.delete(keys.link_tries(digest_of(token)))  # the pause is over
    assert (await guest.unlock(PASSWORD)).status_code == 200


@pytest.mark.parametrize("password", ["12345", "x" * 201, " " * 5])
async def test_a_password_that_will_not_do_makes_no_link(owner: Browser, batch: Progressing, password: str) -> None:
    answer = await owner.post("/links", lasts="day", password=password)

    assert answer.status_code == 422
    assert f"A password has 6 to 200 characters; this one has {len(password)}." in answer.text
    assert "2 videos are ready" in answer.text
    assert await batch.links.shared(batch.batch_id) == []
    assert (await owner.post("/links", lasts="day", password="x" * 10_000)).status_code == 413


async def test_neither_a_link_nor_its_password_nor_a_cookie_is_kept_or_logged(
    owner: Browser, browsers: Browsers, redis: Redis, server: WebServer
) -> None:
    guest = browsers.at(await owner.share(password=PASSWORD))
    await guest.unlock("wrong password")
    await guest.unlock(PASSWORD)
    await guest.client.get(guest.zip)
    (key,) = {cookie.value for cookie in guest.client.cookies.jar}
    assert key
    kept = ""
    for name in await redis.keys():
        kept += str(name)
        if await redis.type(name) == "hash":
            kept += str(await redis.hgetall(name))  # type: ignore[misc]
        elif await redis.type(name) == "set":
            kept += str(await redis.smembers(name))  # type: ignore[misc]
        elif await redis.type(name) == "string":
            kept += str(await redis.get(name))
    log = server.log.read_text()
    for secret in (guest.token, owner.token, PASSWORD, "wrong password", key):
        assert secret not in kept
        assert secret not in log


async def test_links_are_listed_and_revoked_one_by_one_and_all_at_once(
    owner: Browser, browsers: Browsers, redis: Redis, settings: Settings
) -> None:
    first = browsers.at(await owner.share("hour"))
    second, third = (browsers.at(await owner.share("day", PASSWORD)), browsers.at(await owner.share("hour")))
    await second.unlock(PASSWORD)
    listed = (await owner.look()).text
    assert REVOKE.findall(listed) == [digest_of(guest.token) for guest in (third, second, first)]
    assert re.findall(r"· (with(?:out)? a password)", listed) == [
        f"{w} a password" for w in ("without", "with", "without")
    ]
    assert not any(guest.token in listed for guest in (first, second, third))

    told = await owner.post("/links/revoke", revoke=digest_of(second.token))
    assert told.url.path == f"{owner.page}/links"
    assert "what was revoked opens nothing any more" in told.text
    gone = await second.client.get(second.zip)
    assert (gone.status_code, "This link has been revoked by whoever made it." in gone.text) == (410, True)
    translated = await second.client.get(second.page, headers={"Accept-Language": "zh"})
    assert "链接已被创建者撤销" in translated.text
    assert [(await guest.look()).status_code for guest in (first, third)] == [200, 200]

    await owner.post("/links/revoke", revoke="shared")
    assert [(await guest.look()).status_code for guest in (first, third, owner)] == [410, 410, 200]
    assert "None works at the moment." in (await owner.look()).text

    fourth = browsers.at(await owner.share())
    ended = await owner.post("/links/revoke", revoke="all")
    assert (ended.status_code, "{cmd" in ended.text, "/export" in ended.text) == (410, False, True)
    assert (await fourth.look()).status_code == 410


async def test_nobody_revokes_the_links_of_another_batch_or_the_own_one_by_mistake(
    owner: Browser, browsers: Browsers, redis: Redis, settings: Settings
) -> None:
    foreign = await Progressing.of(redis, settings, ["x.mp4"], chat="elsewhere")
    await foreign.finish_next()
    stranger = browsers.at((await foreign.links.share(await foreign.batch(), HOUR, None)).token)

    for named in (digest_of(stranger.token), digest_of(owner.token), "", "x", stranger.token):
        assert (await owner.post("/links/revoke", revoke=named)).status_code == 200

    assert [(await each.look()).status_code for each in (stranger, owner)] == [200, 200]


async def test_a_batch_has_so_many_shared_links_and_no_more(owner: Browser, batch: Progressing) -> None:
    record = await batch.batch()
    await asyncio.gather(*(batch.links.share(record, HOUR, None) for _ in range(MOST_SHARED)))

    answer = await owner.post("/links", lasts="hour")

    assert answer.status_code == 422
    assert f"{MOST_SHARED} shared links of this batch work already" in answer.text
    assert len(await batch.links.shared(batch.batch_id)) == MOST_SHARED


async def test_a_form_counts_only_from_our_own_page(owner: Browser, browsers: Browsers) -> None:
    guest = browsers.at(await owner.share(password=PASSWORD))
    key = form_key(owner.token)
    for site in ("cross-site", "same-site"):
        for path in ("/links", "/links/revoke"):
            data = {"key": key, "lasts": "hour", "revoke": "all"}
            answer = await owner.client.post(owner.page + path, data=data, headers={"Sec-Fetch-Site": site})
            assert (answer.status_code, "This page is out of date" in answer.text) == (403, True)
    for wrong in ("", "x", key[:-1], form_key(guest.token), "\u2603"):
        for path in ("/links", "/links/revoke", "/open"):
            assert (await owner.client.post(owner.page + path, data={"key": wrong, "revoke": "all"})).status_code == 403
    unkeyed = await guest.client.post(f"{guest.page}/open", data={"password": PASSWORD})
    assert unkeyed.status_code == 403
    assert (await owner.look()).status_code == 200


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "This link has expired. Ask whoever sent it to you for a new one"),
        ("zh-CN,zh;q=0.9", "请向把它发给您的人索取新链接"),
    ],
)
async def test_an_expired_shared_link_says_whom_to_ask_in_the_readers_language(
    owner: Browser, browsers: Browsers, redis: Redis, language: str, said: str
) -> None:
    guest = browsers.at(await owner.share(password=PASSWORD))
    await guest.unlock(PASSWORD)
    await redis.hset(keys.link(digest_of(guest.token)), "expires", "1.0")  # type: ignore[misc]

    for address in (guest.page, guest.zip):
        answer = await guest.client.get(address, headers={"Accept-Language": language})
        assert answer.status_code == 410
        assert said in answer.text
        assert "/export" in answer.text
    assert REVOKE.findall((await owner.look()).text) == []


async def test_a_deleted_batch_takes_its_shared_links_along(
    owner: Browser, browsers: Browsers, batch: Progressing
) -> None:
    guest, revoked = browsers.at(await owner.share("week")), browsers.at(await owner.share())
    await owner.post("/links/revoke", revoke=digest_of(revoked.token))
    await batch.store.delete(batch.batch_id)

    assert "The videos behind it were deleted" in (await guest.look()).text
    assert "revoked by whoever made it" in (await revoked.look()).text


async def test_a_link_that_outlives_a_later_one_stays_known_to_its_batch(batch: Progressing, redis: Redis) -> None:
    record = await batch.batch()
    await batch.links.share(record, WEEK, None)
    await batch.links.share(record, HOUR, None)

    assert await redis.ttl(keys.batch_links(batch.batch_id)) > WEEK + DAY


@pytest.fixture
async def tab(devtools: str) -> AsyncIterator[Tab]:
    async with phone(devtools) as tab:
        yield tab


async def test_a_link_is_made_taken_along_and_opened_on_a_dark_phone(
    tab: Tab, server: WebServer, owner: Browser, tmp_path: Path
) -> None:
    await tab.look(390, dark=True)
    await tab.open(server.url + owner.page)
    await tab.click("#links > summary")
    await tab.value(f"document.querySelector('#new-password').value = '{PASSWORD}'")
    await tab.click("#links .button")
    address = await tab.until("document.querySelector('#address')?.value")
    assert await _read(tab, tmp_path) == address

    await tab.value("navigator.clipboard.writeText = (text) => { window.taken = text; return Promise.resolve(); }")
    await tab.click("[data-copy]")
    await tab.until("document.querySelector('[data-copy]').textContent === 'Link copied'")
    assert await tab.value("window.taken") == address

    guest = f"{server.url}/b/{address.rpartition('/')[2]}"
    await tab.open(guest)
    assert await tab.value("document.activeElement.id") == "password"
    for password in ("not this one", PASSWORD):
        await tab.value(f"document.querySelector('#password').value = '{password}'")
        await tab.click("form .button")
        await tab.until("!!document.querySelector(location.pathname.endsWith('/open') ? '#wrong' : '[data-grid]')")
    assert await tab.value("location.href") == guest
    await tab.until("document.readyState === 'complete' && document.querySelector('.poster').naturalWidth >= 0")
    assert await tab.value("fetch(document.querySelector('#take').href).then((answer) => answer.status)") == 200
    assert await tab.value("document.querySelector('#links')") is None
    assert "Content Security Policy" not in str(tab.console)


async def _read(tab: Tab, folder: Path) -> str:
    """What a phone's camera makes of the QR code that is shown."""
    await tab.photograph(folder / "shown.png")
    picture = cv2.imread(str(folder / "shown.png"))
    assert picture is not None
    said, _, _ = cv2.QRCodeDetector().detectAndDecode(picture)
    return said
