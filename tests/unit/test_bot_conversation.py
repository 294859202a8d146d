"""The dialogue of one person, from the first word to the link."""

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from bot.dialogue.captions import Reading, reading
from bot.dialogue.intents import AddFile
from bot.dialogue.message import BUTTON_DATA_BYTES, Attachment, Said
from bot.dialogue.names import shown_name
from heygem.base.disk import disk_full
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.batches.model import Batch, BatchState, Person, Place
from heygem.batches.people import Preferences
from heygem.redis.connection import connect
from tests.chatting import Chat, Room
from tests.factories import place

pytestmark = pytest.mark.usefixtures("words_are_media")


@pytest.fixture
def room(redis: Redis, settings: Settings) -> Room:
    return Room(redis, settings)


@pytest.fixture
def chat(room: Room) -> Chat:
    return Chat(room)


async def open_here(chat: Chat) -> Batch:
    batch = await chat.room.store.collecting(chat.place)
    assert batch is not None
    return batch


async def test_one_voice_one_album_and_one_tap_give_a_link(chat: Chat) -> None:
    assert await chat.send("voice 2", "hello.ogg") == ["(status)"]
    assert await chat.send("video 4", "anna.mp4") == ["(status)"]
    assert await chat.send("video 5", "boris.mp4") == ["(status)"]
    batch = await open_here(chat)
    assert await chat.press_data(f"gen:{batch.id}") == [
        "Off we go: 2 videos of 0:02 · less than a minute · zip about 464 KB.",
        "(status)",
    ]
    await chat.room.work()
    assert await chat.say("/export") == [
        "Here are your 2 videos.\n\nSize: 2 KB\nThe link works for 24 hours; /export gives a new one."
    ]
    assert chat.urls()[0].startswith("http://127.0.0.1:8080/b/")


async def test_the_same_in_chinese(chat: Chat) -> None:
    chat.language = "zh-hans"
    await chat.send("voice 2", "hello.ogg")
    await chat.send("video 4", "anna.mp4")
    assert await chat.say("/generate") == ["开始了：1 个视频，时长 0:02 · 不到 1 分钟 · 压缩包约 232 KB。", "(status)"]
    assert (await chat.room.store.latest(chat.place)).language == "zh"  # type: ignore[union-attr]
    await chat.room.work()
    assert await chat.say("/export") == [
        "这是您的 1 个视频。\n\n大小：2 KB\n链接 24 小时内有效，之后可用 /export 重新获取。"
    ]
    assert await chat.say("/nonsense") == ["没有 /nonsense 这个命令，可用命令见 /help。"]


@pytest.mark.parametrize(
    ("language", "characters"),
    [("zh-hans", "auto"), ("zh-TW", "traditional"), ("zh_Hant_HK", "traditional"), ("en-HK", "auto")],
)
async def test_who_reads_traditional_characters_has_them_in_subtitles_unless_others_are_chosen(
    chat: Chat, language: str, characters: str
) -> None:
    chat.language = language
    await chat.say("/batch")
    batch = await chat.room.store.collecting(chat.place)
    assert batch is not None
    assert batch.options.chinese == characters
    await chat.say("/discard")
    await chat.say("/settings chinese simplified")
    await chat.say("/batch")
    batch = await chat.room.store.collecting(chat.place)
    assert batch is not None
    assert batch.options.chinese == "simplified"


@pytest.mark.parametrize(
    ("content", "caption", "voices", "templates"),
    [
        ("voice 2", "", 1, 0),
        ("cover 2", "", 1, 0),
        ("video 2", "", 0, 1),
        ("video 2", "voice", 1, 0),
        ("video 2", " Voice! ", 1, 0),
        ("video 2", "声音", 1, 0),
        ("video 2", "the voice of my boss", 0, 1),
        ("mute 2", "", 0, 1),
        ("still", "", 0, 1),
        ("still", "voice", 0, 1),
    ],
)
async def test_what_a_file_is_decides_where_it_goes(
    chat: Chat, content: str, caption: str, voices: int, templates: int
) -> None:
    await chat.send(content, "file", caption)
    batch = await open_here(chat)
    assert (int(batch.voice is not None), len(batch.items)) == (voices, templates)


