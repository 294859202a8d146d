"""What the studio shows first: what is under way, and what has ended last."""

import asyncio
import hashlib

from bot.web.site import Site
from bot.web.studio.cards import Cards, view_of
from bot.web.studio.page import StudioPage, Told
from bot.web.studio.visitor import Visitor
from bot.web.studio.words import WORDS
from bot.web.upload.desk import PIECE_BYTES
from bot.web.upload.view import most
from bot.web.upload.words import WORDS as SENDING
from heygem.batches.past import Past

MOST_BATCHES = 200
_LATEST = 3


async def studio_page(site: Site, visitor: Visitor, told: tuple[Told, ...] = ()) -> StudioPage:
    version = await version_of(site, visitor)  # before what is shown, so that a change in between is seen as one
    cards = await Cards.of(site, visitor)
    live = sorted(await site.store.unended(visitor.person), key=lambda batch: batch.created, reverse=True)
    ended = await Past(site.redis).outlines(visitor.person)
    latest = await asyncio.gather(*[site.store.find(outline.id) for outline in ended[:_LATEST]])
    return StudioPage(
        words=WORDS[visitor.language],
        form_key=visitor.form_key,
        at="",
        live=tuple([await cards.live(batch) for batch in live]),
        past=tuple([await cards.past(batch) for batch in latest if batch]),
        ended=len(ended),
        longest_s=site.settings.limits.voice_seconds,
        sending=SENDING[visitor.language],
        most=most(site.settings.limits.file_mb, SENDING[visitor.language]),
        piece=PIECE_BYTES,
        version=version,
        told=told,
    )


async def version_of(site: Site, visitor: Visitor) -> str:
    """Asked for every second for each open page: only what has not ended is read."""
    known = await site.store.versions(visitor.person, MOST_BATCHES)
    live = [await view_of(site, batch, visitor.language) for batch in await site.store.unended(visitor.person)]
    drawn = "|".join([*(f"{batch}:{version}" for batch, version in known.items()), *(view.spoken for view in live)])
    return hashlib.sha256(drawn.encode()).hexdigest()[:16]
