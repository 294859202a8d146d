"""Text, keyboards and updates of the Telegram front end, without a network."""

import asyncio
import datetime as dt
from contextlib import nullcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Chat, Document, InlineKeyboardMarkup, Message, MessageEntity, Update, User
from telegram.error import RetryAfter

from bot.chat.delivery import RefusedError
from bot.chat.inbox import Step
from bot.dialogue.codec import button, encode
from bot.dialogue.intents import AddFile, AskDiscard, Claim, Generate, RemoveItem, TryOne
from bot.dialogue.message import BUTTON_DATA_BYTES, Button, LinkButton
from bot.telegram.budget import Budget
from bot.telegram.calls import seconds_of
from bot.telegram.connection import Connection
from bot.telegram.files import Files
from bot.telegram.incoming import place_of_update, read
from bot.telegram.keyboard import Keyboards
from bot.telegram.speaker import bold_title
from bot.telegram.text import LONGEST_TEXT, clean, fit, parts, width
from bot.telegram.turns import Turns
from heygem.base.settings import Telegram

ME = User(7, "HeyGem", is_bot=True, username="heygem_test_bot")
ANNA = User(1, "Anna", is_bot=False, language_code="en")
GROUP = Chat(-100, Chat.SUPERGROUP, title="Team")


@given(st.text(max_size=300), st.integers(8, 60))
def test_pieces_fit_and_lose_nothing_but_blanks(text: str, limit: int) -> None:
    pieces = list(parts(text, limit))
    assert all(0 < width(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert width(fit(text, limit)) <= limit


def test_text_is_cut_between_paragraphs_lines_or_words() -> None:
    assert list(parts("one two\n\nthree four", 12)) == ["one two", "three four"]
    assert list(parts("one two\nthree four", 12)) == ["one two", "three four"]
    assert list(parts("one two three", 8)) == ["one two", "three"]
    assert fit("one two\nthree four", 13) == "one two\n…"
    assert fit("short", 13) == "short"


def test_width_counts_as_telegram_does() -> None:
    assert width("a😀") == 3
    assert list(parts("😀" * LONGEST_TEXT)) == ["😀" * (LONGEST_TEXT // 2)] * 2
    entity = bold_title("😀 Ready\nmore")[0]
    assert (entity.type, entity.offset, entity.length) == (MessageEntity.BOLD, 0, 8)


def test_half_characters_become_whole_ones() -> None:
    assert clean("a\ud83d") == "a\ufffd"
    assert clean("\ud83d\ude00") == "😀"


def rows(markup: InlineKeyboardMarkup | None) -> list[list[str]]:
    assert markup is not None
    return [[button.text for button in row] for row in markup.inline_keyboard]


def test_what_matters_most_and_what_destroys_stand_alone_and_the_rest_side_by_side() -> None:
    shown = (
        button("Generate", Generate("batch")),
        button("Try one first", TryOne("batch")),
        Button("Remove one", "rmm:batch"),
        Button("Options", "ops:batch"),
        button("Discard", AskDiscard("batch")),
        LinkButton("Open the videos", "https://example.org/b/x"),
        Button("New link", "exp:batch"),
    )
    expected = [
        ["Generate"],
        ["Try one first"],
        ["Remove one", "Options"],
        ["Discard"],
        ["Open the videos"],
        ["New link"],
    ]
    assert rows(Keyboards().below(shown)) == expected
    assert rows(Keyboards().below([Button(f"Show {n}", "x") for n in range(5)])) == [
        ["Show 0", "Show 1", "Show 2"],
        ["Show 3", "Show 4"],
    ]
    assert Keyboards().below(()) is None


def test_a_link_that_telegram_takes_in_no_button_is_spelled_out() -> None:
    local, keyboards = LinkButton("Open", "http://localhost:8080/b/x"), Keyboards()
    assert keyboards.below([local]) is None
    assert keyboards.text("Done!", [local]) == "Done!\n\nOpen: http://localhost:8080/b/x"
    assert keyboards.text("x" * 5000, [local]).endswith("…\n\nOpen: http://localhost:8080/b/x")
    assert width(keyboards.text("x" * 5000, [local])) <= LONGEST_TEXT
    assert keyboards.text("Done!", [LinkButton("Open", "http://127.0.0.1:8080/b/x"), Button("a", "b")]) == "Done!"


def test_an_address_that_telegram_refused_is_in_no_button_again() -> None:
    link, keyboards = LinkButton("Open", "http://127.0.0.1:8080/b/x"), Keyboards()
    assert not keyboards.refused(RefusedError("Message is not modified"), [link])
    assert not keyboards.refused(RefusedError("Button_url_invalid"), [Button("a", "b")])
    assert rows(keyboards.below([link])) == [["Open"]]
    assert keyboards.refused(RefusedError("Inline keyboard button URL 'x' is invalid: Wrong HTTP URL"), [link])
    assert keyboards.below([link]) is None
    assert not keyboards.refused(RefusedError("Button_url_invalid"), [link]), "once more would be for ever"


def test_data_of_the_longest_buttons_fits() -> None:
    assert len(encode(RemoveItem("a" * 10, "b" * 10)).encode()) <= BUTTON_DATA_BYTES


def test_a_wait_may_be_a_number_or_a_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    assert seconds_of(RetryAfter(dt.timedelta(seconds=7))) == 7.0
    error = RetryAfter(dt.timedelta(seconds=5))
    monkeypatch.setattr(RetryAfter, "retry_after", 5, raising=False)
    assert seconds_of(error) == 5.0


@pytest.mark.parametrize(
    ("base", "files", "api", "downloads"),
    [
        ("https://api.telegram.org/bot", "", "https://api.telegram.org/bot1:x", "https://api.telegram.org/file/bot1:x"),
        ("http://localhost:8081", "", "http://localhost:8081/bot1:x", "http://localhost:8081/file/bot1:x"),
        ("http://localhost:8081/", "", "http://localhost:8081/bot1:x", "http://localhost:8081/file/bot1:x"),
        ("http://h/bot{token}/test", "", "http://h/bot1:x/test", "http://h/file/bot1:x/test"),
        ("http://h/bot", "http://f/file/bot", "http://h/bot1:x", "http://f/file/bot1:x"),
    ],
)
def test_addresses_may_be_written_in_each_usual_way(base: str, files: str, api: str, downloads: str) -> None:
    connection = Connection("1:x", Telegram(base_url=base, base_file_url=files))
    assert (connection.base_url, connection.base_file_url) == (api, downloads)


# updates


def said(**more: Any) -> Update:
    values: dict[str, Any] = {"chat": GROUP, "from_user": ANNA, "text": "hello", **more}
    return Update(1, message=Message(values.pop("message_id", 5), dt.datetime.now(dt.UTC), **values))


async def understood(update: Update) -> Any:
    files = Files(Connection("1:x", Telegram()), lambda _: nullcontext(), local=False)
    try:
        return read(update, ME, files)
    finally:
        await files.close()


async def test_the_beginning_of_a_topic_is_no_message_that_is_answered() -> None:
    root = Message(3, dt.datetime.now(dt.UTC), GROUP, from_user=ME)
    message, _ = await understood(said(message_thread_id=3, is_topic_message=True, reply_to_message=root))
    assert message.place.thread == "3"
    assert message.reply_to is None
    assert not message.direct


async def test_a_thread_of_replies_is_no_topic() -> None:
    message, _ = await understood(said(message_thread_id=3))
    assert message.place.thread == ""


async def test_a_mention_or_a_command_with_our_name_is_said_to_us() -> None:
    for text, direct in (("@HeyGem_test_bot please", True), ("/batch@heygem_test_bot", True), ("hello", False)):
        message, _ = await understood(said(text=text))
        assert message.direct is direct
    assert await understood(said(text="/batch@other_bot")) is None


@pytest.mark.parametrize(
    ("name", "kind", "taken"),
    [
        ("IMG_1.HEIC", "image/heic", True),
        ("clip.MTS", "model/vnd.mts", True),
        ("clip.ts", "text/vnd.trolltech.linguist", True),
        ("voice.caf", None, True),
        ("old.wmv", "application/vnd.ms-asf", True),
        (None, "image/gif", True),
        ("minutes.pdf", "application/pdf", False),
        ("notes", None, False),
    ],
)
async def test_media_sent_as_a_file_is_looked_into_whatever_it_is_called(
    name: str | None, kind: str | None, *, taken: bool
) -> None:
    document = Document("id", "unique", file_name=name, mime_type=kind)
    found = await understood(said(text=None, document=document))
    assert (found is not None and isinstance(found[1], AddFile)) is taken


async def test_half_characters_in_a_text_reach_nobody() -> None:
    _, intent = await understood(said(text="/claim a\udc00"))
    assert intent == Claim("a\ufffd")


async def test_service_messages_and_other_bots_are_no_messages() -> None:
    assert await understood(said(text=None, new_chat_title="x")) is None
    assert await understood(said(from_user=User(9, "Robot", is_bot=True))) is None
    assert await understood(Update(1)) is None


# order


async def test_one_chats_updates_are_answered_in_order_and_others_beside_them() -> None:
    seen: list[str] = []
    gate = asyncio.Event()

    async def answer(name: str, wait: bool) -> None:
        if wait:
            await gate.wait()
        seen.append(name)

    async def answered(update: Update, handle: Step) -> None:
        await handle()
        seen.append(f"done {update.update_id}")

    turns = Turns(lambda _: None, answered)
    first, second = said(), said(message_id=6)
    other = said(chat=Chat(-200, Chat.SUPERGROUP, title="Other"))
    tasks = [
        asyncio.create_task(turns.process_update(first, answer("first", True))),
        asyncio.create_task(turns.process_update(second, answer("second", False))),
        asyncio.create_task(turns.process_update(other, answer("other", False))),
    ]
    await asyncio.wait([tasks[2]])
    assert seen == ["other", "done 1"]
    gate.set()
    await asyncio.gather(*tasks)
    assert [name for name in seen if not name.startswith("done")] == ["other", "first", "second"]


async def test_at_the_end_what_takes_too_long_is_left_to_the_next_process() -> None:
    answered: list[int] = []

    async def note(update: Update, handle: Step) -> None:
        await handle()
        answered.append(update.update_id)

    turns = Turns(lambda _: None, note)
    task = asyncio.create_task(turns.process_update(said(), asyncio.sleep(60)))
    waiting = asyncio.create_task(turns.process_update(said(message_id=6), asyncio.sleep(60)))
    await asyncio.sleep(0.01)
    await turns.end(0.01)
    assert task.cancelled()
    assert waiting.cancelled()
    await turns.process_update(said(message_id=7), asyncio.sleep(60))
    assert answered == []


def test_an_update_that_we_have_no_use_for_has_no_place() -> None:
    assert place_of_update(Update(1)) is None


def test_an_album_waits_for_room_in_its_chat_and_for_a_minute_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    now, group, private, budget = [0.0], -5, 5, Budget()
    monkeypatch.setattr("bot.telegram.budget._now", lambda: now[0])
    budget.spend(group, 8)
    now[0] = 10
    budget.spend(group, 8)
    assert (budget.wait(group, 4), budget.wait(private, 10)) == (0, 0)
    assert (budget.room(group), budget.room(private)) == (4, 60)
    assert budget.wait(group, 5) == 50
    assert budget.wait(group, 10) == 50, "the first eight leave at once"
    assert budget.wait(group, 13) == 60
    now[0] = 60
    assert budget.wait(group, 10) == 0
    budget.spend(group, 10)
    assert budget.wait(group, 10) == 10
    now[0] = 69
    budget.spend(group, 20)
    now[0] = 119
    assert budget.wait(group, 10) > 0
    now[0] = 120
    assert budget.wait(group, 10) == 0, "others there do not hold it up for ever"
