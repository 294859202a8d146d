"""A person's browser at the studio, over real HTTP."""

import re
from html import unescape

import httpx
from redis.asyncio import Redis

from heygem.base.sentences import Language
from heygem.base.settings import Settings
from heygem.batches.model import Person
from heygem.links.sign_in import SignIn, SignInLinks
from tests.factories import ANNA, place

NONCE = re.compile(r'name="nonce" value="([A-Za-z0-9_-]{43})"')
AT = re.compile(r'name="at" value="([^"]*)"')
KEY = re.compile(r'name="key" value="([0-9a-f]{32})"')
PRESS = re.compile(r'name="press" value="([^"]*)">([^<]*)<')


class Browser:
    """A browser of one person's that keeps cookies and fills in forms."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def page(self, path: str = "/studio", status: int = 200) -> str:
        answer = await self.client.get(path)
        assert answer.status_code == status
        return answer.text

    async def post(self, path: str, **fields: str) -> httpx.Response:
        key = KEY.search(await self.page())
        assert key
        return await self.client.post(path, data={"key": key[1], **fields})

    async def do(self, **fields: str) -> str:
        """The page that it leads back to."""
        done = await self.post("/studio/do", **fields)
        assert done.status_code == 303
        return await self.page(done.headers["location"])

    async def press(self, label: str, page: str) -> str:
        """The first button with these words on a page."""
        labels = {unescape(text): unescape(data) for data, text in reversed(PRESS.findall(page))}
        at = AT.search(page)
        assert at
        return await self.do(press=labels[label], at=unescape(at[1]))

    async def say(self, text: str) -> str:
        return await self.do(say=text)


def answer_on(page: str) -> str:
    """What the dialogue said."""
    return page.partition('class="answer"')[2].partition("</section>")[0]


async def link(redis: Redis, settings: Settings, person: Person = ANNA, language: Language = "en") -> str:
    made = await SignInLinks(redis, settings).create(
        SignIn(person=person, place=place(f"studio-{person.id}"), language=language)
    )
    return made.url.removeprefix(settings.web.base_url)


async def enter(client: httpx.AsyncClient, path: str) -> httpx.Response:
    """Open a link and press the button on its page."""
    nonce = NONCE.search((await client.get(path)).text)
    return await client.post(path, data={"nonce": nonce[1] if nonce else ""})


async def signed_in(
    client: httpx.AsyncClient, redis: Redis, settings: Settings, person: Person = ANNA, language: Language = "en"
) -> Browser:
    answer = await enter(client, await link(redis, settings, person, language))
    assert (answer.status_code, answer.headers["location"]) == (303, "/studio")
    return Browser(client)