@pytest.mark.parametrize("content", ["voice 3", "video 3"])
async def test_a_voice_as_reply_to_a_template_belongs_to_it_alone(chat: Chat, content: str) -> None:
    await chat.send("video 4", "anna.mp4")
    anna = chat.last_id
    await chat.send("video 5", "boris.mp4")
    assert await chat.send(content, "hers.ogg", reply_to=anna) == [
        "Got it: number 1, “anna.mp4”, speaks “hers.ogg”.",
        "(status)",
    ]
    batch = await open_here(chat)
    assert batch.voice is None
    assert [item.voice.name if item.voice else "" for item in batch.items] == ["hers.ogg", ""]


async def test_a_picture_as_reply_to_a_template_is_another_template(chat: Chat) -> None:
    await chat.send("video 4", "anna.mp4")
    await chat.send("still", "portrait.jpg", reply_to=chat.last_id)
    assert len((await open_here(chat)).items) == 2


async def test_a_reply_to_anything_else_is_no_reply_to_a_template(chat: Chat) -> None:
    await chat.send("video 4", "anna.mp4", reply_to="the bot's status message")
    await chat.send("voice 2", "hello.ogg", reply_to="the bot's status message")
    batch = await open_here(chat)
    assert (len(batch.items), batch.voice is not None) == (1, True)


async def test_the_second_voice_replaces_the_first_and_that_is_said(chat: Chat) -> None:
    await chat.send("voice 2 a", "first.ogg")
    assert await chat.send("voice 2 b", "second.ogg") == ["The new voice replaces the one before.", "(status)"]
    voice = (await open_here(chat)).voice
    assert voice is not None
    assert voice.name == "second.ogg"


SPOKEN = "Good morning everyone and welcome to our course. Today we look at how plants drink, and why they need light."


async def test_a_caption_that_must_be_what_is_spoken_is_the_transcript(chat: Chat) -> None:
    said = await chat.send("voice 8", "hello.ogg", SPOKEN)
    assert said == ["I take your caption as the words being spoken. That makes the lips more exact.", "(status)"]
    assert (await open_here(chat)).transcript == SPOKEN
    assert await chat.press("That's not the text") == ["All right, I'll go by the sound alone."]
    assert (await open_here(chat)).transcript == ""
    assert await chat.press("Use the caption as the words spoken") == ["I take your caption as the words being spoken."]
    assert (await open_here(chat)).transcript == SPOKEN


async def test_a_caption_that_may_be_talk_is_used_only_when_the_person_says_so(chat: Chat) -> None:
    said = await chat.send("voice 4", "hello.ogg", "Here is the voice for the onboarding clips")
    assert said[0].startswith("Is your caption what is said in the voice?")
    assert (await open_here(chat)).transcript == ""
    used = chat.buttons()[0].data
    await chat.press("Use the caption as the words spoken")
    assert (await open_here(chat)).transcript == "Here is the voice for the onboarding clips"
    await chat.send("voice 4 b", "other.ogg")
    assert (await open_here(chat)).transcript == ""
    assert await chat.press_data(used) == ["This button is out of date. /status shows where things are."]


async def test_a_caption_is_decided_about_by_who_sent_the_voice_or_leads_the_batch(chat: Chat) -> None:
    people = [Person(platform="telegram", id=number) for number in "123"]
    for person in people:
        await chat.room.access.allow(person)
    team = Place(platform="telegram", chat="-100")
    anna, boris, eva = (Chat(chat.room, person, team, private=False) for person in people)
    await anna.say("/batch")
    await boris.send("voice 8", "hello.ogg", SPOKEN)
    (drop,) = (button.data for button in boris.buttons())
    assert await eva.press_data(drop) == ["Only the person who opened this batch, or an admin, can do that."]
    assert (await open_here(anna)).transcript == SPOKEN
    for each in (boris, anna):
        assert await each.press_data(drop) == ["All right, I'll go by the sound alone."]
        await each.press("Use the caption as the words spoken")
    assert (await open_here(anna)).transcript == SPOKEN


async def test_the_words_of_one_voice_are_not_those_of_the_next(chat: Chat) -> None:
    await chat.send("voice 8 a", "hello.ogg", SPOKEN)
    await chat.send("voice 8 b", "other.ogg")
    assert (await open_here(chat)).transcript == ""


