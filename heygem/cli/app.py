"""The command tree. Whatever goes wrong in a command ends in `heygem.cli.failures`."""

import os
import signal
import sys
from types import FrameType

import typer

from heygem.cli import batch, demo, doctor, models, processes, render
from heygem.cli.failures import fail, log_into_file, understood
from heygem.errors import ErrorCode, HeygemError

app = typer.Typer(
    name="heygem",
    help="One voice, many faces: make everyone in your template videos speak one recording.",
    add_completion=False,
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


def main() -> None:
    """Run the command line; the exit code is the command's, 1 for a failure, 128 + n when signal n stopped it."""
    # BLAS threads spin against the encoder's: 50 ms instead of 5 ms a frame. Must stand before numpy loads.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # not under nohup
            signal.signal(number, _stop)
    log_into_file()
    try:
        sys.exit(app(sys.argv[1:] or ["--help"], standalone_mode=False))
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(128 + signal.SIGINT)
    except typer.TyperException as error:
        fail(HeygemError(ErrorCode.BAD_USAGE, reason=error.format_message()))
    except Exception as error:
        fail(understood(error))


def _stop(number: int, _: FrameType | None) -> None:
    """End as after Ctrl-C: half-written files go, child processes are stopped."""
    sys.exit(128 + number)
