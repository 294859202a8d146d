"""Progress bars on stderr: stdout stays for results."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from heygem.base.streams import shows
from heygem.engines.base import Progress as Report
from heygem.engines.base import RenderResult, Stage

STDERR = Console(stderr=True, soft_wrap=True, highlight=False)

_JOINERS = "\u200c\u200d"  # inside Persian words and emoji families
_MARKS = {"done": ("✓", "ok", "green"), "failed": ("✗", "x", "red"), "open": ("–", "-", "yellow")}

_WORTH_TELLING_S = 5.0

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
    STDERR.print(Text.assemble(tick(mark), " ", one_line(words)) if mark else Text(one_line(words)))


def tick(mark: Literal["done", "failed", "open"]) -> Text:
    """A mark that the terminal can show."""
    sign, plain, colour = _MARKS[mark]
    return Text(sign if shows(sign) else plain, colour)


def print_json(found: Mapping[str, Any]) -> None:
    """One object on one line of stdout, at once; in ASCII, since nobody knows what the other side can read."""
    typer.echo(json.dumps(found))
    sys.stdout.flush()


def say_listening(seconds: float) -> None:
    """Before it begins: nobody else tells how long Whisper will take."""
    if seconds >= _WORTH_TELLING_S:
        say(f"writing down the words takes about {seconds:.0f} s, once for this voice; --words off does without")


def facts(result: RenderResult) -> str:
    return (
        f"{result.duration_s:.1f} s, {result.width}x{result.height}, "
        f"engine {result.engine}, {result.seconds['total']:.1f} s of work"
    )


def notes(result: RenderResult) -> list[str]:
    """What a person should know about a video that was made."""
    found = []
    if result.faces_missing:
        found.append(f"no face in {result.faces_missing} of {result.frames} frames: those stay as they were")
    if result.several_faces:
        found.append("several faces: the largest one speaks")
    if result.transparent:
        found.append("the template is transparent in places: those are white")
    if result.subtitles_missing:
        found.append("no subtitles: the words are not known, or the transcript does not fit the voice")
    return found


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
