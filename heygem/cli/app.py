"""The command tree. Whatever goes wrong in a command ends in `heygem.cli.failures`."""

import os
import signal
import sys
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.streams import show_anything
from heygem.cli import batch, demo, doctor, models, processes, render, studio
from heygem.cli.failures import fail, log_into_file, understood

app = typer.Typer(
    name="heygem",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
app.command("render")(render.render)
app.command("batch")(batch.batch)
app.command("demo")(demo.demo)
app.command("up")(processes.up)
app.command("chat")(processes.chat)
app.command("worker")(processes.worker)
app.command("web")(processes.web)
app.command("doctor")(doctor.doctor)
app.add_typer(models.app, name="models")
app.add_typer(studio.app, name="studio")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"heygem {version('heygem-bot')}")
        raise typer.Exit


@app.callback()
def _heygem(
    _: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """One voice, many faces: make everyone in your template videos speak one recording."""


def main() -> None:
    """Run the command line.

    The exit code is the command's; else 1 for a failure, 2 for a command that can't be right, 128 + n when signal n
    stopped it.
    """
    # BLAS threads spin against the encoder's: 50 ms instead of 5 ms a frame. Must stand before numpy loads.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # not under nohup
            signal.signal(number, _stop)
    show_anything()
    try:
        _require_working_folder()
        log_into_file()
        sys.exit(app(sys.argv[1:] or ["--help"], prog_name="heygem", standalone_mode=False))
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(128 + signal.SIGINT)
    except typer.TyperException as error:
        fail(HeygemError(ErrorCode.BAD_USAGE, reason=error.format_message()))
    except Exception as error:
        fail(understood(error))


def _require_working_folder() -> None:
    """In a folder that somebody removed no relative path leads anywhere, ours to settings and data included."""
    try:
        Path.cwd()
    except OSError:
        raise HeygemError(ErrorCode.FOLDER_MISSING, name=os.environ.get("PWD", ".")) from None


def _stop(number: int, _: FrameType | None) -> None:
    """End as after Ctrl-C: half-written files go, child processes are stopped."""
    sys.exit(128 + number)
