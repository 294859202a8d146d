"""`python -m bot web`: the web server as a process."""

import signal
import socket
import sys

import uvicorn
from starlette.routing import Mount

from bot.web.app import create_app
from bot.web.connections import Connection, most_connections
from heygem.base.listening import address, listen
from heygem.base.redact import setup_logging
from heygem.base.settings import Settings

_LAST_DOWNLOADS_S = 3  # a cut download resumes where it stopped, so nobody waits for long ones


def run(settings: Settings, *mounts: Mount) -> None:
    """Serve until SIGTERM or Ctrl-C. The address is printed once it accepts connections; port 0 picks a free one.

    Raises:
        HeygemError: BAD_SETTING when the address can't be had.
    """
    setup_logging(settings.log_level)
    listening = listen(settings.web.host, settings.web.port, "web.", backlog=2048)
    config = uvicorn.Config(
        create_app(settings, *mounts),
        log_config=None,  # uvicorn's own handlers would not redact
        access_log=False,  # addresses hold tokens
        server_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="on",
        http=Connection,
        limit_concurrency=most_connections(),
        timeout_graceful_shutdown=_LAST_DOWNLOADS_S,
    )
    server = uvicorn.Server(config)

    def end(*_: object) -> None:
        server.should_exit = True

    # uvicorn raises the signal again once it has shut down: that second one must not look like a crash.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    sys.stdout.write(f"Web: {_address(settings, listening)}\n")
    sys.stdout.flush()
    server.run([listening])


def _address(settings: Settings, listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return settings.web.public_url or f"http://{address(host, port)}"
