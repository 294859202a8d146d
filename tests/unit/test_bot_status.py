"""The status message as a function of the record."""

import pytest

from bot.dialogue.estimate import Estimate, Queue, progress, seconds_left
from bot.dialogue.message import BUTTON_DATA_BYTES, Button, LinkButton
from bot.dialogue.status import StatusView, render_status
from heygem.base.errors import ErrorCode
from heygem.batches.model import Batch, BatchState, Failure, Item, ItemState, MediaFile, Output
from heygem.batches.workers import Stall
from heygem.engines.base import RenderOptions
from heygem.media.info import MediaInfo
from tests.factories import ANNA, place, render_result, template_info, voice_info


def media(name: str, info: MediaInfo) -> MediaFile:
    return MediaFile(owner=ANNA.owner, sha256="0" * 64, name=name, info=info)


VOICE = media("hello.ogg", voice_info(12))


def item(number: int, state: ItemState = ItemState.WAITING, **fields: object) -> Item:
    template = media(f"face {number}.mp4", template_info(20))
    return Item.model_validate(
        {
            "id": f"item{number:06}",
            "batch": "k3xabcdefg",
            "number": number,
            "template": template,
            "state": state,
            **fields,
        }
    )


def batch(state: BatchState, *items: Item, voice: MediaFile | None = VOICE, **fields: object) -> Batch:
    queued = 0.0 if state is BatchState.COLLECTING else 1.0
    known = {"id": "k3xabcdefg", "owner": ANNA, "place": place(), "state": state, "voice": voice, "items": list(items)}
    return Batch.model_validate({"queued": queued, **known, **fields})


def labels(view: StatusView) -> list[str]:
    return [button.label for button in view.buttons]


def done(number: int) -> Item:
    """A minute of work for as long a video as the voice is."""
    made = Output(name=f"{number}.mp4", size=5_300_000, crc32=0, result=render_result(12))
    return item(number, ItemState.DONE, output=made, started=100.0, ended=160.0)


def test_an_empty_batch_asks_for_voice_and_templates() -> None:
    view = render_status(batch(BatchState.COLLECTING, voice=None), Queue())
    assert view.text == (
        "New batch\n\nNext: send the voice – a voice note or an audio file.\nNext: send the videos that shall speak."
    )
    assert labels(view) == ["Options"]


def test_a_batch_with_a_voice_asks_for_templates_only() -> None:
    view = render_status(batch(BatchState.COLLECTING), Queue())
    assert view.text == "New batch\n🎤 Voice: hello.ogg, 0:12\n\nNext: send the videos that shall speak."
    assert labels(view) == ["Options", "Discard"]


def test_a_ready_batch_tells_what_it_will_take() -> None:
    view = render_status(batch(BatchState.COLLECTING, item(1), item(2)), Queue(ahead=4, pace=5))
    assert view.title == "Ready to generate"
    assert view.rows[0].text == "🎬 1. face 1.mp4 – 0:20"
    assert view.notes == ("2 videos of 0:12 · about 6 min · zip about 2.8 MB", "4 videos ahead of yours")
    assert labels(view) == ["Generate", "Remove one", "Own voice", "Pictures", "Options", "Discard"]


def test_a_ready_batch_tells_for_how_long_its_words_are_written_down_and_counts_each_voice_once() -> None:
    listened = Queue(pace=5, listening=10)
    two = [item(1), item(2)]
    (note,) = render_status(batch(BatchState.COLLECTING, *two), listened).notes
    assert note == "2 videos of 0:12 · about 4 min · of it about 2 min to write down the words · zip about 2.8 MB"
    own = media("own.ogg", voice_info(12)).model_copy(update={"sha256": "1" * 64})
    assert Estimate.of(batch(BatchState.COLLECTING, item(1), item(2, voice=own)), listened).listening_s == 240
    for unasked in ({"transcript": "Hello."}, {"options": RenderOptions(words="off")}):
        quiet = batch(BatchState.COLLECTING, *two, **unasked)
        assert Estimate.of(quiet, listened).listening_s == 0
        assert "words" not in render_status(quiet, listened).notes[0]


def test_what_is_listened_to_already_is_no_longer_in_the_time_left() -> None:
    queue = Queue(pace=1, listening=10)
    listening = item(1, ItemState.RUNNING, stage="listen", fraction=0.5, started=100.0)
    generating = item(1, ItemState.RUNNING, stage="generate", fraction=0.0, started=100.0)
    left = [seconds_left(batch(BatchState.RUNNING, one, item(2)), queue) for one in (listening, generating, done(1))]
    assert None not in left
    half, none, finished = map(float, filter(None, left))
    assert half > 60 > none
    assert finished == 60, "a minute of work for each video, as the first one took"


