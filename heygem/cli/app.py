"""The command tree, and what every failure looks like: one sentence with its code, never a traceback."""

import logging
import os
import sys

import typer
from click.exceptions import Abort, ClickException, Exit

from heygem.cli import batch, demo, doctor, models, processes, render
from heygem.errors import ErrorCode, HeygemError
from heygem.sentences import explain_error
from heygem.settings import load_settings
from heygem.storage import disk_full, is_disk_full

app = typer.Typer(
    name="heygem",
    help="One voice, many faces: make everyone in your template videos speak one recording.",
    no_args_is_help=True,
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
    """Run the command line; the exit code is the command's, 1 for a failure, 130 when interrupted."""
    # BLAS threads spin against the encoder's: 50 ms instead of 5 ms a frame. Must stand before numpy loads.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        sys.exit(app(standalone_mode=False))
    except HeygemError as error:
        _fail(error)
    except OSError as error:
        _fail(disk_full(0, 0) if is_disk_full(error) else _unexpected(error))
    except (KeyboardInterrupt, Abort):
        sys.exit(130)
    except Exit as error:
        sys.exit(error.exit_code)
    except ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Exception as error:
        _fail(_unexpected(error))


def _unexpected(error: Exception) -> HeygemError:
    logging.getLogger(__name__).debug("unexpected", exc_info=error)
    return HeygemError(ErrorCode.INTERNAL)


def _fail(error: HeygemError) -> None:
    try:
        language = load_settings().language
    except HeygemError:
        language = "en"
    print(f"heygem: {explain_error(error, language)} [{error.code}]", file=sys.stderr)  # noqa: T201
    sys.exit(1)
