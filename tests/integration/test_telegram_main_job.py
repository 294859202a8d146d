"""The real PTB against the fake Telegram: from a voice note to a link, whatever people send and however."""

import random
import threading
from itertools import pairwise
from pathlib import Path

import pytest

from bot.chat import fetch
from bot.chat.retry import Policy
from bot.telegram import files
from heygem.batches.model import Person
from tests.fakes.telegram import Chat
from tests.media import make_video
from tests.telegramming import Desk


async def test_a_voice_an_album_and_one_tap_become_a_link(desk: Desk) -> None:
    anna = await desk.anna()
    anna.voice(desk.voice())
    anna.album(*(desk.file("video", f"face {number}.mp4") for number in (1, 2, 3)))
    await desk.batch(anna, 3)
    await desk.settled(anna)
    offered = await desk.offers(anna, "Generate")
    anna.press("Generate")
    await desk.says(anna, "Off we go: 3 videos")
    await desk.room.work()

    done = await desk.says(anna, "Done! Your 3 videos are ready.")
    status = await desk.says(anna, "Your 3 videos are ready\n")
    assert done.urls[0].startswith("http://127.0.0.1:8080/b/")
    assert status.urls
    assert status.id == offered.id, "edited where the button was pressed"
    assert "1. face 1.mp4" in status.text
    statuses = [sent for sent in await desk.settled(anna) if "face 1.mp4" in sent.text]
    assert len(statuses) == 1, "one status message per batch"
    assert len([sent for sent in desk.telegram.sent(anna) if "Done!" in sent.text]) == 1


async def test_a_hundred_templates_in_ten_albums_move_the_status_a_few_times_only(desk: Desk) -> None:
    anna = await desk.anna()
    for album in range(1, 11):
        last = anna.album(*(desk.file("video") for _ in range(10)))[-1]
        await desk.batch(anna, 10 * album, voice=False)

    def below() -> bool:
        *_, status = desk.telegram.sent(anna)
        return "… and 85 more" in status.text and status.id > last["message"]["message_id"]

    await desk.telegram.until(below)
    await desk.settled(anna)
    posts = len(desk.telegram.calls("sendMessage"))
    assert posts <= 6
    assert len(desk.telegram.calls("deleteMessage")) == posts - 1


async def test_the_same_in_chinese(desk: Desk) -> None:
    li = await desk.anna("zh-hans")
    await desk.ready(li, 2)
    await desk.offers(li, "开始生成")
    li.press("开始生成")
    await desk.says(li, "开始了：2 个视频")
    await desk.room.work()
    assert (await desk.says(li, "好了！2 个视频全部完成。")).labels == ["查看视频", "同样的人，换语音"]
    li.say("/help")
    await desk.says(li, "声音和视频先后随意")


async def test_options_of_a_batch_are_chosen_by_three_taps(desk: Desk) -> None:
    anna = await desk.anna()
    batch = await desk.ready(anna)
    await desk.offers(anna, "Options")
    anna.press("Options")
    await desk.says(anna, "Options of this batch.")
    anna.press("Resolution")
    await desk.says(anna, "Resolution is as sent now. Choose:")
    anna.press("720p")
    await desk.toasts("Resolution: 720p, for this batch.")
    assert (await desk.store.get(batch.id)).options.resolution == "720p"


async def test_several_options_are_chosen_in_one_menu_that_marks_what_is_chosen(desk: Desk) -> None:
    anna = await desk.anna()
    await desk.ready(anna)
    await desk.offers(anna, "Options")
    anna.press("Options")
    menu = await desk.says(anna, "Options of this batch.")
    before = len(desk.telegram.sent())
    for option, value, told in (
        ("Resolution", "720p", "Resolution: 720p"),
        ("Smoothness", "very calm (1)", "Smoothness: very calm (1)"),
        ("Subtitles", "burned into the picture", "Subtitles: burned into the picture"),
    ):
        anna.press(option)
        await desk.offers(anna, value)
        anna.press(value)
        await desk.says(anna, told)
    anna.press("Resolution")
    await desk.offers(anna, "✓ 720p")
    anna.press("‹ Back")
    await desk.offers(anna, "Resolution")
    assert len(desk.telegram.sent()) == before
    assert menu.id in desk.telegram.state.rooms[anna.id].messages


