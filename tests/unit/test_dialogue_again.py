"""After the end: what failed is made again, the same faces speak another voice; and names for what has none."""

import asyncio
from itertools import count

import pytest

from bot.dialogue.intents import Retry, Reuse
from bot.dialogue.message import Said
from heygem.batches.model import Batch, MediaFile
from heygem.batches.store import Store
from tests.chatting import Chat

pytestmark = pytest.mark.usefixtures("words_are_media")


async def latest(chat: Chat) -> Batch:
    batch = await chat.room.store.latest(chat.place)
    assert batch is not None
    return batch


async def ended(chat: Chat, *failing: int) -> Batch:
    await chat.ready(templates=3)
    await chat.say("/settings smoothness 1.0")
    await chat.say("/generate")
    await chat.room.work(*failing)
    return await latest(chat)


async def test_what_failed_is_made_again_by_one_tap_with_the_same_voice_and_options(chat: Chat) -> None:
    before = await ended(chat, 2)
    said = await chat.press_data(f"rty:{before.id}")
    assert said[0].startswith("Off we go: 1 video")
    again = await latest(chat)
    assert [item.template.name for item in again.items] == ["face 2.mp4"]
    assert (again.voice, again.options, again.engine) == (before.voice, before.options, before.engine)

    await chat.room.work()
    assert len((await latest(chat)).finished) == 1
    assert len((await chat.room.store.get(before.id)).finished) == 2


async def test_a_template_with_a_voice_of_its_own_keeps_it(chat: Chat) -> None:
    await chat.ready()
    await chat.send("voice 3 own", "own.ogg", reply_to=chat.last_id)
    await chat.say("/generate")
    await chat.room.work(1)
    await chat.press_data(f"rty:{(await latest(chat)).id}")
    (item,) = (await latest(chat)).items
    assert item.voice is not None
    assert item.voice.name == "own.ogg"


async def test_the_same_faces_wait_for_another_voice(chat: Chat) -> None:
    before = await ended(chat)
    assert await chat.press_data(f"rus:{before.id}") == ["(status)"]
    again = await latest(chat)
    assert [item.template.name for item in again.items] == ["face 1.mp4", "face 2.mp4", "face 3.mp4"]
    assert (again.voice, again.options) == (None, before.options)
    await chat.send("voice 3 another", "another.ogg")
    assert (await chat.say("/generate"))[0].startswith("Off we go: 3 videos")


@pytest.mark.parametrize("verb", ["rty", "rus"])
async def test_an_open_batch_is_not_mixed_with_an_earlier_one(chat: Chat, verb: str) -> None:
    before = await ended(chat, 1)
    await chat.send("video 4 other", "other.mp4")
    assert await chat.press_data(f"{verb}:{before.id}") == ["A batch is still open here. Generate or discard it first."]
    assert [item.template.name for item in (await latest(chat)).items] == ["other.mp4"]


async def test_faces_that_are_gone_leave_no_batch_behind(chat: Chat) -> None:
    before = await ended(chat)
    for path in chat.room.storage.owners.rglob("files/*"):
        path.unlink()
    (told,) = await chat.press_data(f"rus:{before.id}")
    assert "face 1.mp4" in told
    assert (await latest(chat)).id == before.id


@pytest.mark.parametrize(
    ("content", "caption", "name"),
    [
        ("video 4", "Anna in the office", "Anna in the office"),
        ("video 4", "", "video 1"),
        ("still", "", "picture 1"),
        ("video 4", "Please look at this one first, it is the most important of them all", "video 1"),
        ("video 4", "../../etc/passwd", "video 1"),
    ],
)
async def test_what_has_no_name_gets_one(chat: Chat, content: str, caption: str, name: str) -> None:
    await chat.send(content, caption=caption)
    (item,) = (await latest(chat)).items
    assert item.template.name == name


async def test_several_without_a_name_are_told_apart_by_their_numbers(chat: Chat) -> None:
    for number in range(3):
        await chat.send(f"video 4 {number}")
    assert [item.template.name for item in (await latest(chat)).items] == ["video 1", "video 2", "video 3"]


async def test_a_voice_for_a_video_that_is_in_the_batch_no_more_is_not_everybodys(chat: Chat) -> None:
    await chat.ready()
    answered = chat.last_id
    await chat.say("/generate")
    await chat.send("video 4 next", "next.mp4")
    told = await chat.send("voice 5 for one", "one.ogg", reply_to=answered)
    assert told == ["That video is not in the open batch. Without a reply, the voice is for all of them."]
    assert (await latest(chat)).voice is None
    await chat.send("voice 5 for one", "one.ogg")
    assert (await latest(chat)).voice is not None


@pytest.mark.parametrize("intent", [Retry, Reuse])
@pytest.mark.parametrize("steps", [0, 1])
async def test_what_a_kill_cut_off_is_gone_on_with_by_the_same_press(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, intent: type[Retry | Reuse], steps: int
) -> None:
    before = await ended(chat, 1, 2, 3)
    said, add, added = Said(chat.person, chat.place, "pressed-once", pressed="1"), Store.add_template, count()

    async def killed(store: Store, batch_id: str, file: MediaFile, message: str, voice: MediaFile | None) -> object:
        if next(added) == steps:
            raise asyncio.CancelledError
        return await add(store, batch_id, file, message, voice)

    with monkeypatch.context() as cut:
        cut.setattr(Store, "add_template", killed)
        with pytest.raises(asyncio.CancelledError):
            await chat.tell(said, intent(before.id))
    for _ in range(2):
        await chat.tell(said, intent(before.id))
        assert chat.error is None
    again = await latest(chat)
    assert [item.template.name for item in again.items] == ["face 1.mp4", "face 2.mp4", "face 3.mp4"]
    assert again.voice == (before.voice if intent is Retry else None)
    assert len(await chat.room.store.history(chat.person)) == 2
