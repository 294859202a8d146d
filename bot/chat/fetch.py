"""What people send as files, streamed to disk under a byte limit and never held in memory.

A download that breaks goes on where it stopped, where the server lets it (Range). Passing troubles are waited out: an
outage of a minute costs no file. Addresses hold secrets: they never reach a log.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin

import httpx

from bot.chat.delivery import DeliveryError, RefusedError, TryLaterError, UncertainError
from bot.chat.retry import Patience, Policy, told_seconds
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import too_large

_log = logging.getLogger(__name__)

PATIENT = Policy(pauses=(1.0, 2.0, 5.0, 10.0), longest=90.0, waits=20)
_LONGEST_S = 1800.0  # a download that trickles must not stop its chat for ever
_REFUSALS = 3  # what is not there may be there a moment later
_HOPS = 5
_OK, _PART, _TOO_OFTEN = 200, 206, 429
_PASSING = frozenset({408, 416})  # and what a server says about itself, 5xx

Address = Callable[[], Awaitable[str]]


@dataclass(frozen=True)
class Origin:
    """Where a platform's files come from. `trusted` says whether `headers` may be sent to an address.

    `refusal` is what an answer means that is no file, where more than its status is known.
    """

    service: str
    client: Callable[[], AbstractAsyncContextManager[httpx.AsyncClient]]
    trusted: Callable[[str], bool]
    headers: Mapping[str, str] = field(default_factory=dict)
    refusal: Callable[[httpx.Response], HeygemError | None] = lambda _: None


async def download(address: Address, path: Path, limit: int, origin: Origin, name: str) -> None:
    """Write a file to `path`. `address` is asked for anew before each try.

    Raises:
        HeygemError: TOO_LARGE as soon as more than `limit` bytes came, FETCH_FAILED, or what `origin.refusal` says.
    """
    try:
        async with asyncio.timeout(_LONGEST_S), origin.client() as client:
            with path.open("wb") as file:
                await _Download(client, file, limit, origin, name).run(address)
    except (DeliveryError, TimeoutError) as error:
        _log.warning("a file from %s was not fetched: %s %s", origin.service, type(error).__name__, error)
        raise HeygemError(ErrorCode.FETCH_FAILED, name=name, service=origin.service) from None


class _Download:
    def __init__(self, client: httpx.AsyncClient, file: BinaryIO, limit: int, origin: Origin, name: str) -> None:
        self._client = client
        self._file = file
        self._limit = limit
        self._origin = origin
        self._name = name
        self._size = 0

    async def run(self, address: Address) -> None:
        patience, refusals = Patience(PATIENT), 0
        while True:
            before = self._size
            try:
                return await self._go_on(await address())
            except RefusedError:
                refusals += 1
                if refusals == _REFUSALS:
                    raise
                await asyncio.sleep(PATIENT.pauses[0])
            except DeliveryError as error:
                if self._size > before:
                    patience.renew()
                _log.info("a file from %s is not here yet: %s", self._origin.service, error)
                await patience.after(error)

    async def _go_on(self, url: str) -> None:
        with _passing():
            async with self._answer(url) as answer:
                self._begin(answer)
                async for block in answer.aiter_bytes():
                    self._size += len(block)
                    if self._size > self._limit:
                        raise too_large(self._name, self._size, self._limit)
                    await asyncio.to_thread(self._file.write, block)

    def _begin(self, answer: httpx.Response) -> None:
        """Go on behind what is there already, or from the start where the server does not do that."""
        if (refusal := self._origin.refusal(answer)) is not None:
            raise refusal
        if answer.status_code == _PART and answer.headers.get("content-range", "").startswith(f"bytes {self._size}-"):
            return
        if answer.status_code in (_OK, _PART, 416):
            self._file.seek(0)
            self._file.truncate()
            self._size = 0
        if answer.status_code != _OK:
            raise _meaning(answer)

    @asynccontextmanager
    async def _answer(self, url: str) -> AsyncIterator[httpx.Response]:
        """The answer behind all redirects, each of which must lead to a trusted address."""
        headers = {"Accept-Encoding": "identity", **self._origin.headers}
        if self._size:
            headers["Range"] = f"bytes={self._size}-"
        for _ in range(_HOPS):
            if not self._origin.trusted(url):
                break
            async with self._client.stream("GET", url, headers=headers, follow_redirects=False) as answer:
                if not answer.has_redirect_location:
                    yield answer
                    return
                url = urljoin(url, answer.headers["location"])
        raise HeygemError(ErrorCode.FETCH_FAILED, name=self._name, service=self._origin.service)


def _meaning(answer: httpx.Response) -> DeliveryError:
    status = answer.status_code
    if status == _TOO_OFTEN:
        return TryLaterError(told_seconds(answer.headers))
    if status in _PASSING or status == _PART or status >= 500:
        return UncertainError(f"HTTP {status}")
    return RefusedError(f"HTTP {status}")


@contextmanager
def _passing() -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        raise UncertainError(type(error).__name__) from None
    except httpx.InvalidURL:
        raise RefusedError("InvalidURL") from None
