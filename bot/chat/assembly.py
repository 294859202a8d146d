"""Everything a front end needs to hold the dialogue, put together from the settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from redis.asyncio import Redis

from bot.dialogue.access import Access
from bot.dialogue.dialogue import Dialogue
from bot.dialogue.quota import Allowance
from bot.looks import Looks
from heygem.archive.links import Links
from heygem.batches.connection import connect
from heygem.batches.people import People
from heygem.batches.store import Store
from heygem.heartbeat import Heart, beating
from heygem.settings import Settings
from heygem.storage import Storage


@dataclass(frozen=True)
class Bot:
    store: Store
    people: People
    links: Links
    access: Access
    allowance: Allowance
    dialogue: Dialogue
    looks: Looks
    heart: Heart = field(default_factory=Heart)


def assembled(redis: Redis, settings: Settings) -> Bot:
    storage = Storage(settings.data_dir)
    store, people = Store(redis, settings), People(redis)
    links, access = Links(redis, settings), Access(redis)
    allowance = Allowance(redis, settings, storage)
    looks = Looks(store, storage)
    dialogue = Dialogue(store, people, links, storage, settings, access, allowance, looks)
    return Bot(store, people, links, access, allowance, dialogue, looks)


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
