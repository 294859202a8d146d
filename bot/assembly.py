"""Everything a front end needs to hold the conversation, put together from the settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.access import Access
from bot.allowance import Allowance
from bot.conversation import Conversation
from heygem.archive.links import Links
from heygem.batches.connection import connect
from heygem.batches.people import People
from heygem.batches.store import Store
from heygem.settings import Settings
from heygem.storage import Storage


@dataclass(frozen=True)
class Bot:
    store: Store
    links: Links
    access: Access
    conversation: Conversation


@asynccontextmanager
async def open_bot(settings: Settings) -> AsyncIterator[Bot]:
    redis = connect(settings)
    try:
        storage = Storage(settings.data_dir)
        store, links, access = Store(redis, settings), Links(redis, settings), Access(redis)
        allowance = Allowance(redis, settings, storage)
        conversation = Conversation(store, People(redis), links, storage, settings, access, allowance)
        yield Bot(store, links, access, conversation)
    finally:
        await redis.aclose()
