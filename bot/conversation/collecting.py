"""The batch that a place is collecting."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.conversation.turn import Replies, Turn
from heygem.batches.model import Batch, BatchState


async def open_here(turn: Turn) -> Batch | None:
    """The batch that takes what is sent: the one named by an upload page, or else the one collected in the place."""
    store, named = turn.house.store, turn.message.batch
    return await store.get(named) if named else await store.collecting(turn.place)


async def open_batch(turn: Turn) -> Batch:
    """The batch that takes what is sent, or a new one with the person's settings."""
    store, chosen = turn.house.store, turn.preferences
    if found := await open_here(turn):
        return found
    batch = await store.open(turn.message.person, turn.place, turn.language)
    await store.set_options(batch.id, engine=chosen.engine or turn.house.settings.engine, options=chosen.options)
    return await store.get(batch.id)


@asynccontextmanager
async def collecting(turn: Turn) -> AsyncIterator[Batch]:
    """The batch to put something into. One opened for that goes again if nothing came into it."""
    before = await open_here(turn)
    batch = before or await open_batch(turn)
    try:
        yield batch
    finally:
        if before is None:
            now = await turn.house.store.get(batch.id)
            if now.voice is None and not now.items:
                await turn.house.store.delete(batch.id)


async def next_batch_note(turn: Turn) -> Replies:
    """What arrives while a batch runs goes into the next one, and that is said."""
    latest = await turn.house.store.latest(turn.place)
    running = latest is not None and latest.state in (BatchState.QUEUED, BatchState.RUNNING)
    return turn.say(turn.words.collecting.next_batch) if running else []
