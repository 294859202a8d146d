"""One template is tried before all of them are made, while the batch stays as it is; and what templates look like."""

import asyncio

import pytest
from redis.asyncio import Redis

from bot.dialogue.announcement import announcement
from bot.dialogue.estimate import Queue
from bot.dialogue.intents import TryOne
from bot.dialogue.message import Button, Said, Say
from bot.dialogue.status import render_status
from heygem.base.errors import ErrorCode
from heygem.base.settings import Quotas, Settings
from heygem.batches.model import Batch, BatchState
from heygem.batches.store import Store
from tests.chatting import Chat, Room

pytestmark = pytest.mark.usefixtures("words_are_media")


async def collected(chat: Chat) -> Batch:
    batch = await chat.room.store.collecting(chat.place)
    assert batch is not None
    return batch


async def trials(chat: Chat) -> list[Batch]:
    return [batch for batch in await chat.room.store.history(chat.person) if batch.trial_of]


async def test_the_first_is_made_alone_the_same_way_while_the_batch_stays_as_it_is(chat: Chat) -> None:
    await chat.ready(templates=3)
    await chat.say("/settings smoothness 1.0")
    whole = await collected(chat)
    said = await chat.press_data(f"try:{whole.id}")
    assert said[0].startswith("Off we go: 1 video of 0:02")
    (trial,) = await trials(chat)
    assert [item.template.name for item in trial.items] == ["face 1.mp4"]
    assert (trial.voice, trial.options, trial.trial_of) == (whole.voice, whole.options, whole.id)
    assert render_status(trial, Queue()).title == "Try-out: Waiting in line"
    assert await collected(chat) == whole

    await chat.send("video 4 another", "face 4.mp4")
    await chat.room.work()
    trial = await chat.room.store.get(trial.id)
    told = announcement(trial, None, whole=await collected(chat))
    assert "This was a try-out. Generate makes all of the batch the same way" in told.text
    (generate,) = [each for each in told.buttons if isinstance(each, Button)]
    assert (await chat.press_data(generate.data))[0].startswith("Off we go: 4 videos")
    late = announcement(trial, None, whole=await chat.room.store.get(whole.id))
    assert (late.text, late.buttons) == ("Done! Your video is ready.", ()), "all of them are on their way already"
    await chat.room.work()
    assert (await chat.say("/export"))[0].startswith("Here are your 4 videos"), "not the try-out again"
    listed = (await chat.say("/history"))[0]
    assert "1 video · Try-out: 1 done · face 1.mp4" in listed
    assert listed.count("Try-out") == 1


async def test_a_preview_says_a_piece_of_the_voice_in_one_video_with_the_options_of_all(chat: Chat) -> None:
    await chat.ready(templates=3)
    await chat.say("/settings subtitles burned")
    whole = await collected(chat)
    await chat.press_data(f"ops:{whole.id}")
    said = await chat.press("Preview 3 seconds")
    assert said[0].startswith("Off we go: 1 video of 0:03")
    (short,) = await trials(chat)
    assert [item.template for item in short.items] == [whole.items[0].template]
    assert (short.voice and short.voice.name, short.items[0].voice) == ("voice.ogg", None)
    assert (short.options, short.trial_of) == (whole.options, whole.id)
    await chat.say("/preview picture 2")
    picture = next(batch for batch in await trials(chat) if batch.id != short.id)
    assert picture.items[0].template == whole.items[1].template
    assert (picture.options.subtitles, picture.options.words) == ("off", "off")
    assert await collected(chat) == whole
    assert len(chat.room.files()) == 6
    for batch in (short, picture):
        await chat.room.store.delete(batch.id)
    assert len(chat.room.files()) == 4, "the pieces go with what was made of them"


async def test_a_preview_of_what_there_is_none_of_says_what_there_is(chat: Chat) -> None:
    await chat.ready(templates=1)
    assert await chat.say("/preview trailer") == ["“trailer” doesn't fit /preview. Possible: 3s, picture."]
    assert await chat.say("/preview 3s 7") == ["There is no number 7 in this batch."]
    await chat.press_data(f"ops:{(await collected(chat)).id}")
    assert [button.label for button in chat.buttons()][-2:] == ["Preview a picture", "Preview 3 seconds"]
    await chat.say("/generate")
    assert await chat.say("/preview") == ["This batch has already started, so nothing in it can be changed."]


