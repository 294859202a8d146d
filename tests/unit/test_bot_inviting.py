"""People who have no chat: let into the studio by name, and out again."""

import pytest
from redis.asyncio import Redis

from bot import inviting
from bot.dialogue.text import catalogue
from bot.inviting import Guests
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.batches.model import Person
from tests.chatting import Chat
from tests.factories import ANNA

pytestmark = pytest.mark.usefixtures("words_are_media")


def guest(name: str) -> Person:
    return inviting.guest(name, catalogue("en"))


@pytest.fixture
def guests(redis: Redis, settings: Settings) -> Guests:
    return Guests.of(redis, settings)


@pytest.mark.parametrize(
    ("name", "known"),
    [("Anna", "anna"), ("ANNA@Example.org", "anna@example.org"), ("王老师", "王老师"), ("e\u0301", "é")],
)
def test_a_name_is_one_person_however_it_is_written(name: str, known: str) -> None:
    assert guest(name) == Person(platform="studio", id=known)


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "a:b", "a/b", "-a", ".", "x" * 41, "a\n", "\u202ea", "here:telegram:1"]
)
def test_what_can_be_no_name_lets_nobody_in(name: str) -> None:
    with pytest.raises(HeygemError) as refused:
        guest(name)
    assert refused.value.code is ErrorCode.BAD_USAGE


async def test_an_invited_person_is_served_in_a_place_of_their_own_that_all_their_browsers_share(
    guests: Guests, chat: Chat, settings: Settings
) -> None:
    links = [await guests.invite(guest("anna"), settings) for _ in range(2)]
    first, second = links[0].url.rpartition("/")[2], links[1].url.rpartition("/")[2]
    with pytest.raises(HeygemError):
        await guests.sign_ins.look(first)  # the newest alone opens
    sign_in = await guests.sign_ins.look(second)
    anna = Chat(chat.room, sign_in.person, sign_in.place)

    await anna.send("video 4", "anna.mp4")
    (batch,) = await chat.room.store.history(sign_in.person)

    assert batch.place == sign_in.place
    assert batch.owner not in (ANNA, Person(platform="telegram", id="anna"))
    assert await guests.names() == ["anna"]


async def test_who_is_revoked_is_signed_out_and_served_no_more(guests: Guests, chat: Chat, settings: Settings) -> None:
    anna = guest("anna")
    taken = await guests.sign_ins.take((await guests.invite(anna, settings)).url.rpartition("/")[2])
    cookie = await guests.browsers.admit(taken)
    waiting = (await guests.invite(anna, settings)).url.rpartition("/")[2]
    await guests.invite(guest("boris"), settings)

    assert await guests.revoke(anna) == (True, 1)

    for opened in (guests.browsers.known(cookie), guests.sign_ins.look(waiting)):
        with pytest.raises(HeygemError):
            await opened
    assert not await chat.room.access.serves(anna, taken.place)
    assert await guests.names() == ["boris"]
    assert await guests.revoke(anna) == (False, 0)


async def test_an_admin_in_a_chat_can_take_an_invitation_back(chat: Chat, guests: Guests, settings: Settings) -> None:
    await guests.invite(guest("anna"), settings)

    assert "studio:anna" in (await chat.say("/allow"))[0]
    await chat.say("/deny studio:anna")

    assert await guests.names() == []
