"""What stays between batches: history, saved templates, settings, and forgetting them."""

import re
import time
from dataclasses import replace

import pytest

from bot.dialogue.codec import encode
from bot.dialogue.intents import AskDeleteTemplate
from bot.dialogue.library import short
from heygem.base.errors import ErrorCode
from heygem.base.sentences import explain
from heygem.batches.model import BatchState, Person, Place
from heygem.batches.people import Preferences
from tests.chatting import Chat
from tests.factories import place
from tests.power import watched_disk

pytestmark = pytest.mark.usefixtures("words_are_media")


async def finished(chat: Chat, templates: int = 1) -> None:
    await chat.ready(templates)
    await chat.say("/generate")
    await chat.room.work()


async def test_what_was_sent_or_saved_survives_a_power_cut_from_the_answer_on(chat: Chat) -> None:
    root = chat.room.settings.data_dir.parent
    with watched_disk() as disk:
        for told in ("voice 2", "video 4", "mute 5", "still"):
            assert await chat.send(told, told) == ["(status)"]
        team = Chat(chat.room, Person(platform="console", id="ben"), place("team"))
        await team.ready()  # the batch is another's: what is saved from it is linked, not sent
        await replace(chat, place=team.place).say("/templates save face")
    kept = list(chat.room.storage.owners.rglob("files/*"))
    assert len(kept) == 4 + 2 + 1
    assert [path for path in kept if not disk.keeps(path, root)] == []


async def test_history_lists_shows_links_and_deletes(chat: Chat) -> None:
    assert await chat.say("/history") == ["No batches yet. /batch opens the first."]
    await finished(chat, templates=2)
    await chat.ready()
    assert await chat.say("/history") == [
        "Your batches, newest first:\n"
        "1. just now · 1 video · open · face 1.mp4 · voice: voice.ogg\n"
        "2. just now · 2 videos · 2 done · face 1.mp4 and 1 more · voice: voice.ogg"
    ]
    assert await chat.press("Show 1") == ["(status)"]
    assert await chat.say("/history 2") == [
        "2. just now · 2 videos · 2 done · face 1.mp4 and 1 more · voice: voice.ogg\n\n1. face 1.mp4\n2. face 2.mp4"
    ]
    assert (await chat.press("New link"))[0].startswith("Here are your 2 videos.")
    link = chat.urls()[0].rpartition("/")[2]
    await chat.say("/history delete 2")
    assert await chat.press("Keep") == ["Fine, nothing was deleted."]
    assert await chat.say("/history delete 2") == [
        "Delete this batch and its videos? Links to it stop working. (2 videos · just now)"
    ]
    assert await chat.press("Delete") == ["Deleted."]
    assert [batch.state for batch in await chat.room.store.history(chat.person)] == [BatchState.COLLECTING]
    with pytest.raises(Exception, match="link_revoked"):
        await chat.room.links.open(link)


async def test_history_clear_deletes_all_that_has_ended(chat: Chat) -> None:
    for _ in range(3):
        await finished(chat)
    await chat.ready()
    await chat.say("/history clear")
    assert await chat.press("Yes, delete all") == ["3 batches deleted."]
    assert len(await chat.room.store.history(chat.person)) == 1
    assert len(chat.room.files()) == 2


async def test_history_clear_reaches_what_is_older_than_the_list(chat: Chat) -> None:
    for _ in range(25):
        await finished(chat)
    for number in range(5):  # newer ones, which go on
        await Chat(chat.room, place=place(f"other {number}")).say("/batch")
    await chat.say("/history clear")
    assert await chat.press("Yes, delete all") == ["25 batches deleted."]


async def test_what_was_discarded_is_not_history(chat: Chat) -> None:
    await chat.ready()
    await chat.say("/cancel")
    assert await chat.say("/history") == ["No batches yet. /batch opens the first."]


@pytest.mark.parametrize("argument", ["9", "delete 9"])
async def test_a_number_that_is_not_in_the_history_is_named(chat: Chat, argument: str) -> None:
    await chat.ready()
    assert await chat.say(f"/history {argument}") == ["You have no past batch number 9. /history lists them."]


