"""What templates look like, in blocks. Slack fetches pictures itself, so they are shown where it can reach our page."""

import ipaddress
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from redis.asyncio import Redis

from heygem.base.errors import HeygemError
from heygem.base.settings import Settings
from heygem.batches.model import MediaFile
from heygem.links.picture import PictureLinks

Block = dict[str, Any]

_PAUSE_S = 3600.0  # after Slack could not fetch one
_ALT = 2000


def picture(file: MediaFile) -> Block:
    """An image element that `Pictures.filled` gives its address."""
    return {"type": "image", "image_url": f"{file.owner}/{file.sha256}", "alt_text": file.name[:_ALT] or "…"}


def without_pictures(blocks: Sequence[Block]) -> list[Block]:
    return [
        {name: part for name, part in block.items() if name != "accessory"} if _has_picture(block) else block
        for block in blocks
    ]


class Pictures:
    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._links = PictureLinks(redis, settings.web.base_url)
        self._reachable = _reachable(settings)
        self._closed_until = 0.0

    @property
    def shown(self) -> bool:
        """Whether Slack can fetch them, as far as we know."""
        return self._reachable and time.monotonic() >= self._closed_until

    async def filled(self, blocks: Sequence[Block]) -> list[Block]:
        """The blocks with addresses that Slack can fetch, or without pictures."""
        if not self.shown:
            return without_pictures(blocks)
        try:
            return [await self._filled(block) if _has_picture(block) else block for block in blocks]
        except HeygemError:
            return without_pictures(blocks)

    def refused(self) -> None:
        """Slack could not fetch one: none are offered for a while."""
        self._closed_until = time.monotonic() + _PAUSE_S

    async def _filled(self, block: Block) -> Block:
        owner, _, sha256 = block["accessory"]["image_url"].partition("/")
        return block | {"accessory": block["accessory"] | {"image_url": await self._links.url(owner, sha256)}}


def _has_picture(block: Block) -> bool:
    return bool(block.get("accessory", {}).get("type") == "image")


def _reachable(settings: Settings) -> bool:
    if settings.web.only_here:
        return False
    try:
        return ipaddress.ip_address(urlsplit(settings.web.base_url).hostname or "").is_global
    except ValueError:  # a name
        return True