@pytest.mark.parametrize(
    ("caption", "seconds", "meant"),
    [
        ("大家早上好，欢迎来到我们的课程，今天我们来看看植物是怎么喝水的", 7, Reading.SPOKEN),
        ("这是新员工培训用的声音，麻烦大家帮忙看一下效果怎么样，谢谢大家", 7, Reading.PERHAPS),
        ("“Here is my voice”", 2, Reading.SPOKEN),
        ("Please make this for Anna and Boris by Friday", 4, Reading.PERHAPS),
        ("Thanks for coming, see you all next week", 4, Reading.PERHAPS),
        (SPOKEN, 15, Reading.PERHAPS),
        ("here is my voice", 30, Reading.TALK),
        ("voice", 1, Reading.TALK),
        ("", 0.3, Reading.TALK),
        ("word " * 500, 4, Reading.TALK),
    ],
)
def test_a_caption_is_the_words_where_nothing_speaks_against_it(caption: str, seconds: float, meant: Reading) -> None:
    assert reading(caption, seconds) is meant


async def test_what_arrives_after_generate_opens_the_next_batch_and_says_so(chat: Chat) -> None:
    await chat.ready()
    await chat.say("/generate")
    first = await chat.room.store.latest(chat.place)
    assert await chat.send("video 9", "late.mp4") == [
        "Your last batch is already on its way, so this goes into a new one.",
        "(status)",
    ]
    assert await chat.send("video 8", "later.mp4") == ["(status)"]
    batch = await open_here(chat)
    assert first is not None
    assert batch.id != first.id
    assert len((await chat.room.store.get(first.id)).items) == 1


async def test_the_same_update_twice_changes_nothing(chat: Chat) -> None:
    async def fetch(path: Path, limit: int) -> None:
        path.write_text("video 4")

    said, intent = Said(chat.person, chat.place, "update-1"), AddFile(Attachment(fetch, "anna.mp4"))
    assert await chat.tell(said, intent) == ["(status)"]
    assert await chat.tell(said, intent) == []
    assert len((await open_here(chat)).items) == 1
    await chat.send("voice 2", "hello.ogg")
    await chat.say("/generate")
    assert await chat.tell(said, intent) == []  # even when its batch has left the place
    assert await chat.room.store.collecting(chat.place) is None


@pytest.mark.parametrize(
    ("content", "caption", "size", "said"),
    [
        ("what", "", None, "“x.bin” is neither sound nor video nor a picture."),
        ("mute 4", "voice", None, "“x.bin” has no sound, so it can't be the voice."),
        ("voice 0.1", "", None, "“x.bin” lasts only 0.1 s; at least 0.3 s are needed."),
        ("hush 3", "", None, "“x.bin” is silent: nobody can be heard in its 3 s."),
        ("voice 2000", "", None, "“x.bin” lasts 2000 s; the limit is 1800 s."),
        ("video 700", "", None, "“x.bin” lasts 700 s; the limit is 600 s."),
        ("video 4", "", 3_000_000_000, "“x.bin” has 3000 MB; the limit is 2000 MB."),
    ],
)
async def test_a_bad_file_gets_its_sentence_and_changes_nothing(
    chat: Chat, content: str, caption: str, size: int | None, said: str
) -> None:
    assert await chat.send(content, "x.bin", caption, size=size) == [said]
    assert await chat.room.store.latest(chat.place) is None
    assert chat.room.files() == []
    await chat.ready()
    before = await open_here(chat)
    assert await chat.send(content, "x.bin", caption, size=size) == [said]
    assert await open_here(chat) == before
    assert len(chat.room.files()) == 2
    assert not list(chat.room.storage.incoming.iterdir())


async def test_a_duplicate_template_is_refused_with_its_number(chat: Chat) -> None:
    await chat.send("video 4", "anna.mp4")
    assert await chat.send("video 4", "copy.mp4") == ["“copy.mp4” is already in this batch as number 1."]
    assert chat.room.files() == ["video 4"]


async def test_a_full_batch_keeps_nothing_of_what_does_not_fit(redis: Redis, settings: Settings) -> None:
    quotas = settings.quotas.model_copy(update={"templates_per_batch": 1})
    chat = Chat(Room(redis, settings.model_copy(update={"quotas": quotas})))
    await chat.send("video 4", "anna.mp4")
    assert await chat.send("video 5", "boris.mp4") == ["This batch is full: 1 templates at most."]
    assert chat.room.files() == ["video 4"]


