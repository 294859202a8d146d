"""Small changes of a batch and its items, and what refusals of the scripts mean."""

from collections.abc import Mapping

from redis.asyncio import Redis

from heygem.base.errors import ErrorCode, HeygemError, Param
from heygem.batches.model import Item
from heygem.batches.records import file_json
from heygem.batches.scripts import QUEUE
from heygem.redis.connection import reaches_queue
from heygem.redis.scripts import Scripts


@reaches_queue
class Items:
    """Methods raise BATCH_STARTED, ITEM_UNKNOWN."""

    def __init__(self, redis: Redis) -> None:
        self._scripts = Scripts(redis, QUEUE)

    async def drop_voice(self, item: Item) -> None:
        """It speaks the batch's voice again."""
        (status,) = await self._scripts.run("drop_item_voice", item.batch, item.id)
        raise_unless_ok(status, number=item.number)

    async def move(self, item: Item, number: int) -> None:
        """It gets this number, or the last one if there are fewer; those in between move up or down by one."""
        (status,) = await self._scripts.run("move_item", item.batch, item.id, number)
        raise_unless_ok(status, number=item.number)

    async def rename(self, item: Item, name: str) -> None:
        template = item.template.model_copy(update={"name": name})
        (status,) = await self._scripts.run("rename_item", item.batch, item.id, file_json(template))
        raise_unless_ok(status, number=item.number)


def raise_unless_ok(status: str, **params: Param) -> None:
    """Raise the error that a script answered, with the parameters that its sentence needs."""
    if status == "ok":
        return
    code = ErrorCode(status)
    needed = {ErrorCode.BATCH_FULL: ("limit",), ErrorCode.ITEM_UNKNOWN: ("number",)}.get(code, ())
    raise HeygemError(code, **{name: params[name] for name in needed})


async def set_fields(scripts: Scripts, batch_id: str, when: str, fields: Mapping[str, str]) -> None:
    """Set fields of a batch's record. `when`: "open" as long as it is collected, "any" time, "quietly" as no change."""
    pairs = [part for field in fields.items() for part in field]
    (status,) = await scripts.run("set_fields", batch_id, when, *pairs)
    raise_unless_ok(status)
