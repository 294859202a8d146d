"""What the Slack front end is made of: text, layout, budgets, requests."""

import asyncio
import json
from typing import cast

import pytest
from redis.asyncio import Redis

from bot.chat.delivery import TryLaterError
from bot.chat.inbox import Envelope, Inbox, Step
from bot.dialogue.codec import button
from bot.dialogue.intents import ChooseVoiceFor
from bot.dialogue.message import BUTTON_DATA_BYTES, Button, LinkButton, Picture, Say
from bot.dialogue.status import Row, StatusView
from bot.slack.arrival import Arrival, read
from bot.slack.blocks import say_blocks, say_text, section, status_blocks, status_text
from bot.slack.budget import Budget, Budgets
from bot.slack.door import Door
from bot.slack.identity import Identity
from bot.slack.mrkdwn import cut, escape, plain, without_mention
from bot.slack.pictures import Pictures, picture, without_pictures
from bot.slack.screen import SlackScreen
from bot.slack.style import style_in
from bot.slack.web import Web
from heygem.base.settings import Settings
from heygem.batches.model import Batch, BatchState, ItemState, MediaFile, Person, Place
from tests.factories import template_info
from tests.fakes.slack.blocks import HOME, check_blocks, texts
from tests.fakes.slack.refusal import Refused
from tests.fakes.slack.workspace import BOT

FILE = MediaFile(owner="o", sha256="0", name="x", info=template_info())


def row(number: int, name: str = "face.mp4", note: str = "") -> Row:
    return Row(number, "🎬", name, note, ItemState.WAITING, FILE, "abcdefghij")


def view(
    *rows: Row,
    state: BatchState = BatchState.COLLECTING,
    shown: tuple[Button | LinkButton, ...] = (),
    title: str = "New batch",
    voice: str = "",
) -> StatusView:
    return StatusView(
        "bcdefghijk", state, title, voice, rows, more="", bar="▰▱", done=0, total=len(rows), buttons=shown
    )


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


# text


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("a &amp;&lt;b&gt; c", "a &<b> c"),
        ("<@U0ZOE|zoe> and <@W1>", "U0ZOE and W1"),
        ("<#C0HALL|hall> <#G1> <!subteam^S1|@team>", "C0HALL G1 @team"),
        ("<https://x.example/a|x.example> <mailto:a@b.c|a@b.c>", "x.example a@b.c"),
        ("<https://x.example/a>", "https://x.example/a"),
        ("&amp;lt;", "&lt;"),
    ],
)
def test_what_a_person_typed_is_understood(said: str, meant: str) -> None:
    assert plain(said) == meant


@pytest.mark.parametrize("text", ["<!channel>", "<@U1>", "a & b", "<https://x|y>", "&lt;!here&gt;"])
def test_escaped_text_says_what_it_said_and_calls_nobody(text: str) -> None:
    assert "<" not in escape(text)
    assert plain(escape(text)) == text


def test_commands_are_told_as_they_are_typed() -> None:
    channel, thread, direct = (style_in(*where, "U0") for where in (("C1", ""), ("C1", "1.1"), ("D1", "1.1")))
    assert [channel.command(word) for word in ("batch", "export", "help")] == ["/batch", "/export", "/batch help"]
    assert [thread.command(word) for word in ("batch", "help")] == ["<@U0> batch", "<@U0> help"]
    assert direct == channel


def test_a_mention_is_taken_out_wherever_it_stands() -> None:
    assert without_mention("<@U0BOT> generate", "U0BOT") == ("generate", True)
    assert without_mention("hey <@U0BOT|bot>!", "U0BOT") == ("hey  !", True)
    assert without_mention("<@U0BOTTLE> generate", "U0BOT") == ("<@U0BOTTLE> generate", False)


def test_nothing_is_cut_inside_an_escaped_character() -> None:
    for limit in range(2, 20):
        shortened = cut(escape("a&b<c>d" * 9), limit)
        assert len(shortened) <= limit
        assert "&" not in plain(shortened).replace("a&b", "").rstrip("…").removesuffix("&")


# layout


def test_a_status_of_any_size_stays_within_slacks_limits() -> None:
    rows = [row(number, "&" * 60, "<" * 3000) for number in range(1, 80)]
    many: tuple[Button | LinkButton, ...] = (
        LinkButton("Open", "https://x/b/t"),
        *(Button("x" * 200, "gen:" + "y" * 60) for _ in range(30)),
    )
    blocks = status_blocks(view(*rows, shown=many, title="t" * 400, voice="v" * 5000), "en", heads_thread=True)
    check_blocks(blocks)
    assert len(blocks) == 50
    assert blocks[-1]["type"] == "actions"
    assert len(status_text(view(title="&" * 5000), "en", heads_thread=True)) <= 4000


