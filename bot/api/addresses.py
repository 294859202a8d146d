"""Which addresses the server fetches from: none that a stranger could make it reach inside its own network.

A host is fetched from if the operator allows it, over https, and if every address that its name has is a public one.
The connection goes to the very address that was looked at: a name that is asked for again may have another. An entry of
the setting with a scheme, http://10.0.0.5:9000, is a server of the operator's own, and may be anywhere.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from heygem.base.errors import ErrorCode, HeygemError

_NAT64 = ipaddress.ip_network("64:ff9b::/32")  # an IPv4 address inside, whatever it is

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Target:
    """What to connect to for a URL. `host` is for the certificate and the Host header, `connect` has the address."""

    url: httpx.URL
    connect: httpx.URL

    @property
    def host(self) -> str:
        return host_of(self.url)

    @property
    def headers(self) -> dict[str, str]:
        return {"host": self.url.netloc.decode("ascii")}


async def checked(text: str, allowed: Sequence[str]) -> Target:
    """Raises URL_REFUSED; FETCH_FAILED where the name is unknown."""
    url = _parsed(text)
    if _origin(url) in {each.rstrip("/").lower() for each in allowed if "://" in each}:
        return Target(url, url)
    host = host_of(url)
    if url.scheme != "https" or host not in {each.lower() for each in allowed}:
        raise refused(host)
    addresses = await _addresses(host, url.port or 443)
    if not addresses or not all(map(is_public, addresses)):
        raise refused(host)
    return Target(url, url.copy_with(host=str(addresses[0])))


def host_of(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii").lower()


def refused(host: str) -> HeygemError:
    return HeygemError(ErrorCode.URL_REFUSED, host=host[:100])


def is_public(address: _Address) -> bool:
    """Whether an address belongs to nobody's own network; one inside another counts as what is inside."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.sixtofour or address.teredo or address in _NAT64 or address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _parsed(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise refused("") from None
    if not url.is_absolute_url or url.userinfo or not url.raw_host:
        raise refused("")
    return url


def _origin(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode('ascii')}".lower()


async def _addresses(host: str, port: int) -> list[_Address]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise HeygemError(ErrorCode.FETCH_FAILED, name=host, service=host) from None
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