def test_one_can_be_tried_before_many_or_long_ones() -> None:
    assert "Try one first" in labels(render_status(batch(BatchState.COLLECTING, *map(item, (1, 2, 3))), Queue()))
    assert "Try one first" not in labels(render_status(batch(BatchState.COLLECTING, item(1), item(2)), Queue()))
    lecture = media("lecture.wav", voice_info(400))
    two = batch(BatchState.COLLECTING, item(1), item(2), voice=lecture)
    assert "Try one first" in labels(render_status(two, Queue()))


def test_items_with_voices_of_their_own_need_none_for_the_batch() -> None:
    own = media("boss.wav", voice_info(30))
    alone = render_status(batch(BatchState.COLLECTING, item(1, voice=own), voice=None), Queue())
    assert (alone.title, alone.voice) == ("Ready to generate", "🎤 Voice: each video has its own")
    assert alone.rows[0].note == "0:20 · speaks “boss.wav”"
    mixed = render_status(batch(BatchState.COLLECTING, item(1, voice=own), item(2)), Queue())
    assert mixed.notes[0].startswith("2 videos of up to 0:30")
    assert (
        render_status(batch(BatchState.COLLECTING, item(1, voice=own), item(2), voice=None), Queue()).title
        == "New batch"
    )


def test_a_queued_batch_shows_its_place_and_time() -> None:
    view = render_status(batch(BatchState.QUEUED, item(1)), Queue(ahead=3, pace=2.5))
    assert view.notes == ("3 videos ahead of yours", "about 2 min left")
    assert (view.bar, labels(view)) == ("▱▱▱▱▱▱▱▱▱▱▱▱ 0%", ["Pause", "Cancel"])
    assert render_status(batch(BatchState.QUEUED, item(1)), Queue()).notes == ("yours is next",)


@pytest.mark.parametrize("state", [BatchState.QUEUED, BatchState.RUNNING])
@pytest.mark.parametrize(("stall", "told"), [(Stall.NO_WORKER, "No machine is at work"), (Stall.ILL, "have trouble")])
def test_a_batch_that_nobody_can_work_on_says_why_it_waits(state: BatchState, stall: Stall, told: str) -> None:
    (note,) = render_status(batch(state, item(1)), Queue(ahead=3, pace=2.5, stall=stall)).notes
    assert told in note
    assert "Nothing is lost" in note


def test_a_running_batch_shows_each_template_and_the_bar() -> None:
    failed = item(3, ItemState.FAILED, failure=Failure(code=ErrorCode.NO_FACE, params={"name": "face 3.mp4"}))
    working = item(2, ItemState.RUNNING, stage="generate", fraction=0.45)
    view = render_status(batch(BatchState.RUNNING, done(1), working, failed, item(4)), Queue())
    assert view.text == (
        "Making your videos: 1 of 4\n🎤 Voice: hello.ogg, 0:12\n\n"
        "✅ 1. face 1.mp4 – 5.3 MB\n"
        "🔄 2. face 2.mp4 – moving the lips 45%\n"
        "❌ 3. face 3.mp4 – No face was found in “face 3.mp4”. Please use a video that shows the speaker's face.\n"
        "⏳ 4. face 4.mp4 – waiting\n\n"
        "▰▰▰▰▰▰▰▱▱▱▱▱ 66%\nabout 1 min left"
    )
    assert view.spoken == (
        "Making your videos: 1 of 4\nVoice: hello.ogg, 0:12\n"
        "1. face 1.mp4 – ready – 5.3 MB\n"
        "2. face 2.mp4 – at work – moving the lips 45%\n"
        "3. face 3.mp4 – failed – No face was found in “face 3.mp4”. "
        "Please use a video that shows the speaker's face.\n4. face 4.mp4 – waiting\n"
        "66%\nabout 1 min left"
    )
    assert labels(view) == ["Export what's ready", "Pause", "Remove one", "Cancel"]


def test_the_same_state_is_told_in_chinese() -> None:
    working = item(2, ItemState.RUNNING, stage="analyze", fraction=0.5)
    view = render_status(batch(BatchState.RUNNING, done(1), working, language="zh"), Queue())
    assert view.text == (
        "正在生成：1/2\n🎤 配音：hello.ogg，0:12\n\n"
        "✅ 1. face 1.mp4 – 5.3 MB\n🔄 2. face 2.mp4 – 识别人脸 50%\n\n"
        "▰▰▰▰▰▰▱▱▱▱▱▱ 57%\n剩余不到 1 分钟"
    )


@pytest.mark.parametrize(
    ("state", "items", "title"),
    [
        (BatchState.DONE, [done(1), done(2)], "Your 2 videos are ready"),
        (BatchState.DONE, [done(1)], "Your video is ready"),
        (BatchState.DONE, [done(1), item(2, ItemState.FAILED)], "1 of 2 videos are ready"),
        (BatchState.FAILED, [item(1, ItemState.FAILED)], "None of the videos worked out"),
        (BatchState.CANCELLED, [done(1), item(2, ItemState.CANCELLED)], "Cancelled, 1 of 2 finished"),
        (BatchState.EXPIRED, [item(1)], "This batch was left unfinished for too long and has expired"),
    ],
)
def test_a_terminal_state_has_its_title_and_its_link(state: BatchState, items: list[Item], title: str) -> None:
    link = LinkButton("Open the videos", "http://example/b/x")
    view = render_status(batch(state, *items), Queue(), link=link)
    assert (view.title, view.terminal, view.bar) == (title, True, "")
    finished = any(each.state is ItemState.DONE for each in items)
    assert [button for button in view.buttons if isinstance(button, LinkButton)] == ([link] if finished else [])


