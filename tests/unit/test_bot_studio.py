"""The way into the studio, from the chat: one link, one browser, and out again."""

import re

import pytest
from redis.asyncio import Redis

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.links.browsers import Browsers
from heygem.links.sign_in import SIGN_IN_S, SignInLinks
from tests.chatting import Chat
from tests.factories import BORIS

TOKEN = re.compile(r"/studio/enter/([A-Za-z0-9_-]{43})$")


@pytest.fixture
def links(redis: Redis, settings: Settings) -> SignInLinks:
    return SignInLinks(redis, settings)


@pytest.fixture
def browsers(redis: Redis) -> Browsers:
    return Browsers(redis)


async def token(chat: Chat) -> str:
    await chat.say("/web")
    (link,) = chat.urls()
    found = TOKEN.search(link)
    assert found
    return found[1]


async def refusal(links: SignInLinks, text: str) -> ErrorCode | None:
    try:
        await links.take(text)
    except HeygemError as error:
        return error.code
    return None


async def test_a_link_signs_in_whoever_asked_for_it_in_the_place_where_they_asked(
    chat: Chat, links: SignInLinks
) -> None:
    sign_in = await links.take(await token(chat))

    assert (sign_in.person, sign_in.place) == (chat.person, chat.place)


async def test_a_link_works_once_and_looking_at_it_takes_nothing(chat: Chat, links: SignInLinks) -> None:
    link = await token(chat)
    for _ in range(3):
        assert (await links.look(link)).person == chat.person

    assert await refusal(links, link) is None
    assert await refusal(links, link) is ErrorCode.SIGN_IN_UNKNOWN


async def test_a_new_link_takes_the_place_of_the_one_before_and_none_lasts_long(
    chat: Chat, links: SignInLinks, redis: Redis
) -> None:
    before, now = await token(chat), await token(chat)

    assert await refusal(links, before) is ErrorCode.SIGN_IN_UNKNOWN
    times = [await redis.ttl(key) async for key in redis.scan_iter(match="heygem:*sign-in:*")]
    assert times
    assert all(0 < left <= SIGN_IN_S for left in times)
    assert await refusal(links, now) is None


@pytest.mark.parametrize("text", ["", "x" * 43, "a" * 44, "../../etc/passwd", "\ud800" * 43, "*" * 43])
async def test_what_is_no_token_signs_nobody_in(links: SignInLinks, browsers: Browsers, text: str) -> None:
    assert await refusal(links, text) is ErrorCode.SIGN_IN_UNKNOWN
    with pytest.raises(HeygemError) as refused:
        await browsers.known(text)
    assert refused.value.code is ErrorCode.SIGNED_OUT


async def test_where_others_read_along_no_link_is_shown(chat: Chat, redis: Redis) -> None:
    group = Chat(chat.room, private=False)

    await group.say("/web")

    assert group.urls() == []
    assert [key async for key in redis.scan_iter(match="heygem:*sign-in:*")] == []


async def test_off_signs_all_of_a_persons_browsers_out_and_nobody_elses(
    chat: Chat, links: SignInLinks, browsers: Browsers
) -> None:
    other = Chat(chat.room, person=BORIS)
    mine = [await browsers.admit(await links.take(await token(chat))) for _ in range(2)]
    others = await browsers.admit(await links.take(await token(other)))
    waiting = await token(chat)

    assert await chat.say("/web off") == ["2 browsers are signed out."]

    for cookie in mine:
        with pytest.raises(HeygemError):
            await browsers.known(cookie)
    assert await refusal(links, waiting) is ErrorCode.SIGN_IN_UNKNOWN
    assert (await browsers.known(others)).person == BORIS
    assert await chat.say("/web off") == ["No browser is signed in."]


async def test_forgetting_a_person_signs_their_browsers_out_and_leaves_no_mention(
    chat: Chat, links: SignInLinks, browsers: Browsers, redis: Redis
) -> None:
    await browsers.admit(await links.take(await token(chat)))
    await token(chat)

    await chat.say("/forget")
    await chat.press("Yes, forget me")

    for pattern in ("heygem:*browser*", "heygem:*sign-in*"):
        assert [key async for key in redis.scan_iter(match=pattern)] == []


async def test_redis_never_has_a_token_or_a_cookie(
    chat: Chat, links: SignInLinks, browsers: Browsers, redis: Redis
) -> None:
    link = await token(chat)
    cookie = await browsers.admit(await links.look(link))

    kept = [name async for name in redis.scan_iter()]
    values = [await redis.get(name) for name in kept if await redis.type(name) == "string"]
    assert values
    assert not [each for each in (*kept, *values) for secret in (link, cookie) if secret in str(each)]
