"""Where the files that people send are.

Telegram's cloud hands out files of up to 20 MB over HTTP; a Bot API server of one's own, started with --local, leaves
them on a disk that we can read. Addresses and paths of both contain the bot's token: they never reach a log.
"""

import asyncio
import logging
import os
import shutil
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from telegram import Animation, Audio, Document, Message, PhotoSize, Video, VideoNote, Voice
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.chat import fetch
from bot.chat.delivery import DeliveryError, RefusedError, TryLaterError, UncertainError
from bot.chat.fetch import Address, Origin, download
from bot.chat.retry import patiently
from bot.dialogue.message import Attachment, BeyondFetchLimitError
from bot.telegram.calls import seconds_of
from bot.telegram.text import clean
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import too_large
from heygem.batches.model import Place

_log = logging.getLogger(__name__)

CLOUD_LIMIT = 20 << 20  # bytes; tdlib's MAX_DOWNLOAD_FILE_SIZE
_LOCAL_S = 600.0  # a local server answers getFile only when it has the file
_SECONDS = 30.0
_TIMEOUT = httpx.Timeout(30, connect=10)

AnyFile = Voice | Audio | Video | VideoNote | Animation | Document | PhotoSize


class Files:
    """`busy(place)` is entered while a file of that place is being fetched."""

    def __init__(
        self, bot: ExtBot[None], busy: Callable[[Place], AbstractAsyncContextManager[None]], *, local: bool
    ) -> None:
        self._bot = bot
        self._busy = busy
        self._local = local
        self._http = httpx.AsyncClient(timeout=_TIMEOUT, limits=httpx.Limits(max_connections=None))
        self._origin = Origin("Telegram", lambda: nullcontext(self._http), self._trusted)

    async def close(self) -> None:
        await self._http.aclose()

    def _trusted(self, address: str) -> bool:
        """Whether it is our server's; its addresses have the token in them, so no header is needed."""
        return _hosts(address) == _hosts(self._bot.base_file_url)

    def attachment(self, message: Message, place: Place) -> Attachment | None:
        file = file_of(message)
        if file is None:
            return None
        name = clean(getattr(file, "file_name", None) or "")
        limit = None if self._local else CLOUD_LIMIT
        return Attachment(partial(self._fetch, place, file.file_id, name), name, file.file_size, limit)

    async def _fetch(self, place: Place, file_id: str, name: str, path: Path, limit: int) -> None:
        """Raises FETCH_FAILED where Telegram does not hand the file out, BeyondFetchLimitError for its size."""
        where = partial(self._where, file_id)
        async with self._busy(place):
            if not self._local or not await self._took(where, name, path, limit):
                await download(where, path, limit, self._origin, name)

    async def _took(self, where: Address, name: str, path: Path, limit: int) -> bool:
        """The file itself, from a server of one's own; False: it is to be downloaded from there."""
        try:
            place = await patiently(where, fetch.PATIENT)
            if place.startswith("/"):
                await asyncio.to_thread(_take, Path(place), name, path, limit)
            return place.startswith("/")
        except (DeliveryError, FileNotFoundError) as error:
            _log.warning("a file was not handed out: %s", type(error).__name__)
            raise HeygemError(ErrorCode.FETCH_FAILED, name=name, service=self._origin.service) from None

    async def _where(self, file_id: str) -> str:
        """An address, or a path on this machine. Raises DeliveryError, BeyondFetchLimitError."""
        try:
            file = await self._bot.get_file(file_id, read_timeout=_LOCAL_S if self._local else _SECONDS)
        except RetryAfter as wait:
            raise TryLaterError(seconds_of(wait)) from None
        except BadRequest as error:
            if "file is too big" in error.message.lower():
                raise BeyondFetchLimitError from None
            raise RefusedError(error.message) from None
        except NetworkError as error:
            raise UncertainError(type(error).__name__) from None
        except TelegramError as error:
            raise RefusedError(type(error).__name__) from None
        if not file.file_path:
            raise UncertainError("no file_path")
        return file.file_path


def file_of(message: Message) -> AnyFile | None:
    """The file of a message. An animation is sent as a document too, a photo in several sizes."""
    return (
        message.voice
        or message.audio
        or message.video
        or message.video_note
        or message.animation
        or message.document
        or (message.photo[-1] if message.photo else None)
    )


def _take(source: Path, name: str, path: Path, limit: int) -> None:
    """The same file under our name, or a copy where it lies on another disk or is not ours to link."""
    if (size := source.stat().st_size) > limit:
        raise too_large(name, size, limit)
    path.unlink(missing_ok=True)
    try:
        os.link(source, path)
    except OSError:
        shutil.copyfile(source, path)


def _hosts(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc
