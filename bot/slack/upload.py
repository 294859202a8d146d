"""Files of ours in a conversation: each goes up by itself, then several are shared in one message."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import httpx

from bot.chat.delivery import RefusedError, UncertainError
from bot.slack.fetch import trusted
from bot.slack.web import Json, Web

_SECONDS = 30.0  # of silence
_BLOCK = 1 << 20


async def upload(web: Web, channel: str, thread: str, name: str, content: bytes) -> None:
    """Raises DeliveryError."""
    file = await _put(web, name, len(content), content)
    await share(web, channel, thread, [{"id": file, "title": name}])


async def put(web: Web, name: str, path: Path) -> str:
    """Hand a file over, never whole in memory; returns its id. Nobody sees it before it is shared.

    Raises:
        DeliveryError, FileNotFoundError.
    """
    return await _put(web, name, path.stat().st_size, _blocks(path))


async def share(web: Web, channel: str, thread: str, files: Sequence[Json]) -> None:
    """Show files that were put in one message. Raises DeliveryError."""
    await web.patiently("files.completeUploadExternal", files=list(files), channel_id=channel, thread_ts=thread or None)


async def _put(web: Web, name: str, size: int, content: bytes | AsyncIterator[bytes]) -> str:
    place = await web.patiently("files.getUploadURLExternal", filename=name, length=size)
    address = str(place["upload_url"])
    if not trusted(address, web.hosts):
        raise RefusedError("upload_url")
    try:
        async with httpx.AsyncClient(timeout=_SECONDS, trust_env=False) as client:
            answer = await client.post(address, content=content, headers={"Content-Length": str(size)})
            answer.raise_for_status()
    except httpx.HTTPError as error:
        raise UncertainError(f"upload: {type(error).__name__}") from None
    return str(place["file_id"])


async def _blocks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while block := await asyncio.to_thread(file.read, _BLOCK):
            yield block
