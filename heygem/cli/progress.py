"""Progress bars on stderr: stdout stays for results."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from heygem.engines.base import Progress as Report
from heygem.engines.base import Stage

STDERR = Console(stderr=True)

_WORDS: dict[Stage, str] = {
    "probe": "looking at the files",
    "listen": "listening to the voice",
    "analyze": "finding the face",
    "generate": "making the video",
}
# How much of a render each stage takes on a template never seen, for one bar over all of them.
_STARTS: dict[Stage, float] = {"probe": 0.0, "listen": 0.02, "analyze": 0.10, "generate": 0.35}
_ENDS: dict[Stage, float] = {"probe": 0.02, "listen": 0.10, "analyze": 0.35, "generate": 1.0}


def share_done(report: Report) -> float:
    """The whole render's share done, 0..1."""
    start, end = _STARTS[report.stage], _ENDS[report.stage]
    return start + (end - start) * min(1.0, max(0.0, report.fraction))


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
    with Progress(*columns, console=STDERR, transient=True) as progress:
        task = progress.add_task(title, total=1.0)

        def show(report: Report) -> None:
            progress.update(task, completed=share_done(report), description=f"{title} · {_WORDS[report.stage]}")

        yield show
