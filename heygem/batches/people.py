"""What we keep about a person between batches: preferences and saved templates."""

from pydantic import BaseModel, Field
from redis.asyncio import Redis

from heygem.base.sentences import Language
from heygem.batches.model import MediaFile, Person
from heygem.batches.records import file_key
from heygem.batches.scripts import QUEUE
from heygem.engines.base import RenderOptions
from heygem.redis import keys
from heygem.redis.connection import reaches_queue, reply
from heygem.redis.scripts import Scripts


class Preferences(BaseModel, frozen=True):
    """None: not chosen; the settings' default, or the platform's language."""

    language: Language | None = None
    engine: str | None = None
    options: RenderOptions = Field(default_factory=RenderOptions)


def preferences_in(kept: str | None) -> Preferences:
    """As they lie in Redis."""
    return Preferences.model_validate_json(kept) if kept else Preferences()


@reaches_queue
class People:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._scripts = Scripts(redis, QUEUE)

    async def preferences(self, person: Person) -> Preferences:
        return preferences_in(await self._redis.get(keys.preferences(person.owner)))

    async def set_preferences(self, person: Person, preferences: Preferences) -> None:
        await self._redis.set(keys.preferences(person.owner), preferences.model_dump_json())

    async def templates(self, person: Person) -> dict[str, MediaFile]:
        """Saved templates by name, in the order of their names."""
        kept = await reply(self._redis.hgetall(keys.templates(person.owner)))
        return {name: MediaFile.model_validate_json(kept[name]) for name in sorted(kept)}

    async def save_template(self, person: Person, name: str, file: MediaFile) -> None:
        """Keep a template under a name, in place of an older one. The file stays as long as it is saved."""
        await self.drop_template(person, name)
        async with self._redis.pipeline() as pipe:
            pipe.sadd(keys.file_of(file_key(file)), _use(person, name))
            pipe.hset(keys.templates(person.owner), name, file.model_dump_json())
            await pipe.execute()

    async def drop_template(self, person: Person, name: str) -> bool:
        """Whether there was one. Its file goes with the next sweep, unless a batch uses it."""
        kept = await reply(self._redis.hget(keys.templates(person.owner), name))
        if kept is None:
            return False
        file = MediaFile.model_validate_json(kept)
        async with self._redis.pipeline() as pipe:
            pipe.hdel(keys.templates(person.owner), name)
            pipe.srem(keys.file_of(file_key(file)), _use(person, name))
            await pipe.execute()
        return True

    async def rename_templates(self, person: Person, name: str, new: str) -> bool:
        """Call what is saved under a name otherwise, a set as a whole. False: that name is taken."""
        return bool(await self._scripts.run("rename_templates", person.owner, name, new))

    async def forget(self, person: Person) -> None:
        """Preferences and saved templates. `Store.forget` is the whole of it, files included."""
        for name in await self.templates(person):
            await self.drop_template(person, name)
        await self._redis.delete(keys.preferences(person.owner), keys.templates(person.owner))


def _use(person: Person, name: str) -> str:
    return f"saved:{person.owner}:{name}"
