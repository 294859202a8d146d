"""`python -m bot studio invite|revoke|list`: people who have no chat, let into the studio by who owns the machine.

They stand on the access list like anybody else, so `/deny studio:anna` from an admin's chat works too.
"""

import asyncio
import sys
import unicodedata
from dataclasses import dataclass

from redis.asyncio import Redis

from bot.dialogue.access import Access, named
from bot.dialogue.ids import STUDIO, meant
from bot.dialogue.message import NO_CHAT
from bot.dialogue.names import person_name
from bot.dialogue.text import Catalogue, catalogue
from bot.dialogue.units import span
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.batches.model import Person, Place
from heygem.links.browsers import Browsers
from heygem.links.sign_in import SignIn, SignInLink, SignInLinks
from heygem.redis.connection import connect


@dataclass(frozen=True)
class Guests:
    """Who has been let in by name."""

    access: Access
    sign_ins: SignInLinks
    browsers: Browsers

    @classmethod
    def of(cls, redis: Redis, settings: Settings) -> "Guests":
        return cls(Access(redis), SignInLinks(redis, settings), Browsers(redis))

    async def invite(self, person: Person, settings: Settings) -> SignInLink:
        """They may use the bot from now on, and this signs one browser of theirs in."""
        await self.access.allow(person)
        return await self.sign_ins.create(SignIn(person=person, place=_place(person), language=settings.language))

    async def revoke(self, person: Person) -> tuple[bool, int]:
        """Whether they were let in, and how many browsers of theirs are signed out."""
        gone = await self.access.deny(person)
        await self.sign_ins.forget(person)
        return gone, await self.browsers.forget(person)

    async def names(self) -> list[str]:
        known = (name.partition(":") for name in await self.access.allowed())
        return [name for platform, _, name in known if platform == STUDIO]


def guest(name: str, words: Catalogue) -> Person:
    """Who is called so; capitals make no other person. Raises BAD_USAGE."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    person = meant(f"{STUDIO}:{folded}", _place(Person(platform=STUDIO, id="")))
    if not isinstance(person, Person):
        raise HeygemError(ErrorCode.BAD_USAGE, reason=words.studio.guest_name.format(name=person_name(name)))
    return person


def _place(person: Person) -> Place:
    """Where their batches live: shown by no chat, the same for all of their browsers."""
    return Place(platform=NO_CHAT, chat=person.owner, thread=STUDIO)


def run(settings: Settings, typed: list[str]) -> int:
    """What was typed is done, and told on stdout. Raises BAD_USAGE, QUEUE_UNREACHABLE."""
    return asyncio.run(_run(settings, typed))


async def _run(settings: Settings, typed: list[str]) -> int:
    words = catalogue(settings.language)
    async with connect(settings) as redis:
        guests = Guests.of(redis, settings)
        match typed:
            case ["invite", name]:
                lines = await _invite(guests, guest(name, words), settings, words)
            case ["revoke", name]:
                lines = await _revoke(guests, guest(name, words), words)
            case ["list"]:
                lines = await guests.names() or [words.studio.no_guests]
            case _:
                raise HeygemError(ErrorCode.BAD_USAGE, reason="studio invite NAME, studio revoke NAME, studio list")
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


async def _invite(guests: Guests, person: Person, settings: Settings, words: Catalogue) -> list[str]:
    link = await guests.invite(person, settings)
    return [
        words.doors.allowed.format(who=named(person)),
        words.studio.guest_link.format(time=span(link.lasts_s, settings.language)),
        link.url,
        *([words.ending.only_here] if settings.web.only_here else []),
    ]


async def _revoke(guests: Guests, person: Person, words: Catalogue) -> list[str]:
    gone, browsers = await guests.revoke(person)
    told = words.doors.denied if gone else words.doors.not_allowed_yet
    return [told.format(who=named(person)), *([words.studio.guest_out.of(browsers)] if browsers else [])]
