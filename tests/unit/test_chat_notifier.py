"""Changed batches become edits, one terminal state and one final message, on any platform."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from redis.asyncio import Redis

from bot.chat import follower
from bot.chat.delivery import GoneError, TroubleError, TryLaterError, UncertainError
from bot.chat.notifier import Notifier
from bot.chat.outbox import Deliver
from bot.dialogue import files
from bot.dialogue.announcement import announcement
from bot.dialogue.codec import decode
from bot.dialogue.intents import Cancel
from bot.dialogue.message import Button, LinkButton, Say, ShowStatus
from bot.dialogue.status import StatusView
from bot.dialogue.text import SLASHED, CommandStyle
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.base.tasks import end
from heygem.batches.model import Batch, BatchState, Failure, Item, ItemState, Person, Place
from heygem.batches.outlook import Position
from heygem.links.download import Link
from tests.chatting import Chat, Room, probe_words
from tests.factories import output
from tests.patience import PATIENCE_SECONDS
from tests.unit.test_bot_status import batch as batch_of
from tests.unit.test_bot_status import done, item
from tests.uploading import until as looked


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "probe", probe_words)
    monkeypatch.setattr(follower, "_FOLD_S", 0.0)
    monkeypatch.setattr(follower, "_UNASKED_S", 0.1)
    monkeypatch.setattr(follower, "_RETRY_S", 0.01)
    monkeypatch.setattr(follower, "_UNCERTAIN_S", 0.0001)
    monkeypatch.setattr(follower, "_ELSEWHERE_S", 0.01)


@pytest.fixture
def room(redis: Redis, settings: Settings) -> Room:
    return Room(redis, settings)


@dataclass
class FakeScreen:
    """Keeps what it was told to show; `refuse` holds what the next calls raise."""

    platform: str = "console"
    posts: list[StatusView] = field(default_factory=list)
    edits: list[StatusView] = field(default_factory=list)
    said: list[Say] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    refuse: list[Exception] = field(default_factory=list)

    def style(self, _: Place) -> CommandStyle:
        return SLASHED

    def pace(self, place: Place) -> float:
        return 0.01

    async def post(self, batch: Batch, view: StatusView) -> str:
        self._maybe_refuse()
        self.posts.append(view)
        return f"status-{len(self.posts)}"

    async def edit(self, batch: Batch, view: StatusView) -> None:
        assert batch.status_message == f"status-{len(self.posts)}"
        self._maybe_refuse()
        assert [view] != self.edits[-1:], "the same text twice"
        self.edits.append(view)

    async def remove(self, batch: Batch, message: str) -> None:
        self.removed.append(message)

    async def say(self, place: Place, say: Say) -> None:
        self._maybe_refuse()
        self.said.append(say)

    def _maybe_refuse(self) -> None:
        if self.refuse:
            raise self.refuse.pop(0)


@asynccontextmanager
async def notifying(room: Room, screen: FakeScreen, deliver: Deliver | None = None) -> AsyncIterator[Notifier]:
    notifier = Notifier(room.store, room.links, screen, deliver)
    task = asyncio.create_task(notifier.run())
    yield notifier
    await end([task])


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def all_sent(room: Room, batch_id: str) -> None:
    """Wait until the end is told, and no videos are to follow it any more."""

    async def look() -> bool:
        batch = await room.store.get(batch_id)
        return batch.announced and batch.delivered is None

    await looked(look)


async def start(chat: Chat, templates: int = 1) -> str:
    await chat.ready(templates)
    batch = await chat.room.store.collecting(chat.place)
    assert batch is not None
    await chat.say("/generate")
    return batch.id


async def test_a_batch_is_followed_from_its_post_to_its_announcement(room: Room) -> None:
    screen = FakeScreen()
    chat = Chat(room)
    async with notifying(room, screen) as notifier:
        batch_id = await start(chat, templates=2)
        notifier.show(batch_id)
        await until(lambda: screen.posts)
        await room.work(2)
        await until(lambda: screen.said)
        await until(lambda: notifier.shown)
    assert len(screen.posts) <= 2
    shown = screen.edits[-1]
    assert shown.state is BatchState.DONE
    assert shown.title == "1 of 2 videos are ready"
    (said,) = screen.said
    assert "❌ 2. face 2.mp4: No face was found" in said.text
    assert [type(button) for button in said.buttons] == [LinkButton, Button, Button]
    assert shown.buttons[0] == said.buttons[0]
    assert await room.redis.hgetall("heygem:dirty:console") == {}  # type: ignore[misc]


@pytest.mark.parametrize("decided", [False, True])
async def test_the_end_of_a_try_out_offers_the_rest_while_that_can_still_be_decided(
    room: Room, *, decided: bool
) -> None:
    screen, chat = FakeScreen(), Chat(room)
    await chat.ready(templates=3)
    await chat.say("/try")
    whole = await room.store.collecting(chat.place)
    assert whole is not None
    if decided:
        await room.store.delete(whole.id)
    trial = (await room.store.history(chat.person))[0]
    await room.work()
    async with notifying(room, screen) as notifier:
        notifier.show(trial.id)
        await until(lambda: screen.said)
    assert ("This was a try-out." in screen.said[0].text) == (not decided)
    labels = [button.label for button in screen.said[0].buttons]
    assert labels == (["Open the videos"] if decided else ["Open the videos", "Generate"])


async def test_several_requests_within_a_moment_are_one_message(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "_FOLD_S", 0.05)
    screen = FakeScreen()
    chat = Chat(room)
    await chat.ready(templates=3)
    batch = await room.store.collecting(chat.place)
    assert batch is not None
    async with notifying(room, screen) as notifier:
        for _ in range(5):
            notifier.show(batch.id)
        await until(lambda: notifier.shown and screen.posts)
    assert len(screen.posts) == 1
    assert len(screen.posts[0].rows) == 3


async def test_a_button_of_the_status_itself_edits_in_place(room: Room) -> None:
    screen = FakeScreen()
    chat = Chat(room)
    async with notifying(room, screen) as notifier:
        await chat.ready()
        await until(lambda: screen.posts and notifier.shown)
        posts = len(screen.posts)
        batch = await room.store.collecting(chat.place)
        assert batch is not None
        await chat.press_data(f"gen:{batch.id}")
        notifier.show(batch.id, in_place=True)
        await until(lambda: screen.edits and screen.edits[-1].state is BatchState.QUEUED)
        assert len(screen.posts) == posts


async def test_being_told_to_wait_shows_only_the_newest_state_afterwards(room: Room) -> None:
    screen = FakeScreen()
    chat = Chat(room)
    async with notifying(room, screen) as notifier:
        batch_id = await start(chat, templates=3)
        notifier.show(batch_id)
        await until(lambda: screen.posts and notifier.shown)
        edits = len(screen.edits)
        screen.refuse = [TryLaterError(1.0)]
        await room.work(only=1)
        await until(lambda: not screen.refuse)
        await room.work()
        await until(lambda: screen.said)
    assert [view.state for view in screen.edits[edits:]] == [BatchState.DONE]


async def test_a_deleted_status_message_is_posted_anew(room: Room) -> None:
    screen = FakeScreen()
    chat = Chat(room)
    async with notifying(room, screen) as notifier:
        batch_id = await start(chat)
        notifier.show(batch_id)
        await until(lambda: screen.posts and notifier.shown)
        screen.refuse = [GoneError()]
        await room.work()
        await until(lambda: screen.said)
    assert screen.posts[-1].state is BatchState.DONE


async def test_a_status_message_on_no_record_goes_when_it_is_pressed_and_no_other(room: Room) -> None:
    screen, chat = FakeScreen(), Chat(room)
    async with notifying(room, screen) as notifier:
        batch_id = await start(chat)
        notifier.show(batch_id)
        await until(lambda: screen.posts and notifier.shown)
        pressed = (
            ("status-1", "can:{}"),
            ("answer-7", "exp:{}"),
            ("status-0", "what"),
            ("end-of-a-try-out", "gen:{}:tried"),
        )
        for message, pattern in pressed:
            data = pattern.format(batch_id)
            await notifier.tidy(chat.place, message, decode(data, chat.person))
        await notifier.tidy(chat.place.model_copy(update={"chat": "elsewhere"}), "status-0", Cancel(batch_id))
        assert screen.removed == []
        await notifier.tidy(chat.place, "status-0", Cancel(batch_id))
        assert screen.removed == ["status-0"]


async def test_a_bot_that_starts_again_shows_what_ended_meanwhile(room: Room) -> None:
    first, second = FakeScreen(), FakeScreen()
    chat = Chat(room)
    async with notifying(room, first) as notifier:
        await start(chat)
        await until(lambda: first.posts and notifier.shown)
    await room.work()
    second.posts = list(first.posts)
    async with notifying(room, second) as notifier:
        await until(lambda: second.said)
        await until(lambda: notifier.shown)
    assert second.edits[-1].state is BatchState.DONE
    third = FakeScreen(posts=list(second.posts))
    async with notifying(room, third) as notifier:
        await asyncio.sleep(0.5)
    assert (third.edits, third.said) == ([], [])


async def test_a_crash_after_the_final_message_repeats_the_status_but_not_the_message(room: Room) -> None:
    screen = FakeScreen()
    chat = Chat(room)
    batch_id = await start(chat)
    await room.work()
    await room.store.telling.record_announcement(batch_id)  # and then the bot died
    async with notifying(room, screen) as notifier:
        await until(lambda: screen.posts and notifier.shown)
    assert screen.posts[-1].state is BatchState.DONE
    assert screen.said == []


async def test_a_refused_announcement_is_sent_when_the_platform_allows(room: Room) -> None:
    screen = FakeScreen()
    chat = Chat(room)
    async with notifying(room, screen) as notifier:
        await start(chat)
        await until(lambda: screen.posts and notifier.shown)

        async def say_later(place: Place, say: Say) -> None:
            screen.say = FakeScreen.say.__get__(screen)  # type: ignore[method-assign]
            raise TryLaterError(0.05)

        screen.say = say_later  # type: ignore[method-assign]
        await room.work()
        await until(lambda: screen.said)
    assert len(screen.said) == 1


async def test_an_announcement_that_waits_when_the_bot_leaves_is_sent_by_the_next_one(room: Room) -> None:
    screen = FakeScreen()
    chat = Chat(room)
    waiting = asyncio.Event()

    async def refuse(place: Place, say: Say) -> None:
        waiting.set()
        raise TryLaterError(3600)

    async with notifying(room, screen) as notifier:
        await start(chat)
        await until(lambda: screen.posts and notifier.shown)
        screen.say = refuse  # type: ignore[method-assign]
        await room.work()
        await asyncio.wait_for(waiting.wait(), PATIENCE_SECONDS)
    following = FakeScreen(posts=list(screen.posts))
    async with notifying(room, following):
        await until(lambda: following.said)
    assert len(following.said) == 1


@pytest.mark.parametrize("answers", [1, 10])
async def test_an_announcement_whose_answer_is_lost_is_repeated_until_there_is_one(room: Room, answers: int) -> None:
    screen = FakeScreen()
    chat = Chat(room)
    calls = []

    async def lost(place: Place, say: Say) -> None:
        calls.append(say)
        if len(calls) <= answers:
            raise UncertainError

    screen.say = lost  # type: ignore[method-assign]
    async with notifying(room, screen) as notifier:
        batch_id = await start(chat)
        await room.work()
        await until(lambda: calls)
        await until(lambda: notifier.shown)
    assert len(calls) == answers + 1
    assert (await room.store.get(batch_id)).announced


async def test_of_two_terminals_one_says_the_end(room: Room) -> None:
    screens = [FakeScreen(), FakeScreen()]
    chat = Chat(room)
    batch_id = await start(chat)
    await room.work()
    async with notifying(room, screens[0]) as one, notifying(room, screens[1]) as other:
        await until(lambda: screens[0].said or screens[1].said)
        await until(lambda: one.shown and other.shown)
        one.show(batch_id)
        other.show(batch_id)
        await until(lambda: one.shown and other.shown)
    assert len(screens[0].said + screens[1].said) == 1


async def test_videos_that_follow_the_end_go_on_where_a_restart_left_them(room: Room) -> None:
    screen = FakeScreen()
    chat = Chat(room)
    sent: list[int] = []
    third = asyncio.Event()

    async def deliver(batch: Batch, number: int) -> int | None:
        if number == 2 and not third.is_set():
            third.set()
            await asyncio.Event().wait()
        sent.append(number)
        return number + 1 if number < len(batch.finished) - 1 else None

    await start(chat, templates=4)
    await room.work()
    for _ in range(2):
        notifier = Notifier(room.store, room.links, screen, deliver)
        task = asyncio.create_task(notifier.run())
        await asyncio.wait_for(third.wait(), PATIENCE_SECONDS)
        await asyncio.sleep(0.3)
        await end([task])
        screen = FakeScreen(posts=list(screen.posts), said=screen.said)
    assert sent == [0, 1, 2, 3]
    assert len(screen.said) == 1


async def test_videos_that_may_not_have_arrived_are_sent_again_and_those_before_them_are_not(
    room: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.chat.outbox._PAUSE_S", 0.0)
    monkeypatch.setattr("bot.chat.outbox._QUEUE_S", 0.0)
    away = HeygemError(ErrorCode.QUEUE_UNREACHABLE)
    troubles = [TryLaterError(0.0), *[TroubleError(0.0)] * 4, away, UncertainError(), UncertainError()]
    sent: list[int] = []

    async def deliver(batch: Batch, first: int) -> int | None:
        sent.append(first)
        if first == 1 and troubles:
            raise troubles.pop(0)
        return first + 1 if first < len(batch.finished) - 1 else None

    chat, screen = Chat(room), FakeScreen()
    batch_id = await start(chat, templates=3)
    await room.work()
    async with notifying(room, screen, deliver):
        await all_sent(room, batch_id)
    assert sent == [0, *[1] * 9, 2]
    assert len(screen.said) == 1
    assert "Traceback" not in caplog.text


async def test_videos_of_which_no_answer_ever_comes_are_sent_three_times_and_then_left_to_the_link(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chat.outbox._PAUSE_S", 0.0)
    sent: list[int] = []

    async def deliver(_: Batch, first: int) -> int | None:
        sent.append(first)
        raise UncertainError

    chat, screen = Chat(room), FakeScreen()
    batch_id = await start(chat)
    await room.work()
    async with notifying(room, screen, deliver):
        await all_sent(room, batch_id)
    assert sent == [0, 0, 0]


async def test_a_status_that_is_asked_for_is_shown_while_videos_are_being_sent_and_sends_none_again(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    sending, looking, may_send, may_look = (asyncio.Event() for _ in range(4))

    async def deliver(_: Batch, first: int) -> int | None:
        sent.append(first)
        sending.set()
        await may_send.wait()
        return None

    chat, screen = Chat(room), FakeScreen()
    batch_id, position = await start(chat), room.store.outlook.position
    await room.work()
    async with notifying(room, screen, deliver) as notifier:
        await asyncio.wait_for(sending.wait(), PATIENCE_SECONDS)

        async def slow(batch_id: str) -> Position:
            looking.set()
            await may_look.wait()
            return await position(batch_id)

        before = len(screen.posts)
        notifier.show(batch_id)
        await until(lambda: len(screen.posts) == before + 1 and notifier.shown)
        monkeypatch.setattr(room.store.outlook, "position", slow)
        notifier.show(batch_id, in_place=True)
        await asyncio.wait_for(looking.wait(), PATIENCE_SECONDS)
        may_send.set()
        await all_sent(room, batch_id)
        may_look.set()
        await until(lambda: notifier.shown)
        await asyncio.sleep(0.1)
    assert sent == [0]


async def test_a_cancelled_batch_gets_its_terminal_state_and_no_announcement(room: Room) -> None:
    screen = FakeScreen()
    chat = Chat(room)
    async with notifying(room, screen) as notifier:
        await start(chat, templates=2)
        await until(lambda: screen.posts and notifier.shown)
        await room.work(only=1)
        await chat.say("/cancel")
        await until(lambda: screen.edits and screen.edits[-1].state is BatchState.CANCELLED)
        await until(lambda: notifier.shown)
    assert screen.said == []
    assert isinstance(screen.edits[-1].buttons[0], LinkButton)


async def test_the_status_speaks_its_owners_language_as_it_is_now_unless_one_was_chosen_for_it(room: Room) -> None:
    screen, anna = FakeScreen(), Chat(room)
    boris = Chat(room, Person(platform="console", id="boris"), language="zh")

    async def shown(chat: Chat, title: str) -> None:
        await chat.say("/status")
        (status,) = (reply for reply in chat.replies if isinstance(reply, ShowStatus))
        notifier.show(status.batch_id, speaker=status.speaker)
        await until(lambda: notifier.shown)
        assert screen.posts[-1].title == title

    async with notifying(room, screen) as notifier:
        await anna.ready()
        await shown(anna, "Ready to generate")
        await shown(boris, "Ready to generate")
        anna.language = "zh"
        await shown(anna, "可以开始了")
        await anna.say("/settings language en")
        await shown(anna, "Ready to generate")
        await anna.say("/generate")
        await anna.say("/settings language zh")
        await until(lambda: screen.edits and screen.edits[-1].title in ("排队中", "正在生成：0/1"))
        await anna.ready()
        batch = await room.store.collecting(anna.place)
        assert batch is not None
        await anna.press_data(f"set:language:en:{batch.id}")
        await shown(anna, "Ready to generate")


async def test_a_deleted_batch_is_no_longer_followed(room: Room) -> None:
    screen = FakeScreen()
    chat = Chat(room)
    async with notifying(room, screen) as notifier:
        batch_id = await start(chat)
        await until(lambda: screen.posts and notifier.shown)
        await room.store.delete(batch_id)
        notifier.show(batch_id)
        await until(lambda: notifier.shown)
    assert len(screen.posts) == 1


async def test_a_lost_queue_delays_what_is_shown_and_loses_nothing(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = FakeScreen()
    chat = Chat(room)
    get = room.store.get
    away = 3

    async def sometimes(batch_id: str) -> Batch:
        nonlocal away
        away -= 1
        if away > 0:
            raise HeygemError(ErrorCode.QUEUE_UNREACHABLE)
        return await get(batch_id)

    await start(chat)
    await room.work()
    monkeypatch.setattr(room.store, "get", sometimes)
    async with notifying(room, screen):
        await until(lambda: screen.said)
    assert screen.posts[-1].state is BatchState.DONE


async def test_a_batch_whose_first_status_was_never_asked_for_gets_one(room: Room) -> None:
    screen = FakeScreen()
    await Chat(room).ready()  # and then the bot died before it showed anything
    async with notifying(room, screen) as notifier:
        await until(lambda: screen.posts)
        await until(lambda: notifier.shown)
    assert len(screen.posts) == 1


LINK = Link("token", "http://here/b/token", 0.0, 86_400.0, 12_300_000, warning=False)


def said_of(*items: Item, state: BatchState = BatchState.DONE, link: Link | None = LINK) -> str:
    return announcement(batch_of(state, *items), link).text


def test_the_announcement_of_a_whole_success_is_short() -> None:
    text = said_of(done(1), done(2))
    assert text.startswith("Done! Your 2 videos are ready.\n\nSize: 12 MB\nThe link works for 24 hours;")


def test_the_announcement_names_what_failed_and_why() -> None:
    failed = item(2, ItemState.FAILED, failure=Failure(code=ErrorCode.WORKER_LOST, params={"losses": 3}))
    assert "❌ 2. face 2.mp4: The worker was lost 3 times" in said_of(done(1), failed)


def test_the_announcement_of_a_whole_failure_has_no_link() -> None:
    failed = item(1, ItemState.FAILED, failure=Failure(code=ErrorCode.NO_FACE, params={"name": "face 1.mp4"}))
    say = announcement(batch_of(BatchState.FAILED, failed), None)
    assert say.text.startswith("Sorry, the video didn't work out.\n\n❌ 1. face 1.mp4: No face was found")
    assert [button.label for button in say.buttons] == ["Retry what failed", "Same faces, new voice"]


def test_many_failures_are_counted_and_still_fit_a_message() -> None:
    failure = Failure(code=ErrorCode.NO_FACE, params={"name": "x" * 60})
    text = said_of(done(1), *(item(n, ItemState.FAILED, failure=failure) for n in range(2, 101)))
    assert "… and 89 more; manifest.json" in text
    assert len(text) < 4096


def test_what_a_render_could_not_do_is_told_by_names() -> None:
    made = output("1.mp4")
    clear = made.model_copy(update={"result": made.result.model_copy(update={"transparent": True})})
    several = made.model_copy(update={"result": made.result.model_copy(update={"several_faces": True})})
    missing = made.model_copy(update={"result": made.result.model_copy(update={"faces_missing": 20})})
    wordless = made.model_copy(update={"result": made.result.model_copy(update={"subtitles_missing": True})})
    outputs = (several, missing, clear, wordless)
    text = said_of(*(item(n, ItemState.DONE, output=each) for n, each in enumerate(outputs, start=1)), done(5))
    assert "Several faces in face 1.mp4: the largest one speaks." in text
    assert "No mouth to be seen at times in face 2.mp4: those moments stay as they were." in text
    assert "Transparent in places: face 3.mp4. Those places are white." in text
    assert "No subtitles in face 4.mp4: the words are not known. Write them as the caption of the voice." in text


def test_a_large_zip_comes_with_advice() -> None:
    link = Link("token", "http://here/b/token", 0.0, 86_400.0, 2_500_000_000, warning=True)
    assert "That is a large download: 2.5 GB." in said_of(done(1), link=link)


async def test_what_is_being_said_when_we_end_arrives_and_is_not_said_again(room: Room) -> None:
    screen, chat = FakeScreen(), Chat(room)
    asked, may = asyncio.Event(), asyncio.Event()

    async def slow(place: Place, say: Say) -> None:
        asked.set()
        await may.wait()
        screen.said.append(say)

    screen.say = slow  # type: ignore[method-assign]
    async with notifying(room, screen) as notifier:
        batch_id = await start(chat)
        await room.work()
        await asyncio.wait_for(asked.wait(), PATIENCE_SECONDS)
        leaving = asyncio.create_task(notifier.leave())
        may.set()
        await leaving
    assert len(screen.said) == 1
    following = FakeScreen(posts=list(screen.posts))
    async with notifying(room, following) as notifier:
        notifier.show(batch_id)
        await until(lambda: notifier.shown)
    assert following.said == []
