"""Before the start, templates change their places and their names, by words and by buttons."""

import pytest

from bot.dialogue.codec import encode, parse
from bot.dialogue.intents import MoveItem, RenameItem
from heygem.archive.members import members
from heygem.batches.model import Batch, Person
from tests.chatting import Chat

STARTED = "This batch has already started, so nothing in it can be changed."
BORIS = Person(platform="telegram", id="2")

pytestmark = pytest.mark.usefixtures("words_are_media")


async def the_batch(chat: Chat) -> Batch:
    batch = await chat.room.store.latest(chat.place)
    assert batch is not None
    return batch


async def names(chat: Chat) -> list[str]:
    return [item.template.name for item in (await the_batch(chat)).items]


async def test_a_template_is_moved_by_number_or_button_and_the_others_make_way(chat: Chat) -> None:
    await chat.ready(templates=3)
    assert await chat.say("/move 3 1") == ["“face 3.mp4” is number 1 now.", "(status)"]
    assert await names(chat) == ["face 3.mp4", "face 1.mp4", "face 2.mp4"]

    batch = await the_batch(chat)
    moved = await chat.press_data(encode(MoveItem(batch.id, batch.items[0].id, "2")))
    assert moved == ["“face 3.mp4” is number 2 now.", "(status)"]
    assert await names(chat) == ["face 1.mp4", "face 3.mp4", "face 2.mp4"]


@pytest.mark.parametrize("said", ["/move", "/move 1", "/move x 1", "/move 1 x", "/move 1 2 3", "/move 1 -1"])
async def test_where_to_is_asked_for(chat: Chat, said: str) -> None:
    await chat.ready(templates=2)
    assert (await chat.say(said))[0].startswith("Which one, and where to?")


@pytest.mark.parametrize(("said", "number"), [("/move 3 1", 3), ("/move 1 3", 3), ("/move 1 0", 0), ("/move 0 1", 0)])
async def test_a_number_that_is_not_there_is_named(chat: Chat, said: str, number: int) -> None:
    await chat.ready(templates=2)
    assert await chat.say(said) == [f"There is no number {number} in this batch."]
    assert await names(chat) == ["face 1.mp4", "face 2.mp4"]


async def test_a_template_is_called_what_one_says_and_so_is_its_video(chat: Chat) -> None:
    await chat.ready(templates=2)
    assert await chat.say("/rename 2 Dr.  Anna: AC/DC \u202egpj") == [
        "Number 2 is called “Dr. Anna: AC-DC gpj” now.",
        "(status)",
    ]
    await chat.say("/move 2 1")
    await chat.say("/generate")
    await chat.room.work()
    archive = members(await the_batch(chat), chat.room.storage)
    assert [member.name for member in archive][:2] == ["001_Dr. Anna_ AC-DC gpj.mp4", "002_face 1.mp4"]


@pytest.mark.parametrize("said", ["/rename", "/rename 1", "/rename Anna", "/rename one Anna", "/rename 1 \u202e"])
async def test_what_it_shall_be_called_is_asked_for(chat: Chat, said: str) -> None:
    await chat.ready()
    assert (await chat.say(said))[0].startswith("Which one, and what shall it be called?")


async def test_a_long_name_is_shortened_and_an_unknown_number_told(chat: Chat) -> None:
    await chat.ready()
    assert await chat.say("/rename 2 Anna") == ["There is no number 2 in this batch."]
    await chat.say("/rename 1 " + "long " * 100)
    (name,) = await names(chat)
    assert name.endswith("…")
    assert len(name) <= 60


async def test_only_who_opened_the_batch_arranges_it_and_nobody_once_it_has_started(chat: Chat) -> None:
    await chat.ready(templates=2)
    batch = await the_batch(chat)
    await chat.room.access.allow(BORIS)
    boris = Chat(chat.room, BORIS, chat.place)
    for said in ("/move 2 1", "/rename 2 Anna"):
        assert await boris.say(said) == ["Only the person who opened this batch, or an admin, can do that."]

    await chat.say("/generate")
    for said in ("/move 2 1", "/rename 2 Anna"):
        assert await chat.say(said) == [STARTED]
    assert await chat.press_data(encode(MoveItem(batch.id, batch.items[1].id, "1"))) == [STARTED]


async def test_a_template_that_has_gone_is_moved_and_renamed_nowhere(chat: Chat) -> None:
    await chat.ready(templates=2)
    batch = await the_batch(chat)
    gone = batch.items[0].id
    await chat.say("/remove 1")
    assert await chat.press_data(encode(MoveItem(batch.id, gone, "1"))) == ["(status)"]
    assert await chat.tell(chat._said(), RenameItem(batch.id, gone, "Anna")) == ["(status)"]
    assert await names(chat) == ["face 2.mp4"]


async def test_without_a_batch_there_is_nothing_to_arrange(chat: Chat) -> None:
    for said in ("/move 2 1", "/rename 2 Anna"):
        assert await chat.say(said) == ["There is no batch here yet. /batch opens one."]


def test_in_slack_the_same_words_follow_batch() -> None:
    assert parse("move 3 1", bare=True) == MoveItem(item="3", to="1")
    assert parse("rename 3 Anna  B", bare=True) == RenameItem(item="3", name="Anna  B")