async def test_too_many_open_batches_are_refused(redis: Redis, settings: Settings) -> None:
    quotas = settings.quotas.model_copy(update={"open_batches": 1})
    room = Room(redis, settings.model_copy(update={"quotas": quotas}))
    await Chat(room).ready()
    elsewhere = Chat(room, place=place("elsewhere"))
    said = "You already have 1 open batches; the limit is 1. Finish or delete one first."
    assert await elsewhere.send("video 4", "anna.mp4") == [said]


async def test_minutes_of_a_day_are_counted_and_what_is_left_is_said(redis: Redis, settings: Settings) -> None:
    quotas = settings.quotas.model_copy(update={"minutes_per_day": 0.1})
    chat = Chat(Room(redis, settings.model_copy(update={"quotas": quotas})))
    await chat.ready(templates=2)
    assert (await chat.say("/generate"))[0].startswith("Off we go")
    await chat.ready(templates=2)
    assert await chat.say("/generate") == ["This needs 0.1 minutes of video; 0 of your 0.1 are left today."]
    assert (await open_here(chat)).state is BatchState.COLLECTING
    await chat.say("/remove 2")
    assert (await chat.say("/generate"))[0].startswith("Off we go"), "what was refused cost nothing"


async def test_bytes_kept_are_limited(redis: Redis, settings: Settings) -> None:
    quotas = settings.quotas.model_copy(update={"stored_mb": 1})
    chat = Chat(Room(redis, settings.model_copy(update={"quotas": quotas})))
    said = await chat.send("video 4", "anna.mp4", size=2_500_000)
    assert said == ["This needs 3 MB; 1 MB of your 1 MB are left."]
    assert await chat.send("video 4", "anna.mp4", size=7) == ["(status)"]


