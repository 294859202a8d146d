"""Everything a front end needs to hold the dialogue, put together from the settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from redis.asyncio import Redis

from bot.dialogue.access import Access
from bot.dialogue.dialogue import Dialogue
from bot.dialogue.quota import Allowance
from bot.dialogue.services import Services
from bot.previews.looks import Looks
from bot.previews.sheets import Sheets
from heygem.base.settings import Settings
from heygem.batches.people import People
from heygem.batches.store import Store
from heygem.links.browsers import Browsers
from heygem.links.download import Links
from heygem.links.sign_in import SignInLinks
from heygem.links.upload import UploadLinks
from heygem.redis.connection import connect
from heygem.redis.heartbeat import Heart, beating
from heygem.storage.layout import Storage


@dataclass(frozen=True)
class Bot:
    redis: Redis
    store: Store
    people: People
    links: Links
    uploads: UploadLinks
    sign_ins: SignInLinks
    browsers: Browsers
    access: Access
    allowance: Allowance
    dialogue: Dialogue
    sheets: Sheets
    looks: Looks
    heart: Heart = field(default_factory=Heart)


def assembled(redis: Redis, settings: Settings) -> Bot:
    storage = Storage(settings.data_dir)
    sheets = Sheets(storage)
    looks = Looks(Store(redis, settings), storage, sheets)
    services = Services.over(redis, settings, looks)
    return Bot(
        redis=redis,
        store=services.store,
        people=services.people,
        links=services.links,
        uploads=services.uploads,
        sign_ins=services.sign_ins,
        browsers=services.browsers,
        access=services.access,
        allowance=services.allowance,
        dialogue=Dialogue(services),
        sheets=sheets,
        looks=looks,
    )


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