@pytest.mark.parametrize("argument", ["0", "delete", "what", "delete all"])
async def test_history_explains_itself(chat: Chat, argument: str) -> None:
    await chat.ready()
    assert await chat.say(f"/history {argument}") == ["Use /history, /history 2, /history delete 2 or /history clear."]


async def test_a_template_is_saved_used_again_and_deleted(chat: Chat) -> None:
    assert (await chat.say("/templates"))[0].startswith("No saved templates yet.")
    assert await chat.say("/templates save anna") == ["There is nothing to save yet. Send a video first."]
    await chat.send("video 4", "anna.mp4")
    assert await chat.say("/templates save anna") == ["Saved as “anna”."]
    assert await chat.say("/templates use anna") == ["“anna.mp4” is already in this batch as number 1."]
    await finished(chat)
    await chat.say("/history clear")
    await chat.press("Yes, delete all")
    await chat.say("/templates")
    assert await chat.press("anna") == ["Added “anna”.", "(status)"]
    assert chat.room.files() == ["video 4"]
    assert await chat.say("/templates delete anna") == ["“anna” is deleted."]
    assert await chat.say("/templates use anna") == ["You have no saved template “anna”. /templates lists them."]


async def test_saved_templates_are_listed_as_people_count(chat: Chat) -> None:
    for name in ("person10", "Person2", "person1"):
        await chat.send(f"video 4 {name}", f"{name}.mp4")
        await chat.say(f"/templates save {name}", reply_to=chat.last_id)
    (listed,) = await chat.say("/templates")
    assert re.findall(r"(?i)\d\. (person\d+)", listed) == ["person1", "Person2", "person10"]


async def test_several_templates_are_saved_and_used_as_a_set(chat: Chat) -> None:
    await chat.ready(templates=3)
    await chat.send("still", "portrait.jpg")
    assert await chat.say("/templates save teachers") == ["Saved 4 templates as the set “teachers”."]
    await chat.say("/cancel")
    assert await chat.say("/templates use teachers") == ["Added 4 templates from “teachers”.", "(status)"]
    assert await chat.say("/templates use teachers") == ["Added 0 templates from “teachers”.", "(status)"]
    batch = await chat.room.store.collecting(chat.place)
    assert batch is not None
    assert [item.template.name for item in batch.items] == ["face 1.mp4", "face 2.mp4", "face 3.mp4", "portrait.jpg"]
    assert "1. teachers (4 videos)" in (await chat.say("/templates"))[0]


async def test_a_reply_saves_the_template_that_it_answers(chat: Chat) -> None:
    await chat.send("video 4", "anna.mp4")
    anna = chat.last_id
    await chat.send("video 5", "boris.mp4")
    assert await chat.say("/templates save anna", reply_to=anna) == ["Saved as “anna”."]
    assert [file.name for file in (await chat.room.people.templates(chat.person)).values()] == ["anna.mp4"]


async def test_saving_under_a_known_name_replaces_the_whole_set(chat: Chat) -> None:
    await chat.ready(templates=3)
    await chat.say("/templates save faces")
    await chat.say("/remove 3")
    assert await chat.say("/templates save faces") == ["Saved 2 templates as the set “faces”."]
    assert list(await chat.room.people.templates(chat.person)) == ["faces/1", "faces/2"]


@pytest.mark.parametrize("name", ["", "a/b", "x" * 41, "a\u202eb"])
async def test_names_of_templates_are_checked(chat: Chat, name: str) -> None:
    await chat.ready()
    assert (await chat.say(f"/templates save {name}"))[0].startswith("Please choose a name")


async def test_saved_templates_get_another_name_and_no_name_twice(chat: Chat) -> None:
    await chat.ready(templates=2)
    await chat.say("/templates save from here to there")
    await chat.say("/templates save ben", reply_to=chat.last_id)

    renamed = "“from here to there” is called “teachers” now."
    assert await chat.say("/templates rename from here to there to teachers") == [renamed]
    assert [name.partition("/")[0] for name in await chat.room.people.templates(chat.person)].count("teachers") > 1
    taken = (await chat.say("/templates rename teachers to ben"))[0]
    assert taken.startswith("You have saved something as “ben” already.")
    assert (await chat.say("/templates rename teachers to a/b"))[0].startswith("Please choose a name")
    assert await chat.say("/templates rename nobody to x") == [
        "You have no saved template “nobody”. /templates lists them."
    ]
    assert "rename anna to ben" in (await chat.say("/templates rename teachers"))[0]