ODD = "my_video *a* ~b~ `c` <!channel> <@U0ANNA> & &amp; :smile:.mp4"


def test_names_are_shown_as_they_are_and_call_nobody() -> None:
    status = status_blocks(view(row(1, ODD), voice=f"Voice: {ODD}"), "en", heads_thread=True)
    answer = say_blocks(Say(f"“{ODD}” is out.", (Button(ODD, "gen:x"),)), "U0")
    check_blocks(status + answer)
    assert texts(status).count(ODD) == 2
    assert f"“{ODD}” is out.\n[{ODD}]" in texts(answer)
    assert '"mrkdwn"' not in json.dumps(status + answer)
    heard = status_text(view(row(1, ODD)), "en", heads_thread=True)
    assert heard.startswith("New batch\nDrop the voice and the videos into this message's thread.\n1. my_video *a*")
    assert "<" not in heard + say_text(Say(ODD), "U0")


def test_sentences_of_ours_mention_those_that_they_are_about_and_nobody_else() -> None:
    zoe, hall = Person(platform="slack", id="U0ZOE"), Place(platform="slack", chat="C0HALL")
    far = Person(platform="telegram", id="1")
    said = Say(f"slack:U0ZOE\nhere:slack:C0HALL\ntelegram:1\nsee <@U0> help, {ODD}", mentions=(zoe, hall, far))
    (block,) = blocks = say_blocks(said, "U0")
    check_blocks(blocks)
    assert texts(blocks) == f"<@U0ZOE>\n<#C0HALL>\ntelegram:1\nsee <@U0> help, {ODD}"
    called = [part for part in block["elements"][0]["elements"] if part["type"] != "text"]
    assert [part.get("user_id") or part["channel_id"] for part in called] == ["U0ZOE", "C0HALL", "U0"]
    assert say_text(said, "U0").startswith("<@U0ZOE>\n<#C0HALL>\ntelegram:1\nsee <@U0> help, my_video *a*")
    assert "<@U0ANNA>" not in say_text(said, "U0")


def test_rows_have_a_button_for_their_own_voice_only_while_collecting() -> None:
    collecting = status_blocks(view(row(1)), "en", heads_thread=False)
    running = status_blocks(view(row(1), state=BatchState.RUNNING), "en", heads_thread=False)
    assert "[Own voice]" in texts(collecting)
    assert "[Own voice]" not in texts(running)
    assert "<x>" in texts(running), "what it looks like instead"
    pressed = button("", ChooseVoiceFor("bcdefghijk", "abcdefghij"))
    assert len(pressed.data.encode()) <= BUTTON_DATA_BYTES


def test_a_line_with_a_picture_is_a_section_of_its_own() -> None:
    said = Say("Saved:\n1. anna\n2. boris\n\nUse them.", (), (Picture("1. anna", FILE), Picture("2. boris", FILE)))
    shown = say_blocks(said, "U0")
    assert texts(shown) == "Saved:\n1. anna\n<x>\n2. boris\n<x>\nUse them."
    check_blocks(without_pictures(shown))
    assert texts(without_pictures(shown)) == said.text.replace("\n\n", "\n")


@pytest.mark.parametrize(
    ("address", "reachable"),
    [
        ("https://videos.example.org", True),
        ("http://203.0.113.7:8080", False),  # kept for documentation
        ("http://8.8.8.8:8080", True),
        ("http://192.168.1.5:8080", False),
        ("http://localhost:8080", False),
        ("", False),
    ],
)
async def test_pictures_are_shown_where_slack_can_fetch_them(
    redis: Redis, settings: Settings, address: str, *, reachable: bool
) -> None:
    web = settings.web.model_copy(update={"public_url": address})
    pictures = Pictures(redis, settings.model_copy(update={"web": web}))
    shown = await pictures.filled([section("anna", picture(FILE))])
    urls = [block["accessory"]["image_url"] for block in shown if "accessory" in block]
    assert [url.startswith(f"{address}/t/") and url.endswith("/o/0.jpg") for url in urls] == [True] * reachable
    pictures.refused()
    assert await pictures.filled([section("anna", picture(FILE))]) == [section("anna")]


