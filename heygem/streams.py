"""Standard output and error, whatever the terminal or the pipe can show."""

import io
import sys


def show_anything() -> None:
    """What an encoding lacks is written as an escape; nobody's file name ends a command."""
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
