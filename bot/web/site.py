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
from bot.web.sharing.guest import admitted
from bot.web.upload.desk import Desk
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.batches.model import Batch, Item
from heygem.batches.store import Store
from heygem.links.download import OpenLink
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

    async def opened(self, request: Request) -> tuple[OpenLink, Batch]:
        """The link that an address is of, and its batch.

        Raises:
            HeygemError: LINK_UNKNOWN, LINK_EXPIRED, SHARE_EXPIRED, LINK_REVOKED, LINK_CLOSED, PASSWORD_NEEDED,
                BATCH_UNKNOWN.
        """
        link = await self.bot.links.open(token_of(request))
        if not admitted(request, link):
            raise HeygemError(ErrorCode.PASSWORD_NEEDED)
        return link, await self.store.get(link.batch_id)

    async def owned(self, request: Request) -> Batch:
        """The batch of a link of its people's own. Raises SHARE_ONLY too."""
        link, batch = await self.opened(request)
        if link.shared:
            raise HeygemError(ErrorCode.SHARE_ONLY)
        return batch

    async def item(self, request: Request) -> tuple[Batch, Item]:
        """The one whose number is in the address. Raises ITEM_UNKNOWN too."""
        _, batch = await self.opened(request)
        number: int = request.path_params["number"]
        for item in batch.items:
            if item.number == number:
                return batch, item
        raise HeygemError(ErrorCode.ITEM_UNKNOWN, number=number)


def token_of(request: Request) -> str:
    """What was given as a link's token: as part of the path, or of a zip's query."""
    token: str = request.path_params.get("token") or request.query_params.get("token", "")
    return token


def site_of(request: Request) -> Site:
    return cast("Site", request.app.state.site)
