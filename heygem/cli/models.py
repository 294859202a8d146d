"""`heygem models`: the files that engines need; `heygem models pull ENGINE`: fetch them."""

import json as jsonlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import MB
from heygem.base.sentences import explain_error
from heygem.base.settings import Settings, load_settings
from heygem.cli.progress import say
from heygem.weights.folder import ModelFolder, engine_folder
from heygem.weights.manifest import FILES, NOTHING, ModelFile
from heygem.weights.pull import pull as fetch

app = typer.Typer(help="The files that engines need: which, from where, what they allow, and whether they are here.")

_COLOURS = {"loads": "green", "here": "green", "missing": "yellow"}


@dataclass(frozen=True)
class Row:
    """One file as it is shown. `state` is loads, here (not tried), missing, or what is wrong with it."""

    engine: str
    file: str
    megabytes: float | None
    licence: str
    origin: str
    state: str


@app.callback(invoke_without_command=True)
def models(
    context: typer.Context,
    quick: Annotated[bool, typer.Option("--quick", help="Look whether files are there, but do not open them.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")] = False,
) -> None:
    """List every engine's files: name, size, licence, where from; which are here, and whether they load."""
    if context.invoked_subcommand:
        return
    settings = load_settings()
    rows = list(_rows(settings, quick))
    if json:
        typer.echo(jsonlib.dumps({"folder": str(settings.models), "files": [asdict(row) for row in rows]}))
        return
    _show(rows)
    for engine, reason in NOTHING.items():
        say(f"{engine}: no files to fetch; {reason}")
    say(f"Folder: {settings.models}. To fetch an engine's files: heygem models pull ENGINE")


@app.command("pull")
def pull(engine: Annotated[str, typer.Argument(help="mesh, musetalk, latentsync, or whisper (for words).")]) -> None:
    """Fetch an engine's files, or what is missing of them. An interrupted download goes on where it stopped."""
    if engine in NOTHING:
        say(f"{engine}: nothing to fetch; {NOTHING[engine]}", "done")
        return
    if engine not in FILES:
        raise HeygemError(ErrorCode.ENGINE_UNKNOWN, engine=engine, allowed=", ".join((*FILES, *NOTHING)))
    folder = engine_folder(load_settings().models, engine)
    for file in FILES[engine]:
        fresh = fetch(folder, file)
        say(f"{file.path} · {file.licence} · {file.origin}{'' if fresh else ' · was here'}", "done")


def _rows(settings: Settings, quick: bool) -> Iterator[Row]:
    for engine, files in FILES.items():
        folder = engine_folder(settings.models, engine)
        for file in files:
            state = _state(folder, file, quick)
            yield Row(engine, file.path, _megabytes(folder, file), file.licence, file.origin, state)


def _state(folder: ModelFolder, file: ModelFile, quick: bool) -> str:
    if folder.missing([file.path]):
        return "missing"
    if quick:
        return "here"
    try:
        if file.package:
            folder.checked(file.path, file.sha256)
            return "here"
        folder.read(file.path) if file.reads_as_weights else folder.json(file.path)
    except HeygemError as error:
        return explain_error(error, door="local")
    return "loads"


def _megabytes(folder: ModelFolder, file: ModelFile) -> float | None:
    """Of the file that is here, else as published."""
    if folder.missing([file.path]):
        return file.megabytes
    return round(folder.path(file.path).stat().st_size / MB, 1)


def _show(rows: list[Row]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("engine", "file", "MB", "state"):
        table.add_column(heading, justify="right" if heading == "MB" else "left", overflow="fold")
    for row in rows:
        size = "?" if row.megabytes is None else f"{row.megabytes:,.0f}" if row.megabytes >= 1 else "<1"
        table.add_row(row.engine, row.file, size, Text(row.state, _COLOURS.get(row.state, "red")))
    console = Console(soft_wrap=True, highlight=False)
    console.print(table)
    console.print()
    for origin, licence in dict.fromkeys((row.origin, row.licence) for row in rows):
        console.print(Text(f"{origin}: {licence}"))
