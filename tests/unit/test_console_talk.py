"""What a terminal says while a line with many files is worked on."""

from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from bot.console.events import Events
from bot.console.screen import ConsoleScreen
from bot.console.talk import Talk
from bot.dialogue.intents import AddFile, Intent
from bot.dialogue.message import Answer, Said
from bot.dialogue.text import catalogue


class Keys:
    """One line, then the end."""

    def __init__(self, line: str) -> None:
        self.lines = [line]

    async def line(self) -> str | None:
        return self.lines.pop() if self.lines else None


@pytest.mark.parametrize(("seconds", "told"), [(0.0, [1, 2, 3]), (3600.0, [])])
async def test_a_line_with_many_files_says_now_and_then_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, told: list[int]
) -> None:
    monkeypatch.setattr("bot.console.talk._TOLD_S", seconds)
    for number in range(3):
        (tmp_path / f"{number}.mp4").touch()
    taken: list[Intent] = []

    async def do(said: Said, intent: Intent) -> Answer:
        taken.append(intent)
        return Answer()

    bot: Any = SimpleNamespace(store=None, links=None, dialogue=SimpleNamespace(do=do))
    said = StringIO()
    screen = ConsoleScreen(Console(file=said, width=100), Events(None), catalogue("en"), live=True)
    await Talk(bot, screen, "en").hold(Keys(f"{tmp_path}/*.mp4"), echo=False)
    assert [intent.attachment.name for intent in taken if isinstance(intent, AddFile)] == ["0.mp4", "1.mp4", "2.mp4"]
    assert said.getvalue().splitlines() == [f"Looking at file {number} of 3 …" for number in told]
