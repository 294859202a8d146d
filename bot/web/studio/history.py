"""The history: what has ended, a page at a time, sought by a name and filtered."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from bot.dialogue.codec import button, number_in
from bot.dialogue.intents import AskClear
from bot.dialogue.text import catalogue
from bot.dialogue.units import size
from bot.web.site import Site
from bot.web.studio.cards import Cards, choices
from bot.web.studio.page import Choice, HistoryPage, Space, Told
from bot.web.studio.visitor import Visitor
from bot.web.studio.words import WORDS, Words
from heygem.batches.past import Outline, Past

PER_PAGE = 20
_LONGEST_SOUGHT = 100
_DONE, _MISSING = "done", "missing"


@dataclass(frozen=True)
class Wanted:
    """What an address asks for. `state`: with finished videos, with some that were not made, or "" for all."""

    sought: str = ""
    state: str = ""
    engine: str = ""
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Wanted":
        """Whatever stands in an address; what means nothing asks for nothing."""
        state = query.get("state", "")
        return cls(
            sought=query.get("find", "")[:_LONGEST_SOUGHT].strip(),
            state=state if state in (_DONE, _MISSING) else "",
            engine=query.get("engine", "")[:_LONGEST_SOUGHT],
            page=max(1, number_in(query.get("page", "")) or 1),
        )

    @property
    def query(self) -> str:
        page = str(self.page) if self.page > 1 else ""
        asked = {"find": self.sought, "state": self.state, "engine": self.engine, "page": page}
        return urlencode({name: value for name, value in asked.items() if value})

    def takes(self, outline: Outline) -> bool:
        """As far as can be told without its names."""
        fits = {_DONE: outline.done, _MISSING: outline.missing}
        return bool(fits.get(self.state, 1)) and self.engine in ("", outline.engine)


async def history_page(site: Site, visitor: Visitor, wanted: Wanted, told: tuple[Told, ...] = ()) -> HistoryPage:
    past, words = Past(site.redis), WORDS[visitor.language]
    ended = await past.outlines(visitor.person)
    found = await _named(past, [outline.id for outline in ended if wanted.takes(outline)], wanted.sought)
    pages = max(1, -(-len(found) // PER_PAGE))
    here = replace(wanted, page=min(wanted.page, pages))
    shown = found[(here.page - 1) * PER_PAGE : here.page * PER_PAGE]
    batches = await asyncio.gather(*map(site.store.find, shown))
    cards = await Cards.of(site, visitor)
    return HistoryPage(
        words=words,
        form_key=visitor.form_key,
        at=_at(here),
        past=tuple([await cards.past(batch) for batch in batches if batch]),
        found=words.found.of(len(found)),
        sought=here.sought,
        states=_states(here, words),
        engines=_engines(here, ended, words),
        place=words.page_of.format(page=here.page, pages=pages) if pages > 1 else "",
        newer=_at(replace(here, page=here.page - 1)) if here.page > 1 else "",
        older=_at(replace(here, page=here.page + 1)) if here.page < pages else "",
        space=await _space(site, visitor, words),
        clear=choices([button(catalogue(visitor.language).buttons.clear_all, AskClear())]) if ended else (),
        told=told,
    )


async def _named(past: Past, batch_ids: list[str], sought: str) -> list[str]:
    """Those that have it in a name."""
    if not sought:
        return batch_ids
    names = await past.names(batch_ids)
    wanted = sought.casefold()
    return [each for each in batch_ids if any(wanted in name.casefold() for name in names[each])]


def _at(wanted: Wanted) -> str:
    return f"{HistoryPage.name}?{wanted.query}"


def _states(wanted: Wanted, words: Words) -> tuple[Choice, ...]:
    labels = {"": words.all_states, _DONE: words.some_done, _MISSING: words.some_missing}
    return tuple(Choice(value, label, value == wanted.state) for value, label in labels.items())


def _engines(wanted: Wanted, ended: list[Outline], words: Words) -> tuple[Choice, ...]:
    known = sorted({outline.engine for outline in ended})
    if len(known) < 2 and not wanted.engine:
        return ()
    labels = {"": words.all_engines} | {engine: engine for engine in known}
    return tuple(Choice(value, label, value == wanted.engine) for value, label in labels.items())


async def _space(site: Site, visitor: Visitor, words: Words) -> Space:
    used, most = await site.bot.allowance.kept(visitor.person), site.bot.allowance.most_kept
    return Space(words.space.format(used=size(used), most=size(most)), min(100, 100 * used // max(1, most)))
