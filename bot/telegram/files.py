"""What people send as files, streamed to disk and never held in memory.

Telegram's cloud hands out files of up to 20 MB over HTTP; a Bot API server of one's own, started with --local, leaves
them on a disk that we can read. Addresses and paths of both contain the bot's token: they never reach a log.
"""

import asyncio
import logging
import os
import shutil
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import httpx
from telegram import Animation, Audio, Document, Message, PhotoSize, Video, VideoNote, Voice
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError
from telegram.ext import ExtBot

from bot.dialogue.message import Attachment, BeyondFetchLimitError
from bot.telegram.calls import seconds_of
from bot.telegram.text import clean
from heygem.errors import ErrorCode, HeygemError
from heygem.limits import MB

_log = logging.getLogger(__name__)

CLOUD_LIMIT = 20 << 20  # bytes; tdlib's MAX_DOWNLOAD_FILE_SIZE
_TRIES = 3
_PAUSE_SECONDS = 1.0
_LOCAL_SECONDS = 600.0  # a local server answers getFile only when it has the file
_LONGEST_SECONDS = 1800.0  # a download that trickles must not stop its chat for ever
_BLOCK = 1 << 20
_TIMEOUT = httpx.Timeout(30, connect=10)

AnyFile = Voice | Audio | Video | VideoNote | Animation | Document | PhotoSize


class Files:
    def __init__(self, bot: ExtBot[None], *, local: bool) -> None:
        self._bot = bot
        self._local = local
        self._http = httpx.AsyncClient(timeout=_TIMEOUT, limits=httpx.Limits(max_connections=None))

    async def close(self) -> None:
        await self._http.aclose()

    def attachment(self, message: Message) -> Attachment | None:
        file = file_of(message)
        if file is None:
            return None
        name = clean(getattr(file, "file_name", None) or "")
        limit = None if self._local else CLOUD_LIMIT
        return Attachment(partial(self._fetch, file.file_id, name), name, file.file_size, limit)

    async def _fetch(self, file_id: str, name: str, path: Path, limit: int) -> None:
        """Raises FETCH_FAILED where Telegram does not hand the file out, BeyondFetchLimitError for its size."""
        for tried in range(1, _TRIES + 1):
            try:
                async with asyncio.timeout(_LONGEST_SECONDS):
                    return await self._fetch_once(file_id, name, path, limit)
            except RetryAfter as wait:
                await asyncio.sleep(seconds_of(wait))
            except BadRequest as error:
                if "file is too big" in error.message.lower():
                    raise BeyondFetchLimitError from None
                _log.warning("a file was not handed out: %s", error.message)
                break
            except (TelegramError, httpx.HTTPError, FileNotFoundError, TimeoutError) as error:
                _log.warning("fetching a file failed, try %d: %s", tried, type(error).__name__)
                if tried < _TRIES:
                    await asyncio.sleep(_PAUSE_SECONDS * tried)
        raise HeygemError(ErrorCode.FETCH_FAILED, name=name, service="Telegram")

    async def _fetch_once(self, file_id: str, name: str, path: Path, limit: int) -> None:
        file = await self._bot.get_file(file_id, read_timeout=_LOCAL_SECONDS if self._local else 30)
        where = file.file_path or ""
        if self._local and where.startswith("/"):
            await asyncio.to_thread(_take, Path(where), name, path, limit)
        elif where:
            await _write(self._blocks(where), name, path, limit)
        else:
            raise NetworkError("no file_path")

    async def _blocks(self, url: str) -> AsyncIterator[bytes]:
        async with self._http.stream("GET", url) as answer:
            answer.raise_for_status()
            async for block in answer.aiter_bytes(_BLOCK):
                yield block


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


async def _write(blocks: AsyncIterator[bytes], name: str, path: Path, limit: int) -> None:
    size = 0
    with path.open("wb") as file:
        async for block in blocks:
            size += len(block)
            if size > limit:
                raise _too_large(name, size, limit)
            await asyncio.to_thread(file.write, block)


def _take(source: Path, name: str, path: Path, limit: int) -> None:
    """The same file under our name, or a copy where it lies on another disk or is not ours to link."""
    if (size := source.stat().st_size) > limit:
        raise _too_large(name, size, limit)
    path.unlink(missing_ok=True)
    try:
        os.link(source, path)
    except OSError:
        shutil.copyfile(source, path)


def _too_large(name: str, size: int, limit: int) -> HeygemError:
    return HeygemError(ErrorCode.TOO_LARGE, name=name, actual_mb=-(-size // MB), limit_mb=limit // MB)
