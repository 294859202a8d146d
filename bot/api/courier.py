"""Tells of what has ended: each item and the batch, once their owner's program has said that it heard, or for a day.

What is still to be told, the records say: a batch stays dirty until then, and is looked at again every few seconds. So
nothing is lost with a process, and what was answered with a lost answer is told again.
"""

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from redis.asyncio import Redis

from bot.api.addresses import checked
from bot.api.models import ItemData, Notice
from bot.api.remote import client
from bot.api.signature import signed
from bot.api.view import item_shown, shown
from heygem.base.errors import HeygemError
from heygem.base.settings import Settings
from heygem.base.tasks import end
from heygem.batches.model import Batch, Item
from heygem.batches.store import Store
from heygem.batches.webhooks import Hook, Told, Tried, Webhooks

_log = logging.getLogger(__name__)

WAITS_S = (5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 28_800)  # between two tries; a day in all
PATIENCE_S = 15.0
_RETRY_S = 2.0
_AT_ONCE = 8


@dataclass(frozen=True)
class Due:
    """Something that ended and is not settled: an item, or with None the batch."""

    item: Item | None
    tried: Tried

    @property
    def event(self) -> str:
        return self.item.id if self.item else "batch"


class Courier:
    """`platform` is that of the batches which may have a webhook."""

    def __init__(self, redis: Redis, store: Store, settings: Settings, platform: str) -> None:
        self._store = store
        self._webhooks = Webhooks(redis)
        self._allowed = settings.api.allowed_hosts
        self._platform = platform
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._sending = asyncio.Semaphore(_AT_ONCE)

    async def run(self) -> None:
        """For ever, through losses of Redis."""
        try:
            while True:
                with contextlib.suppress(HeygemError):
                    async for batch_id in self._store.telling.dirty(self._platform):
                        self._look(batch_id)
                await asyncio.sleep(_RETRY_S)
        finally:
            await end(list(self._under_way.values()))

    def _look(self, batch_id: str) -> None:
        if batch_id not in self._under_way:
            task = self._under_way[batch_id] = asyncio.create_task(self._tell(batch_id))
            task.add_done_callback(lambda _: self._under_way.pop(batch_id, None))

    async def _tell(self, batch_id: str) -> None:
        try:
            while await self._tell_due(batch_id):
                pass
        except HeygemError as error:
            _log.debug("nothing is told of batch %s now: %s", batch_id, error)
        except Exception:
            _log.exception("the webhook of batch %s failed", batch_id)

    async def _tell_due(self, batch_id: str) -> bool:
        """Whether to look again at once. What is to be told later keeps the batch dirty."""
        batch, told = await self._store.get(batch_id), await self._webhooks.find(batch_id)
        left = due(batch, told) if told else []
        if told is None or not left:
            return not await self._store.telling.clean(self._platform, batch.id, batch.version)
        moment = await self._store.now()
        ready = [each for each in left if each.tried.again <= moment]
        for each in ready:
            await self._send(batch, told.hook, each)
        return bool(ready)

    async def _send(self, batch: Batch, hook: Hook, what: Due) -> None:
        notice = await self._notice(batch, what.item)
        async with self._sending:
            status = await self._post(hook, f"msg_{batch.id}_{what.event}", notice.model_dump_json())
        tried = after(what.tried, status, await self._store.now())
        if tried.settled and status not in range(200, 300):
            _log.warning("batch %s: its webhook was given up after %d tries", batch.id, tried.times)
        await self._webhooks.record(batch.id, what.event, tried)

    async def _notice(self, batch: Batch, item: Item | None) -> Notice:
        if item is None:
            body = await shown(batch, self._store, batch.language)
            return Notice(type=f"batch.{batch.state}", timestamp=_moment(batch.ended), data=body)
        data = ItemData(batch=batch.id, item=item_shown(item, batch.language))
        return Notice(type=f"item.{item.state}", timestamp=_moment(item.ended), data=data)

    async def _post(self, hook: Hook, message_id: str, body: str) -> int:
        """The status of the answer; 0: none came."""
        headers = signed(message_id, await self._store.now(), body, hook.secret)
        try:
            async with asyncio.timeout(PATIENCE_S), client() as http:
                target = await checked(hook.url, self._allowed)
                secure = {"sni_hostname": target.host}
                headers |= target.headers
                request = http.build_request("POST", target.connect, content=body, headers=headers, extensions=secure)
                answer = await http.send(request, stream=True)
                await answer.aclose()
                return answer.status_code
        except (httpx.HTTPError, TimeoutError, HeygemError):
            return 0


def due(batch: Batch, told: Told) -> list[Due]:
    """Items in their order, then the batch."""
    ended: list[Item | None] = [item for item in batch.items if item.state.terminal]
    if batch.state.terminal:
        ended.append(None)
    found = [Due(item, told.tried.get(item.id if item else "batch", Tried())) for item in ended]
    return [each for each in found if not each.tried.settled]


def after(tried: Tried, status: int, moment: float) -> Tried:
    """What is to be done after one more try. 410 means that nobody will ever hear."""
    times = tried.times + 1
    if 200 <= status < 300 or status == httpx.codes.GONE or times > len(WAITS_S):
        return Tried(times=times, settled=True)
    return Tried(times=times, again=moment + WAITS_S[times - 1])


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
