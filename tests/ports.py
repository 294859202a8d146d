"""Ports for a server whose address has to be known before it listens, or that shall come back at the same one."""

import random
import socket

_BELOW_OUTGOING = range(20_000, 32_000)  # the kernel gives connections their ports from 32,768 on


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on, and that no connection of another test is given meanwhile."""
    while True:
        port = random.choice(_BELOW_OUTGOING)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
