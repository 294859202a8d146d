"""Standard output and error, whatever the terminal or the pipe can show."""

import io
import os
import sys


def show_anything() -> None:
    """What an encoding lacks is written as an escape; nobody's file name ends a command."""
    _open_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def shows(text: str) -> bool:
    """Whether standard output and error can both show it."""
    try:
        for stream in (sys.stdout, sys.stderr):
            text.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _open_closed() -> None:
    """Lead to nowhere what was closed by whoever started us: the next file opened would take its place, and what a
    library prints would go into that.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    sys.stdin = sys.stdin or open(0)  # noqa: SIM115 (for as long as we live)
    sys.stdout = sys.stdout or open(1, "w")  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w")  # noqa: SIM115
