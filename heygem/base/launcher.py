"""Runs a command that dies with its parent: `python launcher.py <parent's pid> <command> …`.

A file of its own that imports nothing of ours, so that it is up in some milliseconds and works under `python -I -S`.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int, number: signal.Signals) -> None:
    """Have the kernel send this process `number` as soon as `parent`, which started it, is gone, however it goes."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:  # it died before the line above
        os.kill(os.getpid(), number)


def main() -> None:
    parent, *command = sys.argv[1:]
    die_with_parent(int(parent), signal.SIGTERM)
    os.execv(command[0], command)  # noqa: S606 (the command is the caller's, no shell)


if __name__ == "__main__":
    main()
