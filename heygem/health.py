"""`python -m heygem.health bot|worker`: exit code 0 if one on this machine is alive; for containers' health checks."""

import asyncio
import socket
import sys

from heygem.batches import keys
from heygem.batches.connection import connect, reaching_queue
from heygem.errors import HeygemError
from heygem.sentences import explain_error
from heygem.settings import Settings, load_settings

_KINDS = {"bot": keys.BOTS, "worker": keys.WORKERS}


async def alive(kind: str, settings: Settings) -> bool:
    """Whether Redis heard of one on this machine a moment ago. Raises QUEUE_UNREACHABLE."""
    redis = connect(settings)
    try:
        with reaching_queue():
            seconds, _ = await redis.time()
            heard: list[str] = await redis.zrangebyscore(_KINDS[kind], seconds, "+inf")
    finally:
        await redis.aclose()
    return any(name.startswith(f"{socket.gethostname()}:") for name in heard)


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
