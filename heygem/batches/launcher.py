"""Runs a command that dies with its parent: `python launcher.py <parent's pid> <command> …`.

A file of its own that imports nothing of ours, so that it is up in some milliseconds and works under `python -I -S`.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, *command = sys.argv[1:]
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):  # it died before we asked to be told
        sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 (the command is the caller's, no shell)


if __name__ == "__main__":
    main()
