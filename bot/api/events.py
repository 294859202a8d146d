"""Server-Sent Events: the batch, each time it changed, until it has ended.

An event's id is the batch's version, so that a client that comes back with `Last-Event-ID` misses nothing.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack

from starlette.responses import Response

from bot import streams
from bot.api.call import Call
from bot.api.failures import refusal
from bot.api.models import ErrorBody
from bot.api.view import shown
from bot.streams import BEAT, EventStream
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch

_LOOK_S = 0.3


async def events(call: Call) -> Response:
    batch = await call.batch()
    seen = _seen(call.request.headers.get("last-event-id", ""))
    if batch.state.terminal and batch.version == seen:
        return Response(status_code=204)  # which tells a browser not to come back
    places = ExitStack()
    places.enter_context(call.services.streams.place(call.holder.digest))
    return EventStream(told(call, batch, seen), places)


async def told(call: Call, batch: Batch, seen: int) -> AsyncIterator[str]:
    """The events; a comment whenever nothing happened for a while."""
    clock = asyncio.get_running_loop().time
    beaten = clock()
    while True:
        try:
            batch = await call.services.bot.store.get(batch.id)
            if batch.version != seen:
                event = await _event(call, batch)
                seen, beaten = batch.version, clock()
                yield event
            if batch.state.terminal:
                return
        except HeygemError as error:
            if error.code is ErrorCode.BATCH_UNKNOWN:
                yield _gone(call, error)
                return
        if clock() - beaten >= streams.BEAT_S:
            beaten = clock()
            yield BEAT
            if not await _still_theirs(call):
                return
        await asyncio.sleep(_LOOK_S)


async def _still_theirs(call: Call) -> bool:
    """Whether the key was not withdrawn meanwhile."""
    try:
        return await call.services.keys.valid(call.holder)
    except HeygemError:  # Redis is away
        return True


async def _event(call: Call, batch: Batch) -> str:
    body = await shown(batch, call.services.bot.store, call.language)
    return f"id: {batch.version}\ndata: {body.model_dump_json()}\n\n"


def _gone(call: Call, error: HeygemError) -> str:
    body = ErrorBody(error=refusal(error, call.language))
    return f"event: gone\ndata: {body.model_dump_json()}\n\n"


def _seen(last: str) -> int:
    return int(last) if last.isascii() and last.isdecimal() and len(last) <= 15 else -1
