"""Standard output and error, whatever the terminal or the pipe can show."""

import io
import os
import sys


def show_anything() -> None:
    """What an encoding lacks is written as an escape; nobody's file name ends a command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def nobody_reads() -> None:
    """The reader of stdout has gone: what is still to be written at the end goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