async def test_many_templates_are_removed_in_one_menu_with_pages(desk: Desk) -> None:
    anna = await desk.anna()
    for number in range(1, 23):
        anna.video(desk.file("video", f"face {number}.mp4"))
    await desk.batch(anna, 22, voice=False)
    await desk.offers(anna, "Remove one")
    await desk.settled(anna)
    anna.press("Remove one")
    await desk.says(anna, "Which one shall go?")
    before = len(desk.telegram.sent())
    anna.press("More ›")
    await desk.offers(anna, "22. face 22.mp4")
    anna.press("21. face 21.mp4")
    await desk.toasts("“face 21.mp4” is out.")
    await desk.offers(anna, "21. face 22.mp4")
    anna.press("21. face 22.mp4")
    await desk.offers(anna, "‹ Back")
    anna.press("‹ Back")
    await desk.offers(anna, "20. face 20.mp4")
    assert len((await desk.batch(anna, 20, voice=False)).items) == 20
    assert len(desk.telegram.sent()) == before


async def test_whatever_can_bear_a_face_or_a_voice_is_taken(desk: Desk) -> None:
    anna = await desk.anna()
    anna.audio(desk.voice())
    anna.video(desk.file("video"))
    anna.video_note(desk.file("video"))
    anna.animation(desk.file("mute"))
    anna.photo(desk.file("still"))
    anna.document(desk.file("video", "uncompressed.mov"), "video/quicktime")
    anna.document(desk.file("video", "without a type.mkv"))
    batch = await desk.batch(anna, 6)
    assert [item.template.name for item in batch.items][-2:] == ["uncompressed.mov", "without a type.mkv"]
    assert batch.items[3].template.info.still
    assert batch.items[1].template.name == "video 2"


async def test_a_photo_is_fetched_in_its_largest_size_and_once(desk: Desk) -> None:
    anna = await desk.anna()
    update = anna.photo(desk.file("still"))
    await desk.batch(anna, 1, voice=False)
    assert desk.telegram.state.downloads == [update["message"]["photo"][-1]["file_id"]]


async def test_what_a_file_is_decides_not_what_it_claims(desk: Desk) -> None:
    anna = await desk.anna()
    anna.video(desk.file("voice", "clip.mp4"))
    anna.voice(desk.file("video", "note.ogg"))
    batch = await desk.batch(anna, 1)
    assert batch.voice is not None
    assert batch.voice.name == "clip.mp4"


async def test_a_voice_for_one_template_and_a_video_that_is_the_voice(desk: Desk) -> None:
    anna = await desk.anna()
    first = anna.video(desk.file("video", "one.mp4"))["message"]["message_id"]
    anna.video(desk.file("video", "two.mp4"))
    await desk.batch(anna, 2, voice=False)
    anna.voice(desk.voice(), reply_to=first)
    await desk.says(anna, "Got it: number 1, “one.mp4”, speaks “voice note”.")
    anna.video(desk.file("video", "speech.mp4"), caption="Voice")
    batch = await desk.batch(anna, 2)
    assert [bool(item.voice) for item in batch.items] == [True, False]
    assert batch.voice is not None
    assert batch.voice.name == "speech.mp4"


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_an_album_in_any_order_and_spacing_loses_nothing(desk: Desk, seed: int) -> None:
    dice = random.Random(seed)
    anna = await desk.anna()
    with desk.telegram.state.lock:  # Telegram does not deliver them yet
        updates = [*anna.album(*(desk.file("video", f"face {number}.mp4") for number in range(10)))]
        desk.telegram.state.updates.clear()
    dice.shuffle(updates)
    voice = anna.voice(desk.voice())
    assert voice
    for update in updates:
        desk.telegram.repeat_update(update | {"update_id": update["update_id"] + 1000 * (1 + updates.index(update))})
        await desk.telegram.until(lambda: True)
        if dice.random() < 0.5:
            await desk.settled(anna, 0.05)
    batch = await desk.batch(anna, 10)
    expected = [update["message"]["video"]["file_name"] for update in updates]
    assert [item.template.name for item in batch.items] == expected


async def test_the_same_update_twice_changes_nothing(desk: Desk) -> None:
    anna = await desk.anna()
    updates = [anna.voice(desk.voice()), anna.video(desk.file("video"))]
    await desk.batch(anna, 1)
    question = anna.say("/help")
    before = await desk.settled(anna)
    desk.telegram.repeat_update(question)
    for update in updates:
        desk.telegram.repeat_update(update)
        # The same message under another number: what Telegram never does, and a webhook behind a proxy may.
        desk.telegram.repeat_update(update | {"update_id": update["update_id"] + 5000})
    await desk.settled(anna)
    batch = await desk.batch(anna, 1)
    assert len(batch.items) == 1
    assert len(desk.telegram.state.downloads) == 2
    assert [sent.text for sent in desk.telegram.sent(anna)] == [sent.text for sent in before]


