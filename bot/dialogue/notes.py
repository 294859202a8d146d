"""What is remembered of a conversation for a while: whom the next voice is for, and what was not understood."""

from redis.asyncio import Redis

from bot.dialogue.message import Said
from heygem.batches.model import Batch, Item
from heygem.redis import keys
from heygem.redis.connection import reaches_queue

_PATIENCE_S = 900
_UNCLEAR_S = 86_400


@reaches_queue
class Notes:
    """Every method raises QUEUE_UNREACHABLE when Redis does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def await_voice(self, said: Said, item: Item) -> None:
        """The person's next voice, within a quarter of an hour, is for that item."""
        await self._redis.set(keys.awaited_voice(item.batch, said.person.owner), item.id, ex=_PATIENCE_S)

    async def awaited(self, said: Said, batch: Batch) -> Item | None:
        """The item that the person's next voice is for."""
        item_id = await self._redis.get(keys.awaited_voice(batch.id, said.person.owner))
        return next((item for item in batch.items if item.id == item_id), None)

    async def voice_came(self, said: Said, batch: Batch) -> None:
        """The one after it is the batch's again."""
        await self._redis.delete(keys.awaited_voice(batch.id, said.person.owner))

    async def unclear(self, said: Said) -> None:
        """The message was not understood."""
        await self._redis.set(keys.unclear(said.place.id, said.id), "1", ex=_UNCLEAR_S)

    async def was_unclear(self, said: Said) -> bool:
        """Whether it was not understood; asked for once."""
        return bool(await self._redis.getdel(keys.unclear(said.place.id, said.id)))
