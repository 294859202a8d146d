"""What the whole dialogue works with."""

import asyncio
from dataclasses import dataclass, field
from typing import Self

from redis.asyncio import Redis

from bot.dialogue.access import Access
from bot.dialogue.notes import Notes
from bot.dialogue.quota import Allowance
from bot.dialogue.requests import Requests
from bot.previews.looks import Looks
from heygem.base.settings import Settings
from heygem.batches.api_keys import ApiKeys
from heygem.batches.items import Items
from heygem.batches.people import People
from heygem.batches.store import Store
from heygem.links.browsers import Browsers
from heygem.links.download import Links
from heygem.links.sign_in import SignInLinks
from heygem.links.upload import UploadLinks
from heygem.storage.layout import Storage

_PROBES_AT_ONCE = 4


@dataclass(frozen=True)
class Services:
    """`looks` has the templates of batches looked at that are shown while they are collected."""

    settings: Settings
    storage: Storage
    store: Store
    items: Items
    people: People
    links: Links
    uploads: UploadLinks
    api_keys: ApiKeys
    sign_ins: SignInLinks
    browsers: Browsers
    access: Access
    requests: Requests
    allowance: Allowance
    notes: Notes
    looks: Looks | None = None
    probes: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_PROBES_AT_ONCE))

    @classmethod
    def over(cls, redis: Redis, settings: Settings, looks: Looks | None = None) -> Self:
        storage = Storage(settings.data_dir)
        return cls(
            settings=settings,
            storage=storage,
            store=Store(redis, settings),
            items=Items(redis),
            people=People(redis),
            links=Links(redis, settings),
            uploads=UploadLinks(redis, settings),
            api_keys=ApiKeys(redis),
            sign_ins=SignInLinks(redis, settings),
            browsers=Browsers(redis),
            access=Access(redis),
            requests=Requests(redis),
            allowance=Allowance(redis, settings, storage),
            notes=Notes(redis),
            looks=looks,
        )
