"""The batch that a place is collecting."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.dialogue.context import Context, Replies
from bot.dialogue.message import Room
from bot.dialogue.text import reads_traditional
from heygem.base.errors import HeygemError
from heygem.batches.model import Batch, BatchState


async def open_here(context: Context) -> Batch | None:
    """The batch that takes what is sent: the one named by an upload page, or else the one collected in the place."""
    named = context.said.batch
    return await context.store.get(named) if named else await context.collecting()


async def open_batch(context: Context) -> Batch:
    """The batch that takes what is sent, or a new one with the person's settings."""
    return await open_here(context) or await _opened(context)


async def _opened(context: Context) -> Batch:
    store, person, chosen = context.store, context.said.person, context.preferences
    options = chosen.options
    if options.chinese == "auto" and reads_traditional(context.said.language):
        options = options.model_copy(update={"chinese": "traditional"})
    async with _room(context) as room:
        batch = await store.open(person, room.place, context.language, engine=chosen.engine, options=options)
    if not room.message:
        return batch
    await store.set_status_message(batch.id, room.message)
    return await store.get(batch.id)


@asynccontextmanager
async def _room(context: Context) -> AsyncIterator[Room]:
    """Where a new batch shall live."""
    rooms = context.said.rooms
    if rooms is None:
        yield Room(context.place)
        return
    room = await rooms.open(context.language)
    try:
        yield room
    except HeygemError:
        await rooms.close(room)
        raise


@asynccontextmanager
async def collecting(context: Context, before: Batch | None) -> AsyncIterator[Batch]:
    """The batch to put something into. One opened because there was none goes again if nothing came into it."""
    batch = before or await _opened(context)
    try:
        yield batch
    finally:
        if before is None:
            now = await context.store.get(batch.id)
            if now.voice is None and not now.items:
                await context.store.delete(batch.id)
                if context.said.rooms is not None:
                    await context.said.rooms.close(Room(batch.place, batch.status_message))


async def next_batch_note(context: Context) -> Replies:
    """What arrives while a batch runs goes into the next one, and that is said."""
    latest = await context.store.latest(context.place)
    running = latest is not None and latest.state in (BatchState.QUEUED, BatchState.RUNNING)
    return context.say(context.words.collecting.next_batch) if running else []
