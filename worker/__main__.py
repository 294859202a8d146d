"""`python -m worker`: one worker; start as many as the machine can feed."""

import logging
import sys

import uvloop

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.redact import setup_logging
from heygem.base.sentences import explain_error
from heygem.base.settings import Settings, load_settings
from heygem.redis.reachable import require_usable
from worker.service import Service


def main() -> int:
    try:
        settings = load_settings()
        setup_logging(settings.log_level)
        require_usable(settings)
        logging.getLogger("arq").setLevel(logging.WARNING)  # it logs every bell
        uvloop.run(_serve(settings))
    except HeygemError as error:
        print(f"heygem worker: {explain_error(error)} [{error.code}]", file=sys.stderr)
        return 1
    return 0


async def _serve(settings: Settings) -> None:
    try:
        service = Service(settings)
    except ValueError as error:  # redis-py's word for a URL that it can't read; it does not repeat the URL
        raise HeygemError(ErrorCode.BAD_SETTING, setting="redis_url", reason=str(error)) from None
    await service.run()


if __name__ == "__main__":
    sys.exit(main())
