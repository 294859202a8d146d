"""Progress bars on stderr: stdout stays for results."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from heygem.engines.base import Progress as Report
from heygem.engines.base import Stage

STDERR = Console(stderr=True, soft_wrap=True, highlight=False)

_JOINERS = "\u200c\u200d"  # inside Persian words and emoji families
_MARKS = {"done": Text("✓ ", "green"), "failed": Text("✗ ", "red"), "": Text("")}

_WORDS: dict[Stage, str] = {
    "probe": "looking at the files",
    "listen": "listening to the voice",
    "analyze": "finding the face",
    "generate": "making the video",
}


def one_line(words: str) -> str:
    """Without line breaks, escape sequences and direction changes: `words` may hold anybody's file names."""
    return "".join(char if char.isprintable() or char in _JOINERS else " " for char in words)


def say(words: str, mark: Literal["done", "failed", ""] = "") -> None:
    """One line on stderr; nothing in `words` is markup."""
    STDERR.print(_MARKS[mark] + one_line(words))


@contextmanager
def bar(title: str) -> Iterator[Callable[[Report], None]]:
    """One bar for one render; yields what takes the engine's reports."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    title = one_line(title)
    with Progress(*columns, console=STDERR, transient=True, disable=not STDERR.is_terminal) as progress:
        task = progress.add_task(escape(title), total=1.0)

        def show(report: Report) -> None:
            words = f"{escape(title)} · {_WORDS[report.stage]}"
            progress.update(task, completed=report.overall, description=words)

        yield show