@pytest.mark.parametrize("length", [1, 2999, 3000, 3001, 9000, 39_000])
def test_a_long_answer_becomes_several_sections(length: int) -> None:
    text = ("word\n" * length)[:length]
    blocks = say_blocks(Say(text), "U0")
    check_blocks(blocks)
    assert texts(blocks).replace("\n", "") == text.replace("\n", "")
    check_blocks(say_blocks(Say("x" * 400_000, tuple(Button("b", "gen:x") for _ in range(60))), "U0"))
    assert len(say_text(Say("&" * 100_000), "U0")) <= 4000


@pytest.mark.parametrize(
    "blocks",
    [
        [],
        [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}],
        [{"type": "section", "text": {"type": "mrkdwn", "text": ""}}],
        [{"type": "actions", "elements": [{"type": "button"}]}],
        [{"type": "actions", "elements": []}],
        [{"type": "context", "elements": []}],
        [{"type": "divider"}] * 51,
        [{"type": "divider", "block_id": "a"}] * 2,
        [{"type": "marquee"}],
    ],
)
def test_the_fake_refuses_what_slack_refuses_as_blocks(blocks: list[dict[str, object]]) -> None:
    with pytest.raises(Refused, match="invalid_blocks"):
        check_blocks(blocks)
    check_blocks([{"type": "divider"}] * 51, HOME)
    check_blocks([section("x")])


# budgets


def test_a_budget_never_lets_more_through_than_it_has_however_many_ask() -> None:
    clock, went = Clock(), []
    budget = Budget(38, 6, clock)
    due = {f"batch {number}": 0.0 for number in range(40)}
    while clock.now < 180:
        for caller, at in due.items():
            if at <= clock.now:
                wait = budget.wait(caller)
                due[caller] = clock.now + (wait or 1.5)
                went += [] if wait else [clock.now]
        clock.now += 0.1
    busiest = max(sum(begin <= at < begin + 60 for at in went) for begin in went)
    assert 38 <= busiest <= 44
    assert len(went) >= 110  # and what it has is used


def test_who_waits_has_a_turn_of_their_own() -> None:
    clock, served = Clock(), {f"batch {number}": 0 for number in range(20)}
    budget, due = Budget(60, 1, clock), dict.fromkeys(served, 0.0)
    while clock.now < 200:
        for caller in reversed(list(served)):
            if due[caller] <= clock.now:
                wait = budget.wait(caller)
                due[caller] = clock.now + (wait or 0.01)
                served[caller] += not wait
        clock.now += 0.01
    assert max(served.values()) - min(served.values()) <= 1


def test_a_refusal_closes_the_budget_for_everybody() -> None:
    clock = Clock()
    budget = Budget(60, 5, clock)
    budget.close(30)
    assert budget.wait("a") == 30
    clock.now = 29.9
    assert budget.wait("b") > 0
    clock.now = 30.0
    assert budget.wait("a") == 0


def test_budgets_nobody_uses_are_forgotten() -> None:
    clock = Clock()
    budgets = Budgets(60, 1, clock)
    for number in range(3000):
        budgets.of(f"C{number}").wait("x")
        clock.now += 2
    assert len(budgets._budgets) <= 1001


class Edits:
    """Stands in for `bot.slack.web.Web`: counts updates, or refuses them."""

    def __init__(self) -> None:
        self.count = 0
        self.busy = 0.0

    async def update(self, *_: object) -> None:
        if self.busy:
            raise TryLaterError(self.busy)
        self.count += 1


def screen_of(edits: Edits) -> SlackScreen:
    return SlackScreen(cast("Web", edits), "U0")


async def edited(screen: SlackScreen, number: int, state: BatchState = BatchState.RUNNING) -> float:
    """0, or after how many seconds it shall be tried again."""
    place, owner = Place(platform="slack", chat="C1", thread="1.1"), Person(platform="slack", id="U1")
    batch = Batch(id=f"batch {number}", owner=owner, place=place, status_message="1.1")
    try:
        await screen.edit(batch, view(row(1), state=state))
    except TryLaterError as later:
        return later.seconds
    return 0


async def test_progress_of_many_batches_waits_and_an_end_does_not() -> None:
    edits = Edits()
    screen = screen_of(edits)
    waits = [await edited(screen, number) for number in range(40)]
    assert 1 <= edits.count <= 10
    assert max(waits) > 45  # the last one's turn comes within a minute's budget
    assert await edited(screen, 99, BatchState.DONE) == 0


async def test_when_slack_says_wait_nobody_asks_again_before() -> None:
    edits = Edits()
    screen = screen_of(edits)
    edits.busy = 30.0
    assert await edited(screen, 1) == 30
    edits.busy = 0.0
    assert await edited(screen, 2) > 29
    assert await edited(screen, 3, BatchState.DONE) > 29
    assert edits.count == 0