async def test_a_slow_download_delays_no_other_chat_and_in_its_own_what_depends_on_it_only(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, boris = await desk.anna(), await desk.welcome(desk.telegram.private(desk.telegram.person("Boris")))
    gate, names = threading.Event(), ["slow.mp4", "quick.mp4", "quicker.mp4", "quickest.mp4"]
    monkeypatch.setattr("bot.telegram.signs._UNNOTICED_S", 0.05)
    anna.voice(desk.voice())
    anna.video(desk.file("video", names[0]), hold=gate)
    for name in names[1:]:
        anna.video(desk.file("video", name))
    anna.say("/generate")
    anna.say("/help")
    await desk.says(anna, "/batch – open a batch")
    await desk.telegram.until(lambda: len(desk.telegram.state.downloads) == 5)
    await desk.offers(anna, "Options")
    anna.press("Options")
    await desk.says(anna, "Options of this batch")
    await desk.ready(boris)
    assert {call.parameters["action"] for call in desk.telegram.calls("sendChatAction")} == {"typing"}
    gate.set()
    await desk.says(anna, "Off we go: 4 videos")
    batch = await desk.store.latest(desk.place(anna))
    assert batch is not None
    assert [item.template.name for item in batch.items] == names


async def test_who_asks_while_the_first_file_is_on_its_way_is_told_of_the_batch_that_it_opens(desk: Desk) -> None:
    anna, gate = await desk.anna(), threading.Event()
    anna.video(desk.file("video", "slow.mp4"), hold=gate)
    anna.say("/status")
    await desk.telegram.until(lambda: desk.telegram.state.downloads)
    gate.set()
    await desk.says(anna, "Next: send the voice")
    assert not [sent for sent in await desk.settled(anna) if "no batch here" in sent.text]


async def test_a_button_is_acknowledged_at_once_even_behind_a_slow_download(desk: Desk) -> None:
    anna = await desk.anna()
    await desk.ready(anna)
    await desk.offers(anna, "Generate")
    gate = threading.Event()
    anna.video(desk.file("video", "slow.mp4"), hold=gate)
    anna.press("Generate")
    await desk.telegram.until(lambda: len(desk.telegram.state.answered_queries) == 1)
    gate.set()
    await desk.says(anna, "Off we go: 2 videos")


async def test_what_no_button_of_ours_sends_is_answered_and_acknowledged(desk: Desk) -> None:
    anna = await desk.anna()
    anna.say("/help")
    await desk.says(anna, "/batch")
    message = next(iter(desk.telegram.state.rooms[anna.id].messages.values()))
    for data in ("gen:aaaaaaaaaa", "nothing", "x" * 64, "rm:a:b:c:d"):
        anna.press_data(data, message)
    await desk.telegram.until(lambda: len(desk.telegram.state.answered_queries) == 4)
    await desk.toasts("out of date")


async def test_a_file_beyond_the_clouds_limit_gets_an_upload_page_before_anything_is_fetched(desk: Desk) -> None:
    anna = await desk.anna()
    anna.video(desk.file("video", "large.mp4"), size=files.CLOUD_LIMIT + 1)
    offer = await desk.says(anna, "large.mp4")
    assert offer.labels == ["Open the upload page"]
    assert offer.urls[0].startswith("http://127.0.0.1:8080/")
    assert desk.telegram.calls("getFile") == []


async def test_a_file_that_claimed_nothing_and_is_too_big_gets_it_too(desk: Desk) -> None:
    anna = await desk.anna()
    desk.telegram.fault("getFile", code=400, description="Bad Request: file is too big")
    anna.video(desk.file("video", "large.mp4"))
    assert (await desk.says(anna, "large.mp4")).labels == ["Open the upload page"]


async def test_a_download_that_breaks_is_tried_again(desk: Desk) -> None:
    anna = await desk.anna()
    desk.telegram.fault("getFile", code=502, description="Bad Gateway")
    desk.telegram.fault("file", code=500)
    anna.video(desk.file("video", "one.mp4"))
    await desk.batch(anna, 1, voice=False)


async def test_an_outage_costs_neither_a_voice_nor_videos(desk: Desk) -> None:
    anna = await desk.anna()
    desk.telegram.fault("getFile", code=502, description="Bad Gateway", times=7)
    desk.telegram.fault("file", code=502, times=7)
    anna.voice(desk.voice())
    for number in range(3):
        anna.video(desk.file("video", f"{number}.mp4"))
    await desk.batch(anna, 3)


async def test_a_download_that_is_cut_goes_on_where_it_stopped(desk: Desk) -> None:
    anna = await desk.anna()
    path = desk.file("video", "one.mp4")
    anna.video(path)
    next(iter(desk.telegram.state.files.values())).cut = 2
    batch = await desk.batch(anna, 1, voice=False)
    size = path.stat().st_size
    assert desk.telegram.state.ranges == [0, size // 2, size // 2 + (size - size // 2) // 2]
    kept = desk.room.storage.file(batch.owner.owner, batch.items[0].template.sha256)
    assert kept.read_bytes() == path.read_bytes()


async def test_a_wait_that_telegram_asks_for_is_no_try(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "PATIENT", Policy(pauses=(0.05,), longest=0.01, waits=4))
    anna = await desk.anna()
    desk.telegram.fault("getFile", retry_after=1, times=2)
    desk.telegram.fault("file", retry_after=1, times=2)
    anna.video(desk.file("video", "one.mp4"))
    await desk.batch(anna, 1, voice=False)
    asked = [call.at for call in desk.telegram.calls("getFile")]
    assert min(later - earlier for earlier, later in pairwise(asked)) >= 1


async def test_a_voice_note_that_never_comes_is_not_called_by_the_name_it_lacks(desk: Desk) -> None:
    anna = await desk.anna()
    desk.telegram.fault("file", code=404, times=3)
    anna.voice(desk.voice())
    await desk.says(anna, "This file could not be fetched from Telegram. Please send it again.")


async def test_a_download_that_never_works_is_told_and_costs_nothing_else(desk: Desk) -> None:
    anna = await desk.anna()
    desk.telegram.fault("file", code=404, times=3)
    update = anna.video(desk.file("video", "gone.mp4"))
    said = await desk.says(anna, "“gone.mp4” could not be fetched from Telegram. Please send it again.")
    assert said.reply_to == update["message"]["message_id"]
    anna.video(desk.file("video", "next.mp4"))
    await desk.batch(anna, 1, voice=False)


async def test_hostile_names_are_shown_as_they_are_and_format_nothing(desk: Desk) -> None:
    anna = await desk.anna()
    anna.video(desk.file("video"), file_name="<b>*_[x](tg://user?id=1)`\u202egpj.mp4")
    batch = await desk.batch(anna, 1, voice=False)
    await desk.says(anna, batch.items[0].template.name)
    for call in desk.telegram.calls("sendMessage"):
        assert "parse_mode" not in call.parameters
        assert call.parameters["link_preview_options"] == '{"is_disabled": true}'


async def test_people_are_answered_in_the_language_of_their_app(desk: Desk) -> None:
    anna, li = await desk.anna(), await desk.welcome(desk.telegram.private(desk.telegram.person("Li", "zh-hant")))
    nobody: Chat = await desk.welcome(desk.telegram.private(desk.telegram.person("Nobody", None)))
    for chat, expected in ((anna, "Send me a voice"), (li, "把声音和视频发给我就行"), (nobody, "Send me a voice")):
        chat.say("hello")
        await desk.says(chat, expected)
    anna.say("/settings language zh")
    await desk.says(anna, "语言：中文")
    anna.say("hello")
    await desk.says(anna, "把声音和视频发给我就行")


async def test_saved_templates_are_listed_with_what_they_look_like(desk: Desk, tmp_path: Path) -> None:
    anna = await desk.anna()
    anna.video(desk.file("video", "anna.mp4"))
    await desk.batch(anna, 1, voice=False)
    anna.say("/templates save anna")
    await desk.says(anna, "Saved as “anna”.")
    for kept in (await desk.room.people.templates(Person(platform="telegram", id=str(anna.id)))).values():
        make_video(tmp_path / "face.mp4")
        desk.room.storage.file(kept.owner, kept.sha256).write_bytes((tmp_path / "face.mp4").read_bytes())
    anna.say("/templates")
    listed = await desk.says(anna, "1. anna (0:02)")
    assert (listed.photo[0]["width"], listed.photo[0]["height"]) == (240, 240)
    assert "anna" in listed.labels
    anna.press("anna")
    await desk.toasts("“anna.mp4” is already in this batch as number 1.")
    refusal = "Bad Request: not enough rights to send photos to the chat"
    desk.telegram.fault("sendPhoto", code=400, description=refusal)
    anna.say("/templates")
    assert (await desk.says(anna, "1. anna (0:02)", times=2)).photo == [], "words go where pictures may not"


async def test_templates_that_nothing_can_be_seen_of_are_listed_in_words(desk: Desk) -> None:
    anna = await desk.anna()
    anna.video(desk.file("video", "anna.mp4"))  # words, no video
    await desk.batch(anna, 1, voice=False)
    anna.say("/templates save anna")
    await desk.says(anna, "Saved as “anna”.")
    anna.say("/templates")
    assert (await desk.says(anna, "1. anna (0:02)")).photo == []
