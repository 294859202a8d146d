"""Which addresses are public, and that the connection goes to the one that was looked at."""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.api import remote as module
from bot.api.addresses import checked, is_public
from bot.api.remote import remote
from heygem.base.errors import ErrorCode, HeygemError

HOST, PUBLIC = "files.example.org", "93.184.216.34"


class Names:
    """Stands in for name servers: each question gets the next answer."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def getaddrinfo(self, host: str, port: int, **_: Any) -> list[Any]:
        self.asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in self.answers.pop(0)]

    def take_over(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", self.getaddrinfo)


def serve(monkeypatch: pytest.MonkeyPatch, *answers: httpx.Response) -> list[httpx.Request]:
    """The network answers these; the requests that came to it."""
    left, came = list(answers), []

    def handle(request: httpx.Request) -> httpx.Response:
        came.append(request)
        return left.pop(0)

    monkeypatch.setattr(module, "client", lambda: httpx.AsyncClient(transport=httpx.MockTransport(handle)))
    return came


async def sound() -> AsyncIterator[bytes]:
    yield b"sound"


async def fetched(url: str, limit: int = 100) -> bytes:
    return b"".join([block async for block in remote(url, "", [HOST]).blocks(limit)])


async def code_of(url: str) -> ErrorCode:
    with pytest.raises(HeygemError) as caught:
        await fetched(url)
    return caught.value.code


@pytest.mark.parametrize(
    "address",
    [
        *("0.1.2.3", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.168.1.1"),
        *("192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "2001:db8::1", "100::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2001:0:1::"),
    ],
)
def test_what_is_not_public_is_told_apart(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:4700::1111", f"::ffff:{PUBLIC}"])
def test_what_is_public_is_known(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


async def test_the_connection_goes_to_the_address_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    names = Names([PUBLIC], ["127.0.0.1"])
    names.take_over(monkeypatch)
    came = serve(monkeypatch, httpx.Response(200, content=sound()))
    assert await fetched(f"https://{HOST}:8443/a/hello.wav?x=1") == b"sound"

    (request,) = came
    assert str(request.url) == f"https://{PUBLIC}:8443/a/hello.wav?x=1"
    assert request.headers["host"] == f"{HOST}:8443"
    assert request.extensions["sni_hostname"] == HOST  # which the certificate is checked against
    assert names.asked == [HOST]


@pytest.mark.parametrize("addresses", [["10.0.0.1"], [PUBLIC, "127.0.0.1"], ["::ffff:127.0.0.1"], []])
async def test_one_private_address_among_a_names_is_enough(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    Names(addresses).take_over(monkeypatch)
    came = serve(monkeypatch)

    assert await code_of(f"https://{HOST}/hello.wav") is ErrorCode.URL_REFUSED
    assert came == []


async def test_a_redirect_is_looked_at_like_the_first_address(monkeypatch: pytest.MonkeyPatch) -> None:
    Names([PUBLIC], ["127.0.0.1"]).take_over(monkeypatch)
    came = serve(monkeypatch, httpx.Response(302, headers={"location": "/next.wav"}))

    assert await code_of(f"https://{HOST}/hello.wav") is ErrorCode.URL_REFUSED
    assert len(came) == 1


async def test_a_larger_file_than_allowed_is_given_up_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    Names([PUBLIC]).take_over(monkeypatch)
    serve(monkeypatch, httpx.Response(200, headers={"content-length": "101"}, content=b""))

    assert await code_of(f"https://{HOST}/hello.wav") is ErrorCode.TOO_LARGE


@pytest.mark.parametrize("url", [f"http://{HOST}/", f"https://{HOST}./", f"https://sub.{HOST}/", "https://other.org/"])
async def test_only_https_and_only_what_the_operator_named(url: str) -> None:
    with pytest.raises(HeygemError) as caught:
        await checked(url, [HOST])
    assert caught.value.code is ErrorCode.URL_REFUSED


async def test_with_nothing_allowed_nothing_is_fetched() -> None:
    with pytest.raises(HeygemError) as caught:
        await checked(f"https://{HOST}/", [])
    assert caught.value.code is ErrorCode.URL_REFUSED
