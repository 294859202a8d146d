"""Everything a front end needs to hold the dialogue, put together from the settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from redis.asyncio import Redis

from bot.dialogue.access import Access
from bot.dialogue.dialogue import Dialogue
from bot.dialogue.quota import Allowance
from bot.dialogue.services import Services
from bot.looks import Looks
from bot.sheets import Sheets
from heygem.base.settings import Settings
from heygem.batches.people import People
from heygem.batches.store import Store
from heygem.links.download import Links
from heygem.links.upload import UploadLinks
from heygem.redis.connection import connect
from heygem.redis.heartbeat import Heart, beating
from heygem.storage.layout import Storage


@dataclass(frozen=True)
class Bot:
    store: Store
    people: People
    links: Links
    access: Access
    allowance: Allowance
    dialogue: Dialogue
    sheets: Sheets
    looks: Looks
    heart: Heart = field(default_factory=Heart)


def assembled(redis: Redis, settings: Settings) -> Bot:
    storage = Storage(settings.data_dir)
    store, people = Store(redis, settings), People(redis)
    links, access = Links(redis, settings), Access(redis)
    allowance = Allowance(redis, settings, storage)
    uploads = UploadLinks(redis, settings)
    sheets = Sheets(storage)
    looks = Looks(store, storage, sheets)
    services = Services(store, people, links, storage, settings, access, allowance, uploads, looks)
    return Bot(store, people, links, access, allowance, Dialogue(services), sheets, looks)


@asynccontextmanager
async def open_bot(settings: Settings) -> AsyncIterator[Bot]:
    redis = connect(settings)
    try:
        async with beating(redis) as heart:
            bot = replace(assembled(redis, settings), heart=heart)
            try:
                yield bot
            finally:
                await bot.looks.stop()
    finally:
        await redis.aclose()
