"""`python -m bot console|slack|telegram|web`: one front end per process, which imports only what it needs.

`python -m bot studio` is for `heygem studio`.
"""

import sys

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.sentences import explain_error
from heygem.base.settings import load_settings
from heygem.redis.reachable import require_usable

_FRONT_ENDS = ("console", "slack", "telegram", "web")
_USAGE = "usage: python -m bot console|slack|telegram|web [options]"


def main(arguments: list[str]) -> int:
    front_end, *options = arguments or [""]
    try:
        return _run(front_end, options)
    except HeygemError as error:
        print(f"{explain_error(error)} ({error.code})", file=sys.stderr)
        return 2 if error.code is ErrorCode.BAD_USAGE else 1


def _run(front_end: str, options: list[str]) -> int:
    if front_end in (*_FRONT_ENDS, "studio"):
        require_usable(load_settings())
    if front_end == "web":
        from bot.api.app import mounted
        from bot.web.serve import run as serve

        serve(load_settings(), mounted(load_settings()))
        return 0
    if front_end == "console":
        from bot.console.app import run as talk

        return talk(load_settings(), options)
    if front_end == "studio":
        from bot.inviting import run as invite

        return invite(load_settings(), options)
    if front_end == "slack":
        return _slack()
    if front_end == "telegram":
        return _telegram()
    print(_USAGE, file=sys.stderr)
    return 2


def _slack() -> int:
    try:
        from bot.slack.app import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("slack_bolt", "slack_sdk", "aiohttp"):
            raise
        raise HeygemError(ErrorCode.EXTRA_MISSING, service="Slack", extra="slack") from None
    return run(load_settings())


def _telegram() -> int:
    try:
        from bot.telegram.app import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("telegram", "tornado"):
            raise
        raise HeygemError(ErrorCode.EXTRA_MISSING, service="Telegram", extra="telegram") from None
    run(load_settings())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
