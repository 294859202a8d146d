"""What the routes share."""

from dataclasses import dataclass
from typing import cast

from redis.asyncio import Redis
from starlette.requests import Request

from bot.chat.assembly import Bot, assembled
from bot.previews.thumbnails import Thumbnails
from bot.slots import Slots
from bot.streams import Streams
from bot.web.packs import Packs
from bot.web.pages import Pages
from bot.web.upload.desk import Desk
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.batches.model import Batch, Item
from heygem.batches.store import Store
from heygem.links.download import OpenLink
from heygem.links.picture import PictureLinks
from heygem.redis.connection import connect
from heygem.storage.layout import Storage

_STREAMS_PER_PERSON = 12  # pages that follow; further ones look from time to time
_PLAYERS_PER_DOWNLOAD = 8  # a paused player holds its connection; it costs a buffer, no disk


@dataclass(frozen=True)
class Site:
    settings: Settings
    storage: Storage
    bot: Bot
    pages: Pages
    packs: Packs
    thumbnails: Thumbnails
    pictures: PictureLinks
    downloads: Slots
    players: Slots
    desk: Desk
    streams: Streams  # by person

    @classmethod
    def of(cls, settings: Settings) -> "Site":
        redis = connect(settings)
        bot = assembled(redis, settings)
        downloads = settings.web.simultaneous_downloads
        return cls(
            settings=settings,
            storage=Storage(settings.data_dir),
            bot=bot,
            pages=Pages(settings),
            packs=Packs(settings),
            thumbnails=Thumbnails(),
            pictures=PictureLinks(redis, settings.web.base_url),
            downloads=Slots(downloads),
            players=Slots(downloads * _PLAYERS_PER_DOWNLOAD),
            desk=Desk(bot, settings),
            streams=Streams(_STREAMS_PER_PERSON),
        )

    @property
    def redis(self) -> Redis:
        return self.bot.redis

    @property
    def store(self) -> Store:
        return self.bot.store

    async def opened(self, token: str) -> tuple[OpenLink, Batch]:
        """The link and its batch.

        Raises:
            HeygemError: LINK_UNKNOWN, LINK_EXPIRED, LINK_REVOKED, BATCH_UNKNOWN.
        """
        link = await self.bot.links.open(token)
        return link, await self.store.get(link.batch_id)

    async def item(self, token: str, number: int) -> tuple[Batch, Item]:
        """An item by its number. Raises ITEM_UNKNOWN too."""
        _, batch = await self.opened(token)
        for item in batch.items:
            if item.number == number:
                return batch, item
        raise HeygemError(ErrorCode.ITEM_UNKNOWN, number=number)


def site_of(request: Request) -> Site:
    return cast("Site", request.app.state.site)
