"""Where every request of Slack comes in: written down, acknowledged, and only then worked on.

Requests about one thread keep their order, however long each took to be written down.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from slack_bolt.response import BoltResponse

from bot.chat.inbox import Envelope, Inbox
from bot.dialogue.ordering import Queues
from bot.slack.arrival import Arrival, read
from bot.slack.file import Json
from heygem.base.errors import HeygemError
from heygem.base.tasks import end
from heygem.redis import keys

_log = logging.getLogger(__name__)

_REDIS_S = 2.0  # between two tries
_WRITE_S = 2.0  # Slack waits for 3
_LAST_RETRIES = 2  # from this redelivery on, an answer that we can't is better than silence
_FAREWELL_S = 5.0
_REVOKED = frozenset({"tokens_revoked", "app_uninstalled"})

Handle = Callable[[Arrival], Coroutine[Any, Any, None]]


class Door:
    """`give_up` tells whoever sent an arrival that it is left out."""

    def __init__(
        self, inbox: Inbox, handle: Handle, give_up: Handle, bot_user: str, dead: Callable[[str], None]
    ) -> None:
        self._inbox = inbox
        self._handle = handle
        self._give_up = give_up
        self._bot_user = bot_user
        self._dead = dead
        self._lines = Queues()
        self._tasks: set[asyncio.Task[None]] = set()
        self._refused: set[str] = set()  # what shall come again; it may be written down all the same

    async def receive(self, body: Json, retry: int) -> BoltResponse:
        """The acknowledgement. An event that can't be written down is refused: then Slack delivers it again."""
        if self._revoked(body.get("event")):
            self._dead("token_revoked")
            return _answer(200)
        arrival = read(body, self._bot_user)
        if arrival is None:
            return _answer(200)
        new: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._begin(arrival, new)  # takes its place in the line before anything is waited for
        try:
            async with asyncio.timeout(_WRITE_S):
                written = await self._inbox.put(Envelope(arrival.id, arrival.model_dump_json()))
            new.set_result(written or arrival.id in self._refused)
            self._refused.discard(arrival.id)
        except (HeygemError, TimeoutError):
            again = arrival.kind in ("message", "home", "withdrawn") and retry < _LAST_RETRIES
            new.set_result(not again)
            (self._refused.add if again else self._refused.discard)(arrival.id)
            return _answer(503 if again else 200)
        finally:
            new.cancel()  # of no effect once it is known
        return _answer(200)

    async def resume(self) -> None:
        """Work on what an earlier life of ours acknowledged and did not finish, as soon as Redis is there."""
        for envelope in await self._left():
            try:
                arrival = Arrival.model_validate_json(envelope.event)
            except ValueError:
                _log.error("%s, left to answer, can't be read", envelope.id)
                await self._inbox.answer(envelope.id, _nothing, _nothing)
                continue
            new: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            new.set_result(True)
            self._refused.discard(arrival.id)
            self._begin(arrival, new)

    async def _left(self) -> list[Envelope]:
        while True:
            with contextlib.suppress(HeygemError):
                await self._inbox.adopt(keys.OLD_SLACK_INBOX, _old, keys.OLD_SLACK_TRIES)
                return await self._inbox.left()
            await asyncio.sleep(_REDIS_S)

    async def leave(self) -> None:
        """Finish what can be finished soon; the rest stays in the inbox."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_FAREWELL_S)
        await end(self._tasks)

    def _revoked(self, event: object) -> bool:
        """A person may revoke tokens of their own; ours is the bot's."""
        if not isinstance(event, dict) or event.get("type") not in _REVOKED:
            return False
        return event["type"] == "app_uninstalled" or bool((event.get("tokens") or {}).get("bot"))

    def _begin(self, arrival: Arrival, new: "asyncio.Future[bool]") -> None:
        task = asyncio.create_task(self._in_turn(arrival, new))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _in_turn(self, arrival: Arrival, new: "asyncio.Future[bool]") -> None:
        async with self._lines.turn(arrival.line):
            if await new:
                await self._inbox.answer(arrival.id, partial(self._handle, arrival), partial(self._give_up, arrival))


def _answer(status: int) -> BoltResponse:
    return BoltResponse(status=status, body="")


async def _nothing() -> None:
    """What can't be read can't be answered."""


def _old(kept: str) -> tuple[float, str]:
    entry = json.loads(kept)
    return entry["at"], json.dumps(entry["arrival"])
