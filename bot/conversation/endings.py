"""/export: a fresh link to what is finished, at any time."""

from bot.announcement import export
from bot.buttons import Pressed, Verb
from bot.conversation.turn import Replies, Turn
from heygem.batches.model import Batch
from heygem.errors import ErrorCode, HeygemError


async def _export_latest(turn: Turn, _: str) -> Replies:
    batch = await _exportable(turn)
    if batch is None:
        raise HeygemError(ErrorCode.NOTHING_TO_EXPORT)
    return await link_to(turn, batch)


async def _exportable(turn: Turn) -> Batch | None:
    """The newest batch of this place, whoever owns it, or else of this person here, with something finished."""
    latest = await turn.house.store.latest(turn.place)
    if latest is not None and latest.finished:
        return latest
    past = await turn.house.store.history(turn.message.person)
    return next((batch for batch in past if batch.finished and batch.place == turn.place), None)


async def link_to(turn: Turn, batch: Batch) -> Replies:
    link = await turn.house.links.create(batch)
    return [export(batch, link, turn.language)]


async def _press_export(turn: Turn, pressed: Pressed) -> Replies:
    return await link_to(turn, await turn.batch(pressed.argument(0)))


COMMANDS = {"export": _export_latest}
BUTTONS = {Verb.EXPORT: _press_export}
