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
from bot.dialogue.units import span
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.batches.model import Person, Place
from heygem.links.browsers import Browsers
from heygem.links.sign_in import SignIn, SignInLink, SignInLinks
from heygem.redis.connection import connect

_ONLY_HERE = "It opens on this machine only, until web.public_url is set."


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


def guest(name: str) -> Person:
    """Who is called so; capitals make no other person. Raises BAD_USAGE."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    person = meant(f"{STUDIO}:{folded}", _place(Person(platform=STUDIO, id="")))
    if not isinstance(person, Person):
        reason = f"“{name}” can't be a name here. It has up to 40 letters, digits, and . _ - or @ behind the first"
        raise HeygemError(ErrorCode.BAD_USAGE, reason=reason)
    return person


def _place(person: Person) -> Place:
    """Where their batches live: shown by no chat, the same for all of their browsers."""
    return Place(platform=NO_CHAT, chat=person.owner, thread=STUDIO)


def run(settings: Settings, words: list[str]) -> int:
    """What was typed is done, and told on stdout. Raises BAD_USAGE, QUEUE_UNREACHABLE."""
    return asyncio.run(_run(settings, words))


async def _run(settings: Settings, words: list[str]) -> int:
    async with connect(settings) as redis:
        guests = Guests.of(redis, settings)
        match words:
            case ["invite", name]:
                _say(await _invite(guests, guest(name), settings))
            case ["revoke", name]:
                _say(_revoked(guest(name), *await guests.revoke(guest(name))))
            case ["list"]:
                _say("\n".join(await guests.names()) or "Nobody is invited. heygem studio invite NAME does that.")
            case _:
                raise HeygemError(ErrorCode.BAD_USAGE, reason="studio invite NAME, studio revoke NAME or studio list")
    return 0


async def _invite(guests: Guests, person: Person, settings: Settings) -> str:
    link = await guests.invite(person, settings)
    lines = [
        f"{person.id} may use the studio. This signs one browser in, once, within {span(link.lasts_s, 'en')}:",
        link.url,
        *([_ONLY_HERE] if settings.web.only_here else []),
    ]
    return "\n".join(lines)


def _revoked(person: Person, gone: bool, browsers: int) -> str:
    if not gone:
        return f"{named(person)} was not invited."
    return f"{person.id} may not use the studio any more; browsers signed out: {browsers}."


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
