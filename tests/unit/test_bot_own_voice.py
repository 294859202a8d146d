"""A template asks for a voice of its own by a button: the next voice of the person who pressed it is that one."""

import pytest

from bot.dialogue.codec import encode
from bot.dialogue.intents import AskVoiceFor, ChooseVoiceFor
from bot.dialogue.message import Say
from heygem.batches.model import Batch, Person
from tests.chatting import Chat

BORIS = Person(platform="console", id="boris")


pytestmark = pytest.mark.usefixtures("words_are_media")


async def batch_of(chat: Chat) -> Batch:
    batch = await chat.room.store.latest(chat.place)
    assert batch is not None
    return batch


async def ask(chat: Chat, number: int = 1) -> list[str]:
    batch = await batch_of(chat)
    return await chat.press_data(encode(ChooseVoiceFor(batch.id, batch.items[number - 1].id)))


async def voices(chat: Chat) -> list[str]:
    batch = await batch_of(chat)
    return [voice.name if voice else "" for voice in (batch.voice, *(item.voice for item in batch.items))]


async def test_the_next_voice_is_the_templates_own_and_the_one_after_is_not(chat: Chat) -> None:
    await chat.ready(templates=2)
    assert await ask(chat, 2) == ["Now send the voice that number 2, “face 2.mp4”, shall speak."]
    assert (await chat.send("voice 3", "own.ogg"))[0] == "Got it: number 2, “face 2.mp4”, speaks “own.ogg”."
    await chat.send("voice 4", "all.ogg")
    assert await voices(chat) == ["all.ogg", "", "own.ogg"]


async def test_a_video_in_between_is_still_a_template(chat: Chat) -> None:
    await chat.ready()
    await ask(chat)
    await chat.send("video 7", "late.mp4")
    await chat.send("voice 3", "own.ogg")
    assert await voices(chat) == ["voice.ogg", "own.ogg", ""]


async def test_a_voice_that_cannot_be_used_leaves_the_question_open(chat: Chat) -> None:
    await chat.ready()
    await ask(chat)
    assert "lasts only" in (await chat.send("voice 0.1", "blip.ogg"))[0]
    await chat.send("voice 3", "own.ogg")
    assert await voices(chat) == ["voice.ogg", "own.ogg"]


async def test_somebody_elses_voice_is_the_batchs(chat: Chat) -> None:
    await chat.ready()
    await ask(chat)
    await Chat(chat.room, BORIS).send("voice 3", "boris.ogg")
    assert await voices(chat) == ["boris.ogg", ""]


async def test_a_template_that_went_or_a_batch_that_started_asks_for_nothing(chat: Chat) -> None:
    await chat.ready(templates=2)
    gone = encode(ChooseVoiceFor((await batch_of(chat)).id, "aaaaaaaaaa"))
    assert await chat.press_data(gone) == ["This button is out of date. /status shows where things are."]
    await chat.say("/generate")
    assert await ask(chat) == ["This batch has already started, so nothing in it can be changed."]


async def test_a_menu_of_all_templates_gives_voices_and_takes_them_away(chat: Chat) -> None:
    await chat.ready(templates=25)
    batch = await batch_of(chat)
    assert await chat.press_data(encode(AskVoiceFor(batch.id))) == [
        "Which one shall speak a voice of its own? ✓ has one."
    ]
    assert [button.label for button in chat.buttons()][-3:] == ["19. face 19.mp4", "20. face 20.mp4", "More ›"]
    await chat.press("More ›")
    assert [button.label for button in chat.buttons()][-2:] == ["25. face 25.mp4", "‹ Back"]
    assert await chat.press("22. face 22.mp4") == ["Now send the voice that number 22, “face 22.mp4”, shall speak."]
    (menu,) = chat.replies
    assert isinstance(menu, Say)
    assert menu.again, "it changes in place"
    await chat.send("voice 3", "own.ogg")
    assert (await batch_of(chat)).items[21].voice is not None

    await chat.press_data(encode(AskVoiceFor(batch.id, "20")))
    assert await chat.press("✓ 22. face 22.mp4") == [
        "Number 22, “face 22.mp4”, speaks “own.ogg”. Send another voice for it now, or take that one away."
    ]
    take = next(button.data for button in chat.buttons() if button.label == "Take its voice away")
    stranger = Person(platform="telegram", id="2")
    await chat.room.access.allow(stranger)
    assert await Chat(chat.room, stranger, chat.place).press_data(take) == [
        "Only the person who opened this batch, or an admin, can do that."
    ]
    assert (await chat.press_data(take))[0] == "Number 22, “face 22.mp4”, has no voice of its own any more."
    assert [button.label for button in chat.buttons()][1] == "22. face 22.mp4"
    assert [item.number for item in (await batch_of(chat)).items if item.voice] == []
    await chat.send("voice 4", "all.ogg")
    assert (await voices(chat))[0] == "all.ogg", "nothing waits for a voice of its own any more"

    await chat.say("/generate")
    assert await chat.press_data(take) == ["This batch has already started, so nothing in it can be changed."]
