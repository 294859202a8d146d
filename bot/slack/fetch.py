"""Files from Slack: streamed to disk under a byte limit, the token shown to Slack's own hosts only."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin, urlsplit

import httpx

from bot.chat.delivery import RefusedError, TryLaterError, UncertainError
from bot.dialogue.message import Attachment, Fetch
from bot.dialogue.names import shown_name
from bot.slack.arrival import File, described
from bot.slack.web import Web
from heygem.errors import ErrorCode, HeygemError
from heygem.limits import MB

_HOSTS = ("slack.com", ".slack.com", ".slack-files.com")
_HOPS = 5
_BLOCK_BYTES = 1 << 20
_TIMEOUT = httpx.Timeout(60, connect=10)
_AT_ONCE = 8
_GONE = frozenset({"file_not_found", "file_deleted"})
_FORBIDDEN = frozenset({"missing_scope", "access_denied", "not_visible"})


class Fetcher:
    def __init__(self, web: Web) -> None:
        self._web = web
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def attachment(self, file: File) -> Attachment:
        """The file for the conversation, which also tells why it can't be had."""
        try:
            known = await self._known(file)
        except HeygemError as error:
            return Attachment(_refusing(error), name=file.name)
        return Attachment(self._fetch(known), name=known.name, size=known.size)

    async def _known(self, file: File) -> File:
        """A file of another workspace comes as an id alone; Slack tells the rest on request."""
        if not file.foreign and file.url:
            return file
        try:
            return described(await self._web.patiently("files.info", file=file.id))
        except RefusedError as refusal:
            if refusal.word in _GONE:
                raise HeygemError(ErrorCode.FILE_MISSING, name=_shown(file)) from None
            raise (_no_scope(file) if refusal.word in _FORBIDDEN else _failed(file)) from None
        except (TryLaterError, UncertainError):
            raise _failed(file) from None

    def _fetch(self, file: File) -> Fetch:
        async def fetch(path: Path, limit: int) -> None:
            async with self._slots:
                try:
                    with path.open("wb") as target:
                        await self._download(file, target, limit)
                except (httpx.HTTPError, httpx.InvalidURL):
                    raise _failed(file) from None

        return fetch

    async def _download(self, file: File, target: BinaryIO, limit: int) -> None:
        async with self._answer(file) as answer:
            if answer.headers.get("content-type", "").startswith("text/html"):
                raise _no_scope(file)  # Slack answers with its login page instead of a refusal
            if answer.status_code in (404, 410):
                raise HeygemError(ErrorCode.FILE_MISSING, name=_shown(file))
            if answer.status_code != 200:
                raise _failed(file)
            count = 0
            async for block in answer.aiter_bytes(_BLOCK_BYTES):
                count += len(block)
                if count > limit:
                    raise HeygemError(
                        ErrorCode.TOO_LARGE, name=_shown(file), actual_mb=-(-count // MB), limit_mb=limit // MB
                    )
                await asyncio.to_thread(target.write, block)

    @asynccontextmanager
    async def _answer(self, file: File) -> AsyncIterator[httpx.Response]:
        """The answer behind all redirects, each of which must lead to Slack again."""
        url = file.url
        headers = {"Authorization": f"Bearer {self._web.client.token}", "Accept-Encoding": "identity"}
        async with httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False, trust_env=False) as client:
            for _ in range(_HOPS):
                if not trusted(url, self._web.hosts):
                    raise _failed(file)
                async with client.stream("GET", url, headers=headers) as answer:
                    if not answer.has_redirect_location:
                        yield answer
                        return
                    url = urljoin(url, answer.headers["location"])
        raise _failed(file)


def _refusing(error: HeygemError) -> Fetch:
    async def fetch(path: Path, limit: int) -> None:  # noqa: ARG001 (nothing comes)
        raise error

    return fetch


def trusted(url: str, own: frozenset[str]) -> bool:
    """Whether our token may be sent there: Slack over https, or the API host that was configured."""
    try:
        address = urlsplit(url)
        host, port = address.hostname or "", address.port
    except ValueError:
        return False
    if address.username is not None or address.password is not None:
        return False
    if address.netloc in own:
        return address.scheme in ("http", "https")
    slack = any(host == known.lstrip(".") if known[0] != "." else host.endswith(known) for known in _HOSTS)
    return address.scheme == "https" and slack and port in (None, 443)


def _failed(file: File) -> HeygemError:
    return HeygemError(ErrorCode.FETCH_FAILED, name=_shown(file), service="Slack")


def _no_scope(file: File) -> HeygemError:
    return HeygemError(ErrorCode.SCOPE_MISSING, name=_shown(file), service="Slack", scope="files:read")


def _shown(file: File) -> str:
    return shown_name(file.name) or file.id