async def test_a_button_asks_before_it_deletes_saved_templates(chat: Chat) -> None:
    await chat.send("video 4", "anna.mp4")
    await chat.say("/templates save anna")
    ask = encode(AskDeleteTemplate(short("anna")))

    assert await chat.press_data(ask) == ["Delete “anna” (0:04)? Batches that use it keep it."]
    assert await chat.press("Keep") == ["Fine, nothing was deleted."]
    await chat.press_data(ask)
    assert await chat.press("Delete") == ["“anna” is deleted."]
    assert await chat.room.people.templates(chat.person) == {}
    await chat.press_data(ask)
    assert chat.error is not None
    assert chat.error.code is ErrorCode.BUTTON_UNKNOWN


async def test_a_saved_template_whose_file_is_gone_is_told(chat: Chat) -> None:
    await chat.send("video 4", "anna.mp4")
    await chat.say("/templates save anna")
    await chat.say("/cancel")
    for path in chat.room.storage.owners.rglob("files/*"):
        path.unlink()
    assert await chat.say("/templates use anna") == ["There is no file “anna.mp4” (any more)."]
    assert await chat.room.store.collecting(chat.place) is None


async def test_settings_are_chosen_by_button_or_typed(chat: Chat) -> None:
    assert "Resolution: as sent" in (await chat.say("/settings"))[0]
    assert await chat.press("Resolution") == ["Resolution is as sent now. Choose:"]
    assert await chat.press("720p") == ["Resolution: 720p, from your next batch on."]
    await chat.ready()
    batch = await chat.room.store.collecting(chat.place)
    assert batch is not None
    assert batch.options.resolution == "720p"
    assert await chat.say("/settings lip_strength 1.25") == [
        "Lip strength: 1.25, for this batch and the next ones.",
        "(status)",
    ]
    assert await chat.say("/settings subtitles on") == ["Subtitles: on, for this batch and the next ones.", "(status)"]
    batch = await chat.room.store.get(batch.id)
    assert (batch.options.resolution, batch.options.lip_strength, batch.options.subtitles) == ("720p", 1.25, "on")


async def test_settings_say_what_an_engine_does_not_mind(chat: Chat) -> None:
    await chat.say("/settings engine latentsync")
    (listed,) = await chat.say("/settings")
    assert "Smoothness: natural (0.5) (no effect with latentsync)" in listed
    assert "Lip strength: natural (1.0)\n" in listed
    await chat.ready()
    batch = await chat.room.store.collecting(chat.place)
    assert batch is not None
    await chat.say("/settings engine mesh")
    await chat.press_data(f"set:engine:musetalk:{batch.id}")
    for data, ends in ((f"set:smoothness:0.25:{batch.id}", "for this batch."), ("set:smoothness:0.75", "next ones.")):
        (said, *_) = await chat.press_data(data)
        assert ("no effect with musetalk" in said) == (batch.id in data), said
        assert said.endswith(ends)


OPTION_OF_BATCH = {
    "Language": ("中文", "language", "zh"),
    "Engine": ("mesh", "engine", "mesh"),
    "Resolution": ("1080p", "resolution", "1080p"),
    "Lip strength": ("strong (1.4)", "lip_strength", 1.4),
    "Smoothness": ("calm (0.75)", "smoothness", 0.75),
    "When the voice is longer": ("hold the last picture", "length_mismatch", "hold"),
    "Photos": ("only the mouth moves", "stills", "frozen"),
    "Subtitles": ("burned into the picture", "subtitles", "burned"),
    "Words": ("not written down, which is quicker", "words", "off"),
    "Chinese subtitles": ("繁體 (traditional)", "chinese", "traditional"),
}


