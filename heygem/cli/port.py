"""Whether the web page can have its port, found out before anything is said to be up."""

import errno
import socket

import httpx

from heygem.errors import ErrorCode, HeygemError
from heygem.settings import Settings


def require_port(settings: Settings) -> None:
    """Raise PORT_TAKEN, or BAD_SETTING where the address can't be had at all."""
    host, port = settings.web.host, settings.web.port
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise HeygemError(ErrorCode.PORT_TAKEN, port=port, holder=_holder(settings)) from None
        raise HeygemError(ErrorCode.BAD_SETTING, setting="web.host", reason=error.strerror or str(error)) from None


def _holder(settings: Settings) -> str:
    """Who answers where the web page should be."""
    try:
        answer = httpx.get(f"{settings.web.model_copy(update={'public_url': ''}).base_url}/healthz", timeout=2)
        ours = isinstance(answer.json(), dict) and "redis" in answer.json()
    except (httpx.HTTPError, ValueError):
        ours = False
    return "a HeyGem Bot that is up already" if ours else "another program"
