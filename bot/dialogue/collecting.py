"""The batch that a place is collecting."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.dialogue.codec import number_in
from bot.dialogue.context import Context, Replies
from bot.dialogue.intents import MoveItem, RemoveItem, RenameItem
from bot.dialogue.message import Room
from bot.dialogue.text import reads_traditional
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch, BatchState, Item


async def open_here(context: Context) -> Batch | None:
    """The batch that takes what is sent: the one named by an upload page, or else the one collected in the place."""
    named = context.said.batch
    return await context.store.get(named) if named else await context.collecting()


async def collected(context: Context, batch_id: str) -> Batch | None:
    """The batch whose templates are changed by a button, or by words. Raises BATCH_STARTED."""
    if batch_id:
        return await context.batch(batch_id)
    batch = await context.collecting()
    if batch is None and (running := await context.current()) and not running.state.terminal:
        raise HeygemError(ErrorCode.BATCH_STARTED)
    return batch


def item_meant(batch: Batch, intent: RemoveItem | MoveItem | RenameItem) -> Item | None:
    """The template that a button names by its id, None once it has gone, or that words name by its number.

    Raises:
        HeygemError: ITEM_UNKNOWN, there is no such number.
    """
    if intent.batch:
        return next((item for item in batch.items if item.id == intent.item), None)
    return item_numbered(batch, number_in(intent.item) or 0)


def item_numbered(batch: Batch, number: int) -> Item:
    """Raises ITEM_UNKNOWN."""
    for item in batch.items:
        if item.number == number:
            return item
    raise HeygemError(ErrorCode.ITEM_UNKNOWN, number=number)


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