async def test_any_one_can_be_tried_and_by_itself_one_in_which_somebody_was_seen(chat: Chat) -> None:
    await chat.ready(templates=3)
    whole = await collected(chat)
    await chat.room.store.record_faces(whole.id, whole.items[0].id, 0)
    await chat.say("/try")
    await chat.say("/try 3")
    assert [batch.items[0].template.name for batch in await trials(chat)] == ["face 3.mp4", "face 2.mp4"]
    assert await chat.say("/try 4") == ["There is no number 4 in this batch."]


async def test_the_same_press_twice_is_one_try_out(chat: Chat) -> None:
    await chat.ready(templates=3)
    whole = await collected(chat)
    said = Said(chat.person, chat.place, "pressed-once", pressed="1")
    for _ in range(2):
        await chat.tell(said, TryOne(whole.id))
    assert len(await trials(chat)) == 1


@pytest.mark.parametrize("lost", ["video", "voice"])
async def test_a_try_out_whose_files_are_gone_leaves_nothing_behind(chat: Chat, lost: str) -> None:
    await chat.ready(templates=3)
    whole = await collected(chat)
    for path in chat.room.storage.owners.rglob("files/*"):
        if path.read_text().startswith(lost):
            path.unlink()
    await chat.press_data(f"try:{whole.id}")
    assert chat.error is not None
    assert await trials(chat) == []
    assert await collected(chat) == whole


async def test_what_is_not_ready_or_has_started_is_not_tried(chat: Chat) -> None:
    await chat.send("video 4 a", "a.mp4")
    assert await chat.say("/try") == ["The voice is still missing. Send a voice note or an audio file."]
    await chat.send("voice 2", "voice.ogg")
    await chat.say("/generate")
    assert (await chat.say("/try"))[0].startswith("This batch has already started")
    assert await trials(chat) == []


async def test_a_batch_and_what_was_made_of_it_are_shown_by_number(chat: Chat) -> None:
    await chat.ready(templates=12)
    (text,) = await chat.say("/pictures")
    (said,) = chat.replies
    assert isinstance(said, Say)
    batch = await collected(chat)
    assert [picture.file for picture in said.pictures] == [item.template for item in batch.items]
    assert text.split("\n")[1:] == [f"{number}. face {number}.mp4" for number in range(1, 13)]

    await chat.say("/generate")
    await chat.room.work()
    await chat.say("/history 1")
    (past,) = chat.replies
    assert isinstance(past, Say)
    assert len(past.pictures) == 12
    assert "… and 2 more" in past.text


@pytest.mark.parametrize("step", ["set_voice", "add_template", "generate"])
async def test_a_try_out_that_a_kill_cut_off_is_made_by_the_same_press_and_leaves_no_other(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    await chat.ready(templates=3)
    whole = await collected(chat)
    said = Said(chat.person, chat.place, "pressed-once", pressed="1")
    with monkeypatch.context() as cut:
        cut.setattr(Store, step, _killed)
        with pytest.raises(asyncio.CancelledError):
            await chat.tell(said, TryOne(whole.id))
    assert (await chat.tell(said, TryOne(whole.id)))[0].startswith("Off we go: 1 video")
    (trial,) = await trials(chat)
    assert (trial.voice, trial.state) == (whole.voice, BatchState.QUEUED)
    assert await collected(chat) == whole


async def _killed(*_: object) -> None:
    raise asyncio.CancelledError


async def test_a_try_out_that_may_not_start_leaves_nothing_behind(redis: Redis, settings: Settings) -> None:
    short = settings.model_copy(update={"quotas": Quotas(minutes_per_day=0)})
    chat = Chat(Room(redis, short))
    await chat.ready(templates=3)
    whole = await collected(chat)
    await chat.press_data(f"try:{whole.id}")
    assert chat.error is not None
    assert chat.error.code is ErrorCode.QUOTA_MINUTES
    assert await trials(chat) == []
    assert await collected(chat) == whole
