"""Keys for the HTTP interface, from the chat: shown once, to one person, and gone when they say so."""

import re

import pytest
from redis.asyncio import Redis

from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.api_keys import ApiKeys
from tests.chatting import Chat
from tests.factories import BORIS

KEY = re.compile(r"\bhgm_[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")


@pytest.fixture
def keys(redis: Redis) -> ApiKeys:
    return ApiKeys(redis)


async def made(chat: Chat) -> str:
    (told,) = await chat.say("/apikey")
    (key,) = KEY.findall(told)
    return str(key)


async def refused(keys: ApiKeys, key: str) -> bool:
    try:
        await keys.holder(key)
    except HeygemError as error:
        return error.code is ErrorCode.KEY_UNKNOWN
    return False


async def test_a_key_stands_for_the_person_who_asked_for_it(chat: Chat, keys: ApiKeys) -> None:
    mine, other = await made(chat), await made(Chat(chat.room, person=BORIS))

    assert (await keys.holder(mine)).person == chat.person
    assert (await keys.holder(other)).person == BORIS


async def test_redis_never_has_the_key(chat: Chat, redis: Redis) -> None:
    key = await made(chat)

    kept = [name async for name in redis.scan_iter()]
    values = [await redis.get(name) for name in kept if await redis.type(name) == "string"]
    assert values
    assert not [each for each in (*kept, *values) if key in str(each) or key.removeprefix("hgm_") in str(each)]


async def test_a_new_key_takes_the_place_of_the_one_before(chat: Chat, keys: ApiKeys) -> None:
    before, now = await made(chat), await made(chat)

    assert await refused(keys, before)
    assert not await refused(keys, now)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_where_others_read_along_no_key_is_shown_or_withdrawn(chat: Chat, keys: ApiKeys, language: str) -> None:
    key = await made(chat)
    group = Chat(chat.room, private=False, language=language)

    assert not KEY.search("".join(await group.say("/apikey")))
    await group.say("/apikey revoke")
    assert not await refused(keys, key)


async def test_a_withdrawn_key_opens_nothing(chat: Chat, keys: ApiKeys) -> None:
    key = await made(chat)

    assert await chat.say("/apikey revoke") == ["Your key no longer works."]
    assert await refused(keys, key)
    assert await chat.say("/apikey revoke") == ["You have no key."]


async def test_forgetting_a_person_withdraws_their_key_and_leaves_no_mention(
    chat: Chat, keys: ApiKeys, redis: Redis
) -> None:
    key = await made(chat)
    await chat.say("/forget")
    await chat.press("Yes, forget me")

    assert await refused(keys, key)
    assert [name async for name in redis.scan_iter(match="*api-key*")] == []


@pytest.mark.parametrize(
    "key", ["", "hgm_", "hgm_" + "a" * 43, "hgm_" + "a" * 44, "hgm_\ud800" + "é" * 42, "x" * 100_000]
)
async def test_what_is_no_key_opens_nothing(keys: ApiKeys, key: str) -> None:
    assert await refused(keys, key)
