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
from bot.slack.file import File, file_of, refusal, shown
from bot.slack.web import Web
from heygem.base.errors import ErrorCode, HeygemError

_HOSTS = ("slack.com", ".slack.com", ".slack-files.com")
_TIMEOUT = httpx.Timeout(60, connect=10)
_AT_ONCE = 8
# Slack's words for why there is no telling of a file.
_CODES = {
    "file_not_found": ErrorCode.FILE_MISSING,
    "file_deleted": ErrorCode.FILE_DELETED,
    "missing_scope": ErrorCode.SCOPE_MISSING,
    **dict.fromkeys(("access_denied", "not_visible", "template_not_visible"), ErrorCode.FILE_UNSEEN),
    **dict.fromkeys(("canvas_globally_disabled", "canvas_disabled_user_team"), ErrorCode.NO_FILE),
    **dict.fromkeys(("canvas_disabled_file_team", "slack_connect_canvas_sharing_blocked"), ErrorCode.NO_FILE),
}


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
        """What can be fetched. A file of another workspace comes as an id alone; Slack tells the rest on request.

        Raises:
            HeygemError: what `refusal` says; FILE_MISSING, FILE_DELETED, FILE_UNSEEN, SCOPE_MISSING, FETCH_FAILED.
        """
        if file.kind == "file" and (file.foreign or not file.url):
            file = await self._described(file)
        if (refused := refusal(file)) is not None:
            raise refused
        if not file.url:
            raise _error(ErrorCode.FILE_UNSEEN, file)
        return file

    async def _described(self, file: File) -> File:
        try:
            told = await patiently(partial(self._web.call, "files.info", file=file.id), fetch.PATIENT)
        except RefusedError as refused:
            raise _error(_CODES.get(refused.word, ErrorCode.FETCH_FAILED), file) from None
        except DeliveryError:
            raise _error(ErrorCode.FETCH_FAILED, file) from None
        return file_of(told["file"])

    async def _unseen(self, file: File) -> HeygemError:
        """Why there is a login page where the file should be."""
        try:
            await self._described(file)
        except HeygemError as error:
            return error
        return _error(ErrorCode.FILE_UNSEEN, file)

    def _fetch(self, file: File) -> Fetch:
        async def address() -> str:
            return file.url

        async def fetched(path: Path, limit: int) -> None:
            try:
                async with self._slots:
                    await download(address, path, limit, self._origin(file), shown(file))
            except HeygemError as error:
                raise (await self._unseen(file) if error.code is ErrorCode.FILE_UNSEEN else error) from None

        return fetched

    def _origin(self, file: File) -> Origin:
        def refusal(answer: httpx.Response) -> HeygemError | None:
            if answer.status_code in (404, 410):
                return _error(ErrorCode.FILE_MISSING, file)
            page = answer.is_success and answer.headers.get("content-type", "").startswith("text/html")
            # Slack answers with its login page instead of a refusal.
            return _error(ErrorCode.FILE_UNSEEN, file) if page and not file.html else None

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


def _error(code: ErrorCode, file: File) -> HeygemError:
    scope = {"scope": "files:read"} if code is ErrorCode.SCOPE_MISSING else {}
    return HeygemError(code, name=shown(file), service="Slack", **scope)