# requests


class SlowInbox:
    """It writes the first down last."""

    def __init__(self) -> None:
        self.later = asyncio.Event()

    async def put(self, envelope: Envelope) -> bool:
        if ":1.1:" in envelope.id:
            await self.later.wait()
        self.later.set()
        return ":1.3:" not in envelope.id  # that one was delivered before

    async def answer(self, _: str, handle: Step, __: Step) -> None:
        await handle()


async def test_what_comes_into_one_thread_is_worked_on_in_its_order() -> None:
    handled: list[str] = []

    async def handle(arrival: Arrival) -> None:
        handled.append(arrival.ts)

    door = Door(cast("Inbox", SlowInbox()), handle, handle, BOT, lambda _: None)
    said = [{"type": "message", "channel": "D1", "user": "U1", "text": "x", "ts": f"1.{n}"} for n in range(1, 6)]
    bodies = [{"type": "event_callback", "event_id": event["ts"], "event": event} for event in said]
    answers = await asyncio.gather(*(door.receive(body, 0) for body in bodies))
    await door.leave()
    assert [answer.status for answer in answers] == [200] * 5
    assert handled == ["1.1", "1.2", "1.4", "1.5"]


@pytest.mark.parametrize(
    "event",
    [
        {"subtype": "message_changed", "message": {}},
        {"subtype": "bot_message", "text": "hi"},
        {"bot_id": "B1", "text": f"<@{BOT}> hi"},
        {"user": BOT, "text": f"<@{BOT}> hi"},
        {"user": "USLACKBOT"},
        {"user": None},
        {"ts": None},
        {"text": "to each other"},
        {"files": [{"no": "id"}, "x"]},
        {"files": None, "text": None},
    ],
)
def test_what_is_not_for_us_is_not_heard(event: dict[str, object]) -> None:
    said = {"type": "message", "channel": "C1", "user": "U1", "ts": "1.1", "text": "x"} | event
    assert read({"type": "event_callback", "event": said}, BOT) is None


@pytest.mark.parametrize(
    ("body", "ours"),
    [
        ({"team_id": "T1"}, True),
        ({"team_id": "T2", "authorizations": [{"team_id": "T1"}]}, True),
        ({"team_id": "T2", "context_team_id": "T1"}, True),
        ({"team": {"id": "T1"}, "user": {"team_id": "T2"}}, True),
        ({"team": None, "view": {"app_installed_team_id": "T1"}}, True),
        ({"team_id": "T2", "authorizations": [{"team_id": "T2", "enterprise_id": "E1"}]}, False),
        ({"team": {"id": "T2"}, "user": {"team_id": "T1"}}, False),
        ({}, False),
    ],
)
def test_requests_of_other_workspaces_are_told_apart(body: dict[str, object], ours: bool) -> None:
    assert Identity("U1", "B1", "T1").owns(body) is ours


def test_an_app_of_a_whole_organisation_belongs_to_all_its_workspaces() -> None:
    everywhere = Identity("U1", "B1", "T1", "E1")
    assert everywhere.owns({"team": None, "enterprise": {"id": "E1"}, "user": {"team_id": "T7"}})
    assert everywhere.owns({"team_id": "T7", "authorizations": [{"team_id": None, "enterprise_id": "E1"}]})
    assert not everywhere.owns({"team_id": "T7", "enterprise_id": "E2"})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "event_callback"},
        {"type": "event_callback", "event": {"type": "reaction_added"}},
        {"type": "event_callback", "event": {"type": "app_home_opened", "tab": "messages", "user": "U1"}},
        {"type": "view_submission", "user": {"id": "U1"}},
        {"type": "block_actions", "user": {"id": "U1"}, "actions": []},
        {"type": "block_actions", "user": {"id": "U1"}, "actions": [{"action_id": "open:0"}]},
        {"command": "/status", "user_id": "U1", "channel_id": "C1"},
        {"command": "/batch", "user_id": "", "channel_id": "C1"},
    ],
)
def test_other_requests_are_nothing(body: dict[str, object]) -> None:
    assert read(body, BOT) is None


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("", "/batch"),
        ("help", "/help"),
        ("/help", "/help"),
        ("  history 2 ", "/history 2"),
        ("allow <@U2|z>", "/allow U2"),
    ],
)
def test_what_follows_batch_is_the_command(typed: str, text: str) -> None:
    command = {"command": "/batch", "text": typed, "user_id": "U1", "channel_id": "C1", "trigger_id": "1"}
    arrival = read(command, BOT)
    assert arrival is not None
    assert arrival.text == text
