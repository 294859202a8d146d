"""Where lines come from: a terminal with the live status below the prompt, or a script on stdin."""

import asyncio
import sys
import threading
from typing import Protocol

from prompt_toolkit import PromptSession
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.patch_stdout import patch_stdout

from bot.console.screen import ConsoleScreen
from bot.dialogue.status import StatusView

_ROWS = 6  # of the status below the prompt


class Keyboard(Protocol):
    async def line(self) -> str | None:
        """The next line; None at the end."""
        ...


class Prompt:
    """A line editor; what is printed meanwhile appears above it."""

    def __init__(self, screen: ConsoleScreen, you: str) -> None:
        self._session: PromptSession[str] = PromptSession(bottom_toolbar=lambda: _toolbar(screen.running))
        self._you = you
        screen.changed = self._session.app.invalidate

    async def line(self) -> str | None:
        try:
            with patch_stdout(raw=True):
                return await self._session.prompt_async(FormattedText([("bold ansigreen", f"{self._you} ▸ ")]))
        except (EOFError, KeyboardInterrupt):
            return None


class Script:
    """Lines of stdin, read by a thread so that a slow pipe does not stop the status."""

    def __init__(self) -> None:
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, daemon=True).start()

    async def line(self) -> str | None:
        return await self._lines.get()

    def _read(self) -> None:
        for line in sys.stdin:
            self._loop.call_soon_threadsafe(self._lines.put_nowait, line.rstrip("\r\n"))
        self._loop.call_soon_threadsafe(self._lines.put_nowait, None)


def _toolbar(view: StatusView | None) -> FormattedText | None:
    if view is None:
        return None
    at_work = [row.text for row in view.rows if row.glyph == "🔄"][:_ROWS]
    return FormattedText([("noreverse", "\n".join([view.title, *at_work, view.bar, *view.notes]))])
