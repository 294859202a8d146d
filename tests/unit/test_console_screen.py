"""What a terminal shows of a batch that has ended."""

from io import StringIO

import pytest
from rich.console import Console

from bot.console.events import Events
from bot.console.screen import ConsoleScreen
from bot.dialogue.estimate import Queue
from bot.dialogue.message import Button, LinkButton, Say
from bot.dialogue.status import render_status
from bot.dialogue.text import catalogue
from heygem.batches.model import BatchState
from tests.unit.test_bot_status import batch, done, item

LINK = LinkButton("Open the videos", "http://127.0.0.1:8080/b/x")


@pytest.mark.parametrize("announced", [False, True])
async def test_the_link_stands_in_the_status_where_another_terminal_had_the_announcement(*, announced: bool) -> None:
    said = StringIO()
    screen = ConsoleScreen(Console(file=said, width=100), Events(None), catalogue("en"), live=False)
    ended = batch(BatchState.DONE, done(1), announced=announced)
    await screen.edit(ended, render_status(ended, Queue(), link=LINK))
    assert "Your video is ready" in said.getvalue()
    assert (LINK.url in said.getvalue()) == announced


async def test_what_a_first_look_saw_is_told_once_and_not_in_what_is_printed_already() -> None:
    said = StringIO()
    screen = ConsoleScreen(Console(file=said, width=100), Events(None), catalogue("en"), live=False)
    collected = batch(BatchState.COLLECTING, item(1), item(2, faces=0))
    await screen.post(collected, render_status(collected, Queue()))
    for _ in range(2):
        collected = batch(BatchState.COLLECTING, item(1, faces=2), item(2, faces=0))
        await screen.edit(collected, render_status(collected, Queue()))
    assert said.getvalue().count("2. face 2.mp4 – 0:20 · ⚠️ no face seen at a first look") == 1
    assert said.getvalue().count("1. face 1.mp4 – 0:20 · ⚠️ several people: the largest face speaks") == 1


async def test_a_key_pressed_twice_is_never_another_button() -> None:
    said = StringIO()
    screen = ConsoleScreen(Console(file=said, width=100), Events(None), catalogue("en"), live=False)
    screen.answer(Say("ready", (Button("Generate", "gen"), Button("Discard", "drop"))))
    assert screen.choice(1) == Button("Generate", "gen")
    screen.next_turn(1)
    screen.answer(Say("on its way", (Button("Cancel", "stop"),)))
    assert screen.choice(1) is None
    assert screen.choice(2) == Button("Cancel", "stop")
    screen.next_turn(None)
    screen.answer(Say("later", (Button("Options", "opt"),)))
    assert screen.choice(1) == Button("Options", "opt")


def test_a_button_stays_in_one_piece_where_the_line_is_full() -> None:
    said = StringIO()
    screen = ConsoleScreen(Console(file=said, width=28), Events(None), catalogue("zh"), live=False)
    screen.answer(Say("可以", tuple(Button(label, label) for label in ("开始生成", "查看 图片", "选项"))))
    assert said.getvalue().splitlines()[-2:] == ["  [1] 开始生成", "  [2] 查看 图片   [3] 选项"]
