"""What the whole dialogue works with."""

import asyncio
from dataclasses import dataclass, field

from bot.dialogue.access import Access
from bot.dialogue.quota import Allowance
from bot.looks import Looks
from heygem.base.settings import Settings
from heygem.batches.people import People
from heygem.batches.store import Store
from heygem.links.download import Links
from heygem.links.upload import UploadLinks
from heygem.storage.layout import Storage

_PROBES_AT_ONCE = 4


@dataclass(frozen=True)
class Services:
    store: Store
    people: People
    links: Links
    storage: Storage
    settings: Settings
    access: Access
    allowance: Allowance
    uploads: UploadLinks
    looks: Looks | None = None
    probes: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_PROBES_AT_ONCE))
