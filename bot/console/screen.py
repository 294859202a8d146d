"""What a terminal shows: what was said, the status, numbered choices."""

from collections.abc import Callable
from itertools import count
from uuid import uuid4

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from bot.console.events import Events
from bot.dialogue.access import CONSOLE
from bot.dialogue.message import AnyButton, Button, LinkButton, Say
from bot.dialogue.status import StatusView
from bot.dialogue.text import SLASHED, Catalogue, CommandStyle
from heygem.batches.model import Batch, BatchState, Place

_PACE_S = 0.2
_INDENT = 2


class ConsoleScreen:
    """A `bot.chat.screen.Screen`. On a live terminal the running status stands below the prompt; else it is lines."""

    platform = CONSOLE

    def __init__(self, console: Console, events: Events, words: Catalogue, *, live: bool) -> None:
        self._console = console
        self._events = events
        self.words = words
        self._live = live
        self._printed: tuple[object, ...] = ()
        self._warned: set[str] = set()  # items
        self._choices: dict[int, Button] = {}
        self._fresh = True
        self._pressed: int | None = None
        self.running: StatusView | None = None
        self.changed: Callable[[], object] = lambda: None

    def style(self, place: Place) -> CommandStyle:  # noqa: ARG002 (the same everywhere)
        return SLASHED

    def pace(self, place: Place) -> float:  # noqa: ARG002 (a terminal is as fast everywhere)
        return _PACE_S

    def next_turn(self, pressed: int | None) -> None:
        """The next choices shown replace those shown before. None gets the number that was pressed just now: the same
        key once more must not be another button.
        """
        self._fresh, self._pressed = True, pressed

    def choice(self, number: int) -> Button | None:
        return self._choices.get(number)

    def heard(self, text: str) -> None:
        """Write down what the person said, where no terminal has shown it."""
        self._console.print(Text(f"{self.words.terminal.you} ▸ ", style="bold green") + Text(text), soft_wrap=True)

    def note(self, text: str) -> None:
        self._console.print(Text(text, style="dim"), soft_wrap=True)

    def answer(self, say: Say) -> None:
        self._events.said("say", say)
        self._print(say.text, say.buttons)

    async def say(self, place: Place, say: Say) -> None:  # noqa: ARG002 (there is one place)
        self._events.said("announcement", say)
        self._print(say.text, say.buttons)

    async def post(self, batch: Batch, view: StatusView) -> str:  # noqa: ARG002 (what scrolled away stays)
        self._events.status(view)
        self._remember(view)
        self._warned |= {row.item for row in view.rows if row.warning}
        self._print(view.text, view.buttons)
        return uuid4().hex

    async def remove(self, batch: Batch, message: str) -> None:
        """What is printed stays."""

    async def edit(self, batch: Batch, view: StatusView) -> None:
        self._events.status(view)
        before, after = self._printed, _milestone(view)
        self._remember(view)
        if view.terminal:
            # The announcement has the link. Where none follows here, since another terminal of the same person had
            # it or the batch was cancelled, the status has.
            told = batch.announced or view.state is BatchState.CANCELLED
            self._print(view.text, view.buttons if told else ())
        elif view.state is BatchState.COLLECTING:
            self._warn(view)
        elif self.running == view and not self._live and after != before:
            self.note(_one_line(view, self.words))

    def _warn(self, view: StatusView) -> None:
        """Of what a first look saw after the status was printed."""
        warned = {row.item: row for row in view.rows if row.warning}
        for item in warned.keys() - self._warned:
            self.note(warned[item].text)
        self._warned |= warned.keys()

    def _remember(self, view: StatusView) -> None:
        self._printed = _milestone(view)
        if view.state in (BatchState.QUEUED, BatchState.RUNNING):
            self.running = view
        elif self.running and self.running.batch_id == view.batch_id:
            self.running = None
        self.changed()

    def _print(self, text: str, shown: tuple[AnyButton, ...]) -> None:
        self._console.print(Text(f"{self.words.terminal.bot} ▸", style="bold cyan"))
        self._indented(Text(text))
        for button in shown:
            if isinstance(button, LinkButton):
                line = Text(f"{button.label}: ", style="bold") + Text(button.url, style=f"underline link {button.url}")
                self._console.print(Text(" " * _INDENT) + line, soft_wrap=True)
        self._offer([button for button in shown if isinstance(button, Button)])

    def _offer(self, offered: list[Button]) -> None:
        if not offered:
            return
        if self._fresh:
            self._choices, self._fresh = {}, False
        free = (number for number in count(max(self._choices, default=0) + 1) if number != self._pressed)
        numbers = dict(zip(free, offered, strict=False))
        self._choices |= numbers
        numbered = [f"[{number}] {button.label}" for number, button in numbers.items()]
        self._indented(Text(self._packed(numbered), style="yellow"))

    def _packed(self, labels: list[str]) -> str:
        """As many side by side as fit; no label is cut in two."""
        lines = labels[:1]
        for label in labels[1:]:
            joined = f"{lines[-1]}   {label}"
            lines[-1:] = [joined] if cell_len(joined) <= self._width else [lines[-1], label]
        return "\n".join(lines)

    @property
    def _width(self) -> int:
        return max(20, self._console.width - _INDENT)

    def _indented(self, text: Text) -> None:
        for line in text.wrap(self._console, self._width):
            line.rstrip()
            self._console.print(Text(" " * _INDENT) + line if line else "", soft_wrap=True)


def _milestone(view: StatusView) -> tuple[object, ...]:
    """What must change before a line is worth printing: percentages alone are not."""
    return view.batch_id, view.state, tuple((row.state, row.note.rstrip("0123456789%")) for row in view.rows)


def _one_line(view: StatusView, words: Catalogue) -> str:
    at_work = [f"{row.number}. {row.note}" for row in view.rows if row.note and row.glyph == "🔄"]
    return "  … " + words.units.separator.join([view.title, *at_work, *([view.bar] if view.bar else [])])