def test_a_batch_given_up_before_it_started_is_discarded() -> None:
    assert render_status(batch(BatchState.CANCELLED, queued=0.0), Queue()).title == "Discarded"


def test_of_many_templates_those_where_something_happens_are_named() -> None:
    items = [done(number) for number in range(1, 50)]
    items += [item(50, ItemState.RUNNING, stage="listen"), item(51, ItemState.FAILED), item(52)]
    view = render_status(batch(BatchState.RUNNING, *items), Queue(), rows=5)
    assert [row.number for row in view.rows] == [1, 2, 50, 51, 52]
    assert view.more == "… and 47 more"
    assert (view.done, view.total) == (49, 52)


def test_a_template_without_a_face_is_seen_before_the_start_however_many_there_are() -> None:
    items = [item(number, faces=1) for number in range(1, 101)]
    items[86] = item(87, faces=0)
    view = render_status(batch(BatchState.COLLECTING, *items), Queue(), rows=5)
    assert [row.number for row in view.rows] == [1, 2, 3, 4, 87]
    assert view.rows[-1].text == "🎬 87. face 87.mp4 – 0:20 · ⚠️ no face seen at a first look"
    assert labels(view)[0] == "Generate"
    started = render_status(batch(BatchState.QUEUED, items[86]), Queue())
    assert started.rows[0].note == "waiting"


def test_a_hundred_templates_fit_a_message_of_any_platform() -> None:
    reason = Failure(code=ErrorCode.NO_FACE, params={"name": "x" * 60})
    items = [
        item(n, ItemState.FAILED, failure=reason, template=media("x" * 60, template_info())) for n in range(1, 101)
    ]
    assert len(render_status(batch(BatchState.RUNNING, *items), Queue()).text) < 4096


def test_button_data_stays_short() -> None:
    for state in BatchState:
        for button in render_status(batch(state, done(1), item(2)), Queue()).buttons:
            assert isinstance(button, Button)
            assert len(button.data.encode()) <= BUTTON_DATA_BYTES


def test_progress_goes_through_the_stages_without_a_step_back() -> None:
    shares = [
        progress(item(1, ItemState.RUNNING, stage=stage, fraction=fraction))
        for stage in ("", "probe", "analyze", "listen", "generate")
        for fraction in (0.0, 1.0)
    ]
    assert shares == sorted(shares)
    assert shares[-1] == progress(done(1)) == 1.0


def test_time_left_comes_from_the_batches_own_items_once_there_are_some() -> None:
    running = batch(BatchState.RUNNING, done(1), item(2), item(3))
    assert seconds_left(running, Queue(pace=999)) == 120
    assert seconds_left(batch(BatchState.RUNNING, item(1), item(2)), Queue(pace=10)) == 10 * (12 + 12)


def test_before_anything_was_rendered_a_video_is_taken_to_need_as_long_as_it_plays() -> None:
    collecting = batch(BatchState.COLLECTING, item(1), item(2))
    assert Estimate.of(collecting, Queue()).seconds == 24
    assert seconds_left(batch(BatchState.RUNNING, item(1)), Queue()) is None, "a guess is not repeated as if measured"


def test_the_estimate_follows_resolution_and_length() -> None:
    source = Estimate.of(batch(BatchState.COLLECTING, item(1)), Queue())
    cut = Estimate.of(
        batch(
            BatchState.COLLECTING,
            item(1),
            options=RenderOptions(length_mismatch="cut"),
            voice=media("v", voice_info(99)),
        ),
        Queue(),
    )
    assert (source.length_s, cut.length_s) == (12, 20)
    assert cut.size > source.size
    huge = template_info(20).model_copy(
        update={"video": template_info().video.model_copy(update={"width": 3840, "height": 2160})}  # type: ignore[union-attr]
    )
    big, small = (
        Estimate.of(
            batch(
                BatchState.COLLECTING, item(1, template=media("4k.mp4", huge)), options=RenderOptions(resolution=side)
            ),
            Queue(),
        ).size
        for side in ("source", "720p")
    )
    assert big > 5 * small


def test_a_status_without_a_link_offers_a_new_one_and_one_video_is_one_in_chinese_too() -> None:
    ended = batch(BatchState.DONE, done(1))
    view = render_status(ended, Queue(), "zh")
    assert view.title == "视频已完成"
    assert [button.label for button in view.buttons] == ["新链接", "同样的人，换语音"]