async def test_a_full_disk_is_told(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fetch(path: Path, limit: int) -> None:
        raise OSError(28, "No space left on device")

    said, intent = Said(chat.person, chat.place, "1"), AddFile(Attachment(fetch, "anna.mp4", size=5))
    assert (await chat.tell(said, intent))[0].startswith("The disk is full:")
    monkeypatch.setattr(
        "heygem.storage.layout.Storage.require_space",
        lambda self, needed: (_ for _ in ()).throw(disk_full(9_000_000, 1_000_000)),
    )
    assert await chat.send("video 4", "anna.mp4") == ["The disk is full: 9 MB are needed and 1 MB are free."]


async def test_a_fault_of_ours_is_an_excuse_and_the_talk_goes_on(chat: Chat, caplog: pytest.LogCaptureFixture) -> None:
    async def fetch(path: Path, limit: int) -> None:
        raise RuntimeError("a bug")

    said, intent = Said(chat.person, chat.place, "1"), AddFile(Attachment(fetch, "anna.mp4"))
    assert await chat.tell(said, intent) == ["Something went wrong on our side. The log has the details."]
    assert "a bug" in caplog.text
    assert await chat.send("video 4", "anna.mp4") == ["(status)"]


async def test_a_queue_that_is_away_is_told_in_the_persons_language(settings: Settings, tmp_path: Path) -> None:
    lost = settings.model_copy(update={"redis_url": SecretStr(f"unix://{tmp_path}/none.sock")})
    redis = connect(lost)
    chat = Chat(Room(redis, lost), language="zh")
    assert await chat.say("/batch") == ["暂时无法连接队列，请稍后再试。"]
    assert await chat.send("video 4", "anna.mp4") == ["暂时无法连接队列，“anna.mp4”没有收下，请稍后重发。"]
    assert chat.error is not None
    assert chat.error.code is ErrorCode.QUEUE_UNREACHABLE
    await redis.aclose()


async def test_generating_needs_a_voice_and_templates(chat: Chat) -> None:
    assert await chat.say("/generate") == ["The voice is still missing. Send a voice note or an audio file."]
    await chat.send("voice 2", "hello.ogg")
    assert await chat.say("/generate") == ["There is no template yet. Send at least one video of a person."]
    await chat.say("/cancel")
    await chat.send("video 4", "anna.mp4")
    assert await chat.say("/generate") == ["The voice is still missing. Send a voice note or an audio file."]


async def test_generating_twice_starts_once(chat: Chat) -> None:
    await chat.ready()
    batch = await open_here(chat)
    await chat.say("/generate")
    assert await chat.press_data(f"gen:{batch.id}") == ["This batch is already on its way.", "(status)"]


async def test_a_zip_above_the_limit_is_warned_of(redis: Redis, settings: Settings) -> None:
    web = settings.web.model_copy(update={"warn_above_mb": 0})
    chat = Chat(Room(redis, settings.model_copy(update={"web": web})))
    await chat.ready()
    assert (await chat.say("/generate"))[1].startswith("The zip will be large: about 232 KB.")


async def test_the_estimate_knows_how_long_a_second_of_video_took_lately(chat: Chat) -> None:
    await chat.room.redis.rpush("heygem:paces", "45", "55")  # type: ignore[misc]
    await chat.ready(templates=2)
    assert (await chat.say("/generate"))[0] == "Off we go: 2 videos of 0:02 · about 3 min · zip about 464 KB."


async def test_the_place_in_the_line_is_known_before_generating(room: Room) -> None:
    other = Chat(room, person=Person(platform="console", id="boris"), place=place("other"))
    await other.ready(templates=3)
    await other.say("/generate")
    chat = Chat(room)
    await chat.ready()
    batch = await open_here(chat)
    assert (await room.store.outlook.position(batch.id)).ahead == 1  # owners take turns
    await chat.say("/generate")
    await chat.ready()
    assert (await room.store.outlook.position((await open_here(chat)).id)).ahead in (2, 3)


async def test_commands_mean_the_batch_that_still_goes_on(chat: Chat) -> None:
    await chat.ready()
    await chat.say("/generate")
    await chat.send("video 9", "late.mp4")
    assert await chat.say("/cancel") == ["The batch is discarded."]
    assert await chat.say("/status") == ["(status)"]
    assert await chat.say("/cancel") == ["Cancelled. Nothing was finished yet."]


@pytest.mark.parametrize("said", ["/remove " + "9" * 5000, "/remove ٣", "/remove -1", "/remove\n7", "/REMOVE 7"])
async def test_numbers_that_can_not_be_are_refused(chat: Chat, said: str) -> None:
    await chat.ready()
    assert (await chat.say(said))[0].startswith(("Which one?", "There is no number"))


async def test_a_template_is_removed_by_number_or_button(chat: Chat) -> None:
    await chat.ready(templates=3)
    assert await chat.say("/remove 2") == ["“face 2.mp4” is out.", "(status)"]
    assert await chat.say("/remove 3") == ["There is no number 3 in this batch."]
    assert await chat.say("/remove x") == ["Which one? Add its number, for example /remove 2."]
    assert await chat.say("/remove") == ["Which one shall go?"]
    await chat.press_data(f"rmm:{(await open_here(chat)).id}")
    assert await chat.press("2. face 3.mp4") == ["“face 3.mp4” is out.", "(status)"]
    assert [item.template.name for item in (await open_here(chat)).items] == ["face 1.mp4"]


async def test_cancel_discards_what_is_collected(chat: Chat) -> None:
    await chat.ready()
    assert await chat.say("/cancel") == ["The batch is discarded."]
    assert await chat.room.store.collecting(chat.place) is None
    assert await chat.say("/cancel") == ["There is nothing to cancel."]


async def test_cancel_keeps_what_is_finished(chat: Chat) -> None:
    await chat.ready(templates=2)
    await chat.say("/generate")
    await chat.room.work(only=1)
    assert await chat.say("/export") == [
        "1 of 2 videos are ready so far.\n\nSize: 2 KB\nThe link works for 24 hours; /export gives a new one."
    ]
    assert await chat.say("/cancel") == ["Cancelled. The 1 finished video stays."]
    assert (await chat.press("Export what's ready"))[0].startswith("Finished: 1 of 2 videos."), "no more is to come"


async def test_status_and_batch_show_the_status(chat: Chat) -> None:
    assert await chat.say("/status") == ["There is no batch here yet. /batch opens one."]
    assert await chat.say("/batch") == ["(status)"]
    assert await chat.say("/status") == ["(status)"]
    assert await chat.say("/status@heygem_bot") == ["(status)"]


async def test_nothing_finished_is_nothing_to_export(chat: Chat) -> None:
    assert await chat.say("/export") == ["Nothing is finished yet, so there is nothing to export."]
    await chat.ready()
    await chat.say("/generate")
    assert await chat.say("/export") == ["Nothing is finished yet, so there is nothing to export."]


async def test_export_finds_the_last_finished_batch_while_the_next_is_collected(chat: Chat) -> None:
    await chat.ready()
    await chat.say("/generate")
    await chat.room.work()
    await chat.say("/batch")
    assert (await chat.say("/export"))[0].startswith("Here is your video.")


@pytest.mark.parametrize(
    "data", ["", "gen", "gen:", "gen:nosuchbatch", "x:y:z", "::::", "rm:k3xabcdefg", "set:nothing:1", "🙈" * 16]
)
async def test_forged_buttons_are_answered_and_change_nothing(chat: Chat, data: str) -> None:
    await chat.ready()
    before = await open_here(chat)
    assert len(await chat.press_data(data)) == 1
    assert await open_here(chat) == before


async def test_every_button_fits_every_platform(chat: Chat) -> None:
    await chat.ready(templates=3)
    await chat.say(f"/templates save {'名' * 40}")
    batch = await open_here(chat)
    for text in ("/settings", "/settings engine", "/templates", "/history", "/history clear", "/history 1", "/forget"):
        await chat.say(text)
        assert all(len(button.data.encode()) <= BUTTON_DATA_BYTES for button in chat.buttons())
    await chat.press_data(f"rmm:{batch.id}")
    assert chat.buttons()
    assert all(len(button.data.encode()) <= BUTTON_DATA_BYTES for button in chat.buttons())


async def test_small_talk_points_to_help(chat: Chat) -> None:
    assert await chat.say("how are you") == [
        "Send me a voice and some videos, and I'll put them together. /help tells more."
    ]
    for command in ("/start", "/help"):
        assert len(await chat.say(command)) == 1


async def test_chosen_settings_are_in_every_new_batch(chat: Chat) -> None:
    chosen = Preferences(language="zh", engine="mesh")
    await chat.room.people.set_preferences(chat.person, chosen)
    assert await chat.say("/cancel") == ["没有可以取消的批次。"]
    await chat.send("voice 2", "hello.ogg")
    batch = await open_here(chat)
    assert (batch.language, batch.engine) == ("zh", "mesh")


async def test_many_chats_do_not_wait_for_one_slow_download(room: Room) -> None:
    released = asyncio.Event()

    async def slow(path: Path, limit: int) -> None:
        await released.wait()
        path.write_text("video 4")

    chat = Chat(room)
    said, intent = Said(chat.person, chat.place, "1"), AddFile(Attachment(slow, "slow.mp4"))
    waiting = asyncio.create_task(room.dialogue.do(said, intent))
    others = [Chat(room, place=place(f"other {number}")) for number in range(3)]
    assert await asyncio.gather(*(other.send("video 4", "fast.mp4") for other in others)) == [["(status)"]] * 3
    assert not waiting.done()
    released.set()
    assert len((await waiting).replies) == 1


async def test_a_stream_longer_than_claimed_is_cut_off(chat: Chat) -> None:
    async def fetch(path: Path, limit: int) -> None:
        raise HeygemError(ErrorCode.TOO_LARGE, name="anna.mp4", actual_mb=2001, limit_mb=2000)

    said, intent = Said(chat.person, chat.place, "1"), AddFile(Attachment(fetch, "anna.mp4", size=5))
    assert await chat.tell(said, intent) == ["“anna.mp4” has 2001 MB; the limit is 2000 MB."]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\clips\\anna.mp4", "anna.mp4"),
        ("a\nb\x00c\u202egpj.mp4", "a b c gpj.mp4"),
        ("", ""),
        ("x" * 100 + ".mp4", "x" * 55 + "….mp4"),
        ("y" * 100, "y" * 59 + "…"),
        ("安娜 👩.mp4", "安娜 👩.mp4"),
        ("👨\u200d👩\u200d👧 family.mp4", "👨\u200d👩\u200d👧 family.mp4"),
        ("👩🏽\u200d🏫" * 30, "👩🏽\u200d🏫" * 14 + "…"),
        ("می\u200cخواهم.mp4", "می\u200cخواهم.mp4"),
        ("\u200dan\u200d\u200dna\u200d \u200c.mp4", "anna .mp4"),
    ],
)
def test_names_are_shown_in_one_harmless_line(name: str, shown: str) -> None:
    assert shown_name(name) == shown


async def test_files_without_a_name_get_one(chat: Chat) -> None:
    await chat.send("voice 2")
    await chat.send("video 4")
    batch = await open_here(chat)
    assert batch.voice is not None
    assert (batch.voice.name, batch.items[0].template.name) == ("voice note", "video 1")
