"""`python -m heygem.health bot|worker`: exit code 0 if one on this machine is alive; for containers' health checks.

A bot that lives and can't work, since its platform can't reach it, is not healthy; a sentence says why.
"""

import asyncio
import socket
import sys

from heygem.base.errors import HeygemError
from heygem.base.sentences import explain_error
from heygem.base.settings import Settings, load_settings
from heygem.redis import keys
from heygem.redis.connection import connect, reaching_queue
from heygem.redis.heartbeat import trouble_of

_KINDS = {"bot": keys.BOTS, "worker": keys.WORKERS}


async def alive(kind: str, settings: Settings) -> bool:
    """Whether Redis heard of one on this machine a moment ago.

    Raises:
        HeygemError: QUEUE_UNREACHABLE, or what one of them says that it can't work for.
    """
    redis = connect(settings)
    try:
        with reaching_queue():
            seconds, _ = await redis.time()
            heard: list[str] = await redis.zrangebyscore(_KINDS[kind], seconds, "+inf")
            here = [name for name in heard if name.startswith(f"{socket.gethostname()}:")]
            troubles = [await trouble_of(redis, name) for name in here]
    finally:
        await redis.aclose()
    for trouble in filter(None, troubles):
        raise trouble
    return bool(here)


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in _KINDS:
        print("usage: python -m heygem.health bot|worker", file=sys.stderr)  # noqa: T201
        return 2
    try:
        return 0 if asyncio.run(alive(arguments[0], load_settings())) else 1
    except HeygemError as error:
        print(f"{explain_error(error, door='local')} [{error.code}]", file=sys.stderr)  # noqa: T201
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
