"""What answers where a Redis should be: other servers, and a Redis that says no."""

import contextlib
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, repeat
from pathlib import Path

# Signed by itself, so nobody trusts it; it opens nothing.
_CERTIFICATE = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgquoEv1h75Z9NPElR
93sZXY/GRie/1qzvZ18oQmr9JPShRANCAARrjcIOhQpYPRiFLHU6liho8/ySQcon
23WHMCUJGqX/ldlRoAB9EoSbvI/ad+sggaWRrx+/Y1wlP6i1yCTYiEtA
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUM9NJwqpv9Gze/ZjJNkBnPL+DIoQwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyOTA2MjgyOFoYDzIxMjYxMTA1
MDYyODI4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARrjcIOhQpYPRiFLHU6liho8/ySQcon23WHMCUJGqX/ldlRoAB9EoSb
vI/ad+sggaWRrx+/Y1wlP6i1yCTYiEtAo2kwZzAdBgNVHQ4EFgQUfKIAm4jbfq6n
KKEDE0dLS25ZMvwwHwYDVR0jBBgwFoAUfKIAm4jbfq6nKKEDE0dLS25ZMvwwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIgb4wdvCXsemkdxZwYh6/rqTqlPvArtxu50wIopN8JMmACIQDPOWM+WawI
FcnVAfpJJvD8CrSEyUzyQYWuWSVjpdXDIA==
-----END CERTIFICATE-----
"""


@contextmanager
def listener(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port of 127.0.0.1 that gives each connection to `serve`, on a thread of its own, and closes it then."""

    def attend(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            serve(connection)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=attend, args=(server.accept()[0],), daemon=True).start()

    server = socket.create_server(("127.0.0.1", 0))
    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        accepting.join(10)


def saying(*answers: str) -> Callable[[socket.socket], None]:
    """Each connection hears one of the answers to all that it says, the last for ever."""
    rest = chain(answers, repeat(answers[-1]))

    def serve(connection: socket.socket) -> None:
        answer = next(rest).encode() + b"\r\n"
        while connection.recv(65536):
            connection.sendall(answer)

    return serve


def bulk(words: str) -> str:
    """Words as Redis sends those that may hold line breaks."""
    return f"${len(words)}\r\n{words}"


def silent(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


def closing(_: socket.socket) -> None:
    """As a Redis that wants TLS does at the first word without."""


def self_signed(connection: socket.socket) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        (file := Path(folder) / "both.pem").write_text(_CERTIFICATE)
        context.load_cert_chain(file)
    with context.wrap_socket(connection, server_side=True) as secure:
        silent(secure)
