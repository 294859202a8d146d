"""`python -m bot console|web`: one front end per process, which imports only what it needs."""

import sys

from heygem.errors import HeygemError
from heygem.sentences import explain_error
from heygem.settings import load_settings

_USAGE = "usage: python -m bot console|web [options]"


def main(arguments: list[str]) -> int:
    front_end, *options = arguments or [""]
    try:
        return _run(front_end, options)
    except HeygemError as error:
        print(f"{explain_error(error)} ({error.code})", file=sys.stderr)
        return 1


def _run(front_end: str, options: list[str]) -> int:
    if front_end == "web":
        from bot.web.serve import run as serve

        serve(load_settings())
        return 0
    if front_end == "console":
        from bot.console.app import run as talk

        return talk(load_settings(), options)
    print(_USAGE, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
