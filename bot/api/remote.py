"""A file at an address that a program names. Each address is checked, those of redirects too."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import PurePosixPath

import httpx

from bot.api.addresses import Target, checked, host_of
from bot.api.source import Source
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import too_large

_REDIRECTS = 5
_TIMES = httpx.Timeout(30, connect=10)


def remote(url: str, name: str, allowed: Sequence[str]) -> Source:
    """The file behind `url`; without a name it is called as the URL's path ends."""

    def blocks(limit: int) -> AsyncGenerator[bytes, None]:
        return _fetched(url, name or _last(url), allowed, limit)

    return Source(blocks, name or _last(url))


async def _fetched(url: str, name: str, allowed: Sequence[str], limit: int) -> AsyncGenerator[bytes, None]:
    """Raises URL_REFUSED, FETCH_FAILED, TOO_LARGE."""
    async with client() as http:
        for _ in range(_REDIRECTS + 1):
            target = await checked(url, allowed)
            async with _opened(http, target, name) as answer:
                if answer.is_redirect:
                    url = str(target.url.join(answer.headers.get("location", "")))
                    continue
                async for block in _content(answer, target, name, limit):
                    yield block
                return
    raise _failed(name, target)


def client() -> httpx.AsyncClient:
    """No proxy, no redirects followed: either would go elsewhere than was checked."""
    return httpx.AsyncClient(timeout=_TIMES, trust_env=False, follow_redirects=False)


@asynccontextmanager
async def _opened(http: httpx.AsyncClient, target: Target, name: str) -> AsyncIterator[httpx.Response]:
    headers = target.headers | {"accept-encoding": "identity"}
    secure = {"sni_hostname": target.host}
    try:
        async with http.stream("GET", target.connect, headers=headers, extensions=secure) as answer:
            yield answer
    except (httpx.HTTPError, httpx.InvalidURL):
        raise _failed(name, target) from None


async def _content(answer: httpx.Response, target: Target, name: str, limit: int) -> AsyncIterator[bytes]:
    if answer.status_code != httpx.codes.OK:
        raise _failed(name, target)
    size = _announced(answer)
    if size > limit:
        raise too_large(name, size, limit)
    size = 0
    async for block in answer.aiter_raw():
        size += len(block)
        if size > limit:
            raise too_large(name, size, limit)
        yield block


def _announced(answer: httpx.Response) -> int:
    length = answer.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdecimal() else 0


def _last(url: str) -> str:
    try:
        return PurePosixPath(httpx.URL(url).path).name
    except (httpx.InvalidURL, ValueError):
        return ""


def _failed(name: str, target: Target) -> HeygemError:
    return HeygemError(ErrorCode.FETCH_FAILED, name=name, service=host_of(target.url))
