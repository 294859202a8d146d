"""Who may use the bot: closed by default, opened by an admin from chat.

The operator of the console owns the machine and is an admin by itself. The first start prints a claim code that makes
one person the admin; Redis keeps only its hash.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from redis.asyncio import Redis

from heygem.batches.model import Person, Place
from heygem.batches.people import Preferences, preferences_in
from heygem.redis import keys
from heygem.redis.connection import reaches_queue, reply

CONSOLE = "console"
TRIES = 5  # codes per person before a pause
TRIES_OF_ALL = 30  # and of everybody together: a code can't be guessed by many accounts either
PAUSE_S = 3600

_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # nothing that looks like something else


@dataclass(frozen=True)
class Standing:
    """Who a person is to us: whether they may use the bot where they are, whether as an admin, and what they chose."""

    served: bool
    admin: bool
    preferences: Preferences


@dataclass(frozen=True)
class ClaimWait:
    """Too many wrong codes: the next is looked at in `seconds`."""

    seconds: int


@reaches_queue
class Access:
    """Allow-lists in Redis."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def standing(self, person: Person, place: Place) -> Standing:
        """Who this person is to us, here."""
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.sismember(keys.ADMINS, named(person))
            pipe.sismember(keys.ALLOWED_PEOPLE, named(person))
            pipe.sismember(keys.ALLOWED_PLACES, named(place))
            pipe.get(keys.preferences(person.owner))
            admin, invited, here, kept = await pipe.execute()
        admin = admin or person.platform == CONSOLE
        return Standing(bool(admin or invited or here), bool(admin), preferences_in(kept))

    async def serves(self, person: Person, place: Place) -> bool:
        """Whether this person may use the bot here."""
        return (await self.standing(person, place)).served

    async def is_admin(self, person: Person) -> bool:
        return person.platform == CONSOLE or bool(await reply(self._redis.sismember(keys.ADMINS, named(person))))

    async def admins(self, platform: str) -> list[Person]:
        """Those who can be reached there."""
        admins = sorted(await reply(self._redis.smembers(keys.ADMINS)))
        pairs = (name.partition(":") for name in admins)
        return [Person(platform=where, id=number) for where, _, number in pairs if where == platform]

    async def has_admin(self) -> bool:
        return bool(await reply(self._redis.scard(keys.ADMINS)))

    async def claim_code(self, platform: str) -> str | None:
        """A fresh code for the first admin, to be shown on the operator's screen; None where there is an admin.

        Each platform has its own, since each is a process that shows one when it starts.
        """
        if await self.has_admin():
            return None
        code = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))
        await self._redis.set(keys.claim_code(platform), _hashed(code))
        return code

    async def claim(self, person: Person, code: str) -> bool | ClaimWait:
        """Make `person` the admin if the code is right. A code works once; wrong ones are limited."""
        if wait := await self._pause(person):
            return ClaimWait(wait)
        key = keys.claim_code(person.platform)
        expected = await self._redis.get(key)
        # Deleting decides who was first when two have the code.
        if hmac.compare_digest(_hashed(code), expected or "") and await self._redis.delete(key):
            await reply(self._redis.sadd(keys.ADMINS, named(person)))
            return True
        return False

    async def allow(self, who: Person | Place) -> bool:
        """Whether that changed anything."""
        return bool(await reply(self._redis.sadd(_list_of(who), named(who))))

    async def deny(self, who: Person | Place) -> bool:
        return bool(await reply(self._redis.srem(_list_of(who), named(who))))

    async def move(self, old: Place, new: Place) -> None:
        """A place that was allowed stays so under its new id."""
        if await reply(self._redis.sismember(keys.ALLOWED_PLACES, named(old))):
            await self.allow(new)
            await self.deny(old)

    async def allowed(self) -> list[str]:
        """Everyone and every place on the lists, as an admin writes them."""
        people = await reply(self._redis.smembers(keys.ALLOWED_PEOPLE))
        places = await reply(self._redis.smembers(keys.ALLOWED_PLACES))
        return sorted(people) + sorted(f"here:{place}" for place in places)

    async def _pause(self, person: Person) -> int:
        """Seconds to wait, or 0. Every try is counted before it is looked at, so that many at once gain nothing."""
        counters = ((keys.claim_tries(named(person)), TRIES), (keys.claim_tries("all"), TRIES_OF_ALL))
        async with self._redis.pipeline(transaction=True) as pipe:
            for key, _ in counters:
                pipe.set(key, 0, ex=PAUSE_S, nx=True)
                pipe.incr(key)
                pipe.ttl(key)
            answers = await pipe.execute()
        counted = zip(answers[1::3], answers[2::3], counters, strict=True)
        return max((max(1, left) for count, left, (_, tries) in counted if count > tries), default=0)


def named(who: Person | Place) -> str:
    """telegram:123456 – a person's id, or a place's chat whatever the thread."""
    return f"{who.platform}:{who.id if isinstance(who, Person) else who.chat}"


def _list_of(who: Person | Place) -> str:
    return keys.ALLOWED_PEOPLE if isinstance(who, Person) else keys.ALLOWED_PLACES


def _hashed(code: str) -> str:
    plain = "".join(code.split()).replace("-", "").upper()
    return hashlib.sha256(plain.encode()).hexdigest()
