"""What was collected is thrown away after a question; and a question that was answered can't be answered again."""

import pytest

from bot.dialogue.message import Say
from heygem.batches.model import Batch, BatchState, Person
from tests.chatting import Chat

BORIS = Person(platform="console", id="boris")
STARTED = "This batch has already started, so nothing in it can be changed."


pytestmark = pytest.mark.usefixtures("words_are_media")


async def batch_of(chat: Chat) -> Batch:
    batch = await chat.room.store.latest(chat.place)
    assert batch is not None
    return batch


async def asked(chat: Chat) -> list[str]:
    return await chat.press_data(f"dsc:{(await batch_of(chat)).id}")


def in_place(chat: Chat) -> bool:
    """Whether the answer takes the place of the question, whose buttons go with it."""
    (said,) = chat.replies
    return isinstance(said, Say) and said.again and not said.buttons


async def test_one_tap_beside_the_options_throws_nothing_away(chat: Chat) -> None:
    await chat.ready(templates=2)
    (question,) = await asked(chat)
    assert question.startswith("Discard this batch with its 2 videos?")
    yes = next(button.data for button in chat.buttons() if button.label == "Yes, discard")
    assert await chat.press("Keep") == ["Fine, nothing was deleted."]
    assert in_place(chat)
    assert (await batch_of(chat)).state is BatchState.COLLECTING

    boris = Chat(chat.room, person=BORIS, language="zh")
    assert await boris.press_data(yes) == ["这个问题问的是另一个人。请自己发起后再回答。"]
    assert await chat.press_data(yes) == ["The batch is discarded."]
    assert in_place(chat)
    assert (await batch_of(chat)).state is BatchState.CANCELLED
    assert await chat.press_data(yes) == ["This button is out of date. /status shows where things are."]


async def test_a_voice_alone_goes_without_a_question_and_only_who_opened_it_is_asked(chat: Chat) -> None:
    await chat.send("voice 2", "voice.ogg")
    team = Chat(chat.room, person=Person(platform="telegram", id="7"), place=chat.place)
    await chat.room.access.allow(team.person)
    assert await asked(team) == ["Only the person who opened this batch, or an admin, can do that."]
    assert await asked(chat) == ["The batch is discarded."]


async def test_an_answer_that_comes_after_the_start_stops_nothing(chat: Chat) -> None:
    await chat.ready()
    await asked(chat)
    yes = chat.buttons()[0].data
    await chat.say("/generate")
    assert await chat.press_data(yes) == [STARTED]
    assert await asked(chat) == [STARTED]
    assert (await batch_of(chat)).state is BatchState.QUEUED


async def test_what_is_for_a_batch_that_is_collected_says_what_became_of_it(chat: Chat) -> None:
    await chat.ready()
    await chat.say("/generate")
    assert await chat.say("/try") == [STARTED]
    await chat.room.work()
    assert await chat.say("/remove 1") == ["There is no batch here yet. /batch opens one."]
    assert (await chat.say("/try"))[0].startswith("There is no template yet.")

    await chat.ready()
    await chat.say("/cancel")
    assert await chat.say("/pictures") == ["There is no batch here yet. /batch opens one."]


async def test_every_question_is_put_out_by_its_answer(chat: Chat) -> None:
    await chat.ready()
    await chat.say("/generate")
    await chat.room.work()
    for question, answer in (
        ("/history delete 1", "Delete"),
        ("/history clear", "Yes, delete all"),
        ("/forget", "Keep"),
    ):
        await chat.say(question)
        await chat.press(answer)
        assert in_place(chat), question
    await chat.say("/forget")
    assert await chat.press("Yes, forget me") == ["Done. I keep nothing of yours any more."]
    assert in_place(chat)
