"""While a batch is worked on: paused and resumed, made before one's others, and single videos taken out of it."""

import pytest

from bot.dialogue.codec import encode
from bot.dialogue.estimate import Queue
from bot.dialogue.intents import Pause, PutFirst, RemoveItem, Resume
from bot.dialogue.status import render_status
from heygem.batches.model import Batch, BatchState, ItemState, Person
from tests.chatting import Chat

pytestmark = pytest.mark.usefixtures("words_are_media")


async def started(chat: Chat, templates: int = 3) -> Batch:
    await chat.ready(templates=templates)
    await chat.say("/generate")
    (newest, *_) = await chat.room.store.history(chat.person)
    return newest


async def buttons_of(chat: Chat, batch: Batch) -> list[str]:
    now = await chat.room.store.get(batch.id)
    return [button.label for button in render_status(now, await Queue.before(now, chat.room.store), "en").buttons]


async def title_of(chat: Chat, batch: Batch, language: str = "en") -> str:
    return render_status(await chat.room.store.get(batch.id), Queue(), "zh" if language == "zh" else "en").title


async def test_a_batch_is_paused_and_goes_on_where_it_was(chat: Chat) -> None:
    batch = await started(chat)
    await chat.room.work(only=1)
    assert "Pause" in await buttons_of(chat, batch)
    said = "Paused. What is being made is still finished. If it stays paused for 7 days, it is cancelled."
    assert await chat.say("/pause") == [said, "(status)"]
    assert await title_of(chat, batch) == "Paused: 1 of 3 ready"
    assert await title_of(chat, batch, "zh") == "已暂停：完成 1/3"
    assert await buttons_of(chat, batch) == ["Export what's ready", "Resume", "Remove one", "Cancel"]
    await chat.room.work()
    assert (await chat.room.store.get(batch.id)).state is BatchState.RUNNING
    assert await chat.say("/pause") == ["No batch of yours is under way here."]
    assert await chat.press_data(encode(Resume(batch.id))) == ["It goes on.", "(status)"]
    assert await chat.say("/resume") == ["No batch of yours is paused here."]
    await chat.room.work()
    assert (await chat.room.store.get(batch.id)).state is BatchState.DONE
    assert await chat.press_data(encode(Pause(batch.id))) == ["No batch of yours is under way here."]


async def test_a_later_batch_is_made_first_and_says_so_only_where_that_changes_something(chat: Chat) -> None:
    first = await started(chat)
    second = await started(chat)
    assert "Make this one first" not in await buttons_of(chat, first)
    assert "Make this one first" in await buttons_of(chat, second)
    assert await chat.say("/first") == ["This batch comes before your others now.", "(status)"]
    assert "Make this one first" not in await buttons_of(chat, second)
    await chat.room.work(only=3)
    assert (await chat.room.store.get(second.id)).state is BatchState.DONE
    assert (await chat.room.store.get(first.id)).state is BatchState.QUEUED


async def test_only_who_opened_it_decides_about_the_line(chat: Chat) -> None:
    batch = await started(chat)
    boris = Chat(chat.room, person=Person(platform="telegram", id="7"), place=chat.place)
    await chat.room.access.allow(boris.person)
    for intent in (Pause(batch.id), Resume(batch.id), PutFirst(batch.id)):
        assert await boris.press_data(encode(intent)) == [
            "Only the person who opened this batch, or an admin, can do that."
        ]
    assert await boris.say("/pause") == ["No batch of yours is under way here."]
    assert await boris.say("/remove 1") == ["Only the person who opened this batch, or an admin, can do that."]
    assert not (await chat.room.store.get(batch.id)).paused


async def test_single_videos_are_taken_out_of_a_batch_that_has_started(chat: Chat) -> None:
    batch = await started(chat)
    await chat.room.work(only=1)
    assert await chat.say("/remove 2") == ["“face 2.mp4” will not be made.", "(status)"]
    assert await chat.say("/remove 1") == ["(status)"]  # it is ready
    assert await chat.say("/remove") == ["Which one shall go?"]
    assert [button.label for button in chat.buttons()] == ["3. face 3.mp4"]
    assert await chat.press("3. face 3.mp4") == ["“face 3.mp4” will not be made.", "(status)"]
    ended = await chat.room.store.get(batch.id)
    assert [item.state for item in ended.items] == [ItemState.DONE, ItemState.CANCELLED, ItemState.CANCELLED]
    assert await title_of(chat, batch) == "1 of 3 videos are ready"
    assert await chat.say("/remove 3") == ["There is no batch here yet. /batch opens one."]


async def test_a_menu_page_that_has_gone_shows_the_one_before(chat: Chat) -> None:
    batch = await started(chat, templates=10)
    assert await chat.press_data(f"rmm:{batch.id}:8") == ["Which one shall go?"]
    late = [button for button in chat.buttons() if button.label.startswith(("9.", "10."))]
    for button in late:
        await chat.press_data(button.data, pressed="menu")
    assert "8. face 8.mp4" in [button.label for button in chat.buttons()]


async def test_what_expired_before_its_start_is_not_taken_apart_by_an_old_menu(chat: Chat) -> None:
    await chat.ready(templates=2)
    (batch,) = await chat.room.store.history(chat.person)
    now = await chat.room.store.now()
    await chat.room.store.expire(now + 60, now)
    assert await chat.press_data(encode(RemoveItem(batch.id, batch.items[0].id))) == ["(status)"]


async def test_a_menu_of_what_is_left_stays_where_it_was(chat: Chat) -> None:
    batch = await started(chat, templates=42)
    await chat.room.work(only=19)
    await chat.press_data(f"rmm:{batch.id}:0")
    (late,) = [button for button in chat.buttons() if button.label == "22. face 22.mp4"]
    await chat.press_data(late.data, pressed="menu")
    left = [button.label for button in chat.buttons()]
    assert (left[0], left[-2]) == ("20. face 20.mp4", "40. face 40.mp4")


async def test_what_goes_on_is_found_behind_however_many_that_ended(chat: Chat) -> None:
    batch = await started(chat)
    for _ in range(21):
        await chat.room.store.cancel((await chat.room.store.open(chat.person, chat.place, "en")).id)
    assert (await chat.say("/pause"))[0].startswith("Paused.")
    assert await chat.say("/resume") == ["It goes on.", "(status)"]
    assert await chat.say("/first") == ["This batch comes before your others now.", "(status)"]
    assert await chat.say("/remove 2") == ["“face 2.mp4” will not be made.", "(status)"]
    await chat.say("/cancel")
    assert (await chat.room.store.get(batch.id)).state is BatchState.CANCELLED


async def test_past_batches_are_listed_with_one_that_is_paused(chat: Chat) -> None:
    await started(chat)
    await chat.room.work(only=1)
    await chat.say("/pause")
    assert "3 videos · Paused: 1 of 3 ready" in (await chat.say("/history"))[0]
