"""A socket that listens at an address of the settings, of either family."""

import errno
import os
import socket

from heygem.base.errors import ErrorCode, HeygemError


def listen(host: str, port: int, setting: str, backlog: int = 128) -> socket.socket:
    """`setting` is the pair's common name: "web." for web.host and web.port. Raises BAD_SETTING."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=backlog)
    except OSError as error:
        about_port = error.errno in (errno.EADDRINUSE, errno.EACCES)
        # Python's own words repeat the address; a name that is not known has no number of the system's.
        number = error.errno or 0
        why = os.strerror(number) if number > 0 else error.strerror or str(error)
        raise HeygemError(
            ErrorCode.BAD_SETTING,
            setting=f"{setting}{'port' if about_port else 'host'}",
            reason=f"{address(host, port)}: {why}",
        ) from error


def address(host: str, port: int) -> str:
    """As it stands in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
