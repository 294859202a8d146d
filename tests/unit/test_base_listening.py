"""A socket at an address of the settings."""

import socket

import pytest

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.listening import address, listen


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]"), ("localhost", "localhost")])
def test_every_family_of_addresses_takes_connections_and_is_shown_as_in_a_link(host: str, shown: str) -> None:
    with listen(host, 0, "web.") as listening:
        port = listening.getsockname()[1]
        socket.create_connection((host, port), timeout=5).close()
    assert address(host, port) == f"{shown}:{port}"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_taken_port_and_a_strange_host_are_two_settings(host: str) -> None:
    with listen(host, 0, "web.") as first, pytest.raises(HeygemError) as taken:
        listen(host, first.getsockname()[1], "web.")
    with pytest.raises(HeygemError) as strange:
        listen("no.such.invalid", 0, "slack.events_")
    assert (taken.value.code, taken.value.params["setting"]) == (ErrorCode.BAD_SETTING, "web.port")
    assert str(taken.value.params["reason"]).endswith("Address already in use")
    assert strange.value.params["setting"] == "slack.events_host"