@pytest.mark.parametrize("option", OPTION_OF_BATCH)
async def test_each_option_of_one_batch_is_chosen_by_buttons_and_leaves_the_person_s_settings(
    chat: Chat, option: str
) -> None:
    label, name, value = OPTION_OF_BATCH[option]
    await chat.ready()
    batch = await chat.room.store.collecting(chat.place)
    assert batch is not None
    (title,) = await chat.press_data(f"ops:{batch.id}")
    assert title.startswith("Options of this batch.")
    await chat.press(option)
    assert await chat.press(label) == [f"{option}: {label}, for this batch.", "(status)"]
    batch = await chat.room.store.get(batch.id)
    assert getattr(batch, name, getattr(batch.options, name, None)) == value
    assert await chat.room.people.preferences(chat.person) == Preferences()


async def test_options_of_a_batch_are_its_owners_to_choose_and_end_with_its_start(chat: Chat) -> None:
    team = Place(platform="telegram", chat="-100")
    await chat.room.access.allow(team)
    anna, boris = (replace(chat, person=Person(platform="telegram", id=each), place=team) for each in ("501", "502"))
    await anna.ready()
    batch = await chat.room.store.collecting(team)
    assert batch is not None
    assert await boris.press_data(f"set:resolution:720p:{batch.id}") == [explain(ErrorCode.NOT_YOURS, {}, "en")]
    assert (await anna.press_data(f"set:resolution:4k:{batch.id}"))[0].startswith("“4k” doesn't fit Resolution.")
    await anna.say("/generate")
    assert await anna.press_data(f"set:resolution:720p:{batch.id}") == [explain(ErrorCode.BATCH_STARTED, {}, "en")]
    assert (await chat.room.store.get(batch.id)).options.resolution == "source"


async def test_the_language_changes_at_once_and_stays(chat: Chat) -> None:
    await chat.say("/batch")
    assert await chat.say("/settings language zh") == ["语言：中文，对本批次和之后的批次生效。", "(status)"]
    batch = await chat.room.store.collecting(chat.place)
    assert batch is not None
    assert batch.language == "zh"
    assert await chat.say("/settings resolution") == ["清晰度目前是“与原视频相同”，请选择："]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("/settings lip_strength 9", "“9” doesn't fit Lip strength. Possible: 0.6, 0.8, 1.0, 1.2, 1.4."),
        ("/settings resolution 4k", "“4k” doesn't fit Resolution. Possible: source, 720p, 1080p."),
        ("/settings language fr", "“fr” doesn't fit Language. Possible: en, zh."),
        ("/settings smoothness nan", "“nan” doesn't fit Smoothness. Possible: 0.0, 0.25, 0.5, 0.75, 1.0."),
    ],
)
async def test_values_that_do_not_fit_are_refused(chat: Chat, said: str, answer: str) -> None:
    assert await chat.say(said) == [answer]
    assert (await chat.say("/settings what"))[0].startswith("“what” doesn't fit /settings.")


async def test_forget_asks_first_and_then_leaves_nothing(chat: Chat) -> None:
    await finished(chat)
    await chat.ready()
    await chat.say("/templates save anna")
    await chat.say("/settings language zh")
    await chat.say("/forget")
    assert await chat.press("保留") == ["好的，什么都没删。"]
    assert chat.room.files()
    await chat.say("/forget")
    assert await chat.press("确认清除") == ["已清除，我不再保存您的任何数据。"]
    assert chat.room.files() == []
    assert await chat.room.store.history(chat.person) == []
    assert await chat.room.people.templates(chat.person) == {}
    assert await chat.say("/status") == ["There is no batch here yet. /batch opens one."]


async def test_a_bot_whose_clock_is_wrong_tells_the_right_times(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    await chat.ready()
    await chat.say("/generate")
    await chat.room.work()
    days = 8 * 24 * 3600
    monkeypatch.setattr(time, "time", lambda clock=time.time: clock() + days)
    (exported,) = await chat.say("/export")
    assert "The link works for 24 hours" in exported
    (listed,) = await chat.say("/history")
    assert "just now" in listed
    (asked,) = await chat.say("/history delete 1")
    assert "just now" in asked
