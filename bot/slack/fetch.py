"""Files from Slack: the token is shown to Slack's own hosts only."""

import asyncio
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from bot.chat import fetch
from bot.chat.delivery import DeliveryError, RefusedError
from bot.chat.fetch import Origin, download
from bot.chat.retry import patiently
from bot.dialogue.message import Attachment, Fetch
from bot.dialogue.names import shown_name
from bot.slack.arrival import File, described
from bot.slack.web import Web
from heygem.base.errors import ErrorCode, HeygemError

_HOSTS = ("slack.com", ".slack.com", ".slack-files.com")
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
            asked = partial(self._web.call, "files.info", file=file.id)
            return described(await patiently(asked, fetch.PATIENT))
        except RefusedError as refusal:
            if refusal.word in _GONE:
                raise _missing(file) from None
            raise (_no_scope(file) if refusal.word in _FORBIDDEN else _failed(file)) from None
        except DeliveryError:
            raise _failed(file) from None

    def _fetch(self, file: File) -> Fetch:
        async def address() -> str:
            return file.url

        async def fetched(path: Path, limit: int) -> None:
            async with self._slots:
                await download(address, path, limit, self._origin(file), _shown(file))

        return fetched

    def _origin(self, file: File) -> Origin:
        def refusal(answer: httpx.Response) -> HeygemError | None:
            if answer.status_code in (404, 410):
                return _missing(file)
            page = answer.is_success and answer.headers.get("content-type", "").startswith("text/html")
            return _no_scope(file) if page else None  # Slack answers with its login page instead of a refusal

        def ours(url: str) -> bool:
            return trusted(url, self._web.hosts)

        headers = {"Authorization": f"Bearer {self._web.client.token}"}
        return Origin("Slack", _client, ours, headers, refusal)


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False)


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


def _missing(file: File) -> HeygemError:
    return HeygemError(ErrorCode.FILE_MISSING, name=_shown(file))


def _no_scope(file: File) -> HeygemError:
    return HeygemError(ErrorCode.SCOPE_MISSING, name=_shown(file), service="Slack", scope="files:read")


def _shown(file: File) -> str:
    return shown_name(file.name) or file.id
