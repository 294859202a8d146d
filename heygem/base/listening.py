"""A socket that listens at an address of the settings, of either family."""

import errno
import socket

from heygem.errors import ErrorCode, HeygemError


def listen(host: str, port: int, setting: str, backlog: int = 128) -> socket.socket:
    """`setting` is the pair's common name: "web." for web.host and web.port. Raises BAD_SETTING."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=backlog)
    except OSError as error:
        about_port = error.errno in (errno.EADDRINUSE, errno.EACCES)
        reason = f"{address(host, port)}: {error.strerror or error}"
        raise HeygemError(
            ErrorCode.BAD_SETTING, setting=f"{setting}{'port' if about_port else 'host'}", reason=reason
        ) from error


def address(host: str, port: int) -> str:
    """As it stands in a URL."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
