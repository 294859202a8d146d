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
from heygem.base.settings import Settings
from heygem.batches.store import Store
from heygem.links.locks import Locks
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
    locks: Locks
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
            locks=Locks(redis),
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


def site_of(request: Request) -> Site:
    return cast("Site", request.app.state.site)
