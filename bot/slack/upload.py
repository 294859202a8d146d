"""A picture of ours in a conversation, for where Slack can't fetch one from our page."""

import httpx

from bot.chat.delivery import RefusedError, UncertainError
from bot.slack.fetch import trusted
from bot.slack.web import Web

_SECONDS = 30.0


async def upload(web: Web, channel: str, thread: str, name: str, content: bytes) -> None:
    """Raises DeliveryError."""
    place = await web.patiently("files.getUploadURLExternal", filename=name, length=len(content))
    address = str(place["upload_url"])
    if not trusted(address, web.hosts):
        raise RefusedError("upload_url")
    try:
        async with httpx.AsyncClient(timeout=_SECONDS, trust_env=False) as client:
            (await client.post(address, content=content)).raise_for_status()
    except httpx.HTTPError as error:
        raise UncertainError(f"upload: {type(error).__name__}") from None
    files = [{"id": place["file_id"], "title": name}]
    await web.patiently("files.completeUploadExternal", files=files, channel_id=channel, thread_ts=thread or None)
