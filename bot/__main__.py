"""`python -m bot console|web`: one front end per process; each imports only what it needs."""

import argparse
import sys
from collections.abc import Callable
from importlib import import_module

from heygem.errors import HeygemError
from heygem.sentences import explain_error

FRONT_ENDS = ("console", "web")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    parser.add_argument("front_end", choices=FRONT_ENDS)
    arguments, rest = parser.parse_known_args()
    run: Callable[[list[str]], int] = import_module(f"bot.{arguments.front_end}").run
    try:
        return run(rest)
    except HeygemError as error:
        print(f"{explain_error(error)} ({error.code})", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
