"""A message that was edited: the caption of a file that is still collected counts as it is now, and a command that was
not understood is answered as a new one. Whatever else is edited stays as it was taken.
"""

from bot.dialogue.captions import captioned
from bot.dialogue.context import Context, Replies
from bot.dialogue.files import title_in
from bot.dialogue.intents import AddFile, ExplainHistory, ExplainTemplates, Intent, Talk
from bot.dialogue.ordering import in_order
from heygem.batches.model import Batch, BatchState
from heygem.batches.store import VOICE

_NOT_UNDERSTOOD = (Talk, ExplainHistory, ExplainTemplates)


async def note(context: Context, intent: Intent) -> None:
    """Remember a message that is not understood: edited, it may be."""
    if isinstance(intent, _NOT_UNDERSTOOD) and context.said.direct and context.said.pressed is None:
        await context.services.notes.unclear(context.said)


async def edited(context: Context, intent: Intent) -> Replies | None:
    """The answer to an edited message; None: it is to be answered as a new one."""
    if isinstance(intent, AddFile):
        return await _captioned_anew(context, intent)
    return None if await context.services.notes.was_unclear(context.said) else []


async def _captioned_anew(context: Context, intent: AddFile) -> Replies:
    await in_order()  # its file may still be fetched
    taken = await context.store.taken(context.place, context.said.id)
    batch = await context.store.find(taken[0]) if taken else None
    if taken is None or batch is None or batch.state is not BatchState.COLLECTING:
        return []
    if taken[1] != VOICE:
        return await _named_anew(context, intent, batch, taken[1])
    if batch.voice is None or batch.voice_message != context.said.id or batch.caption == intent.caption.strip():
        return []
    return await captioned(context, batch, intent.caption, batch.voice.info.duration_s, stated=False)


async def _named_anew(context: Context, intent: AddFile, batch: Batch, item_id: str) -> Replies:
    """Like its name at first, a caption names what has no file name. The status shows it by itself."""
    item = next((item for item in batch.items if item.id == item_id), None)
    title = title_in(intent.caption)
    if item is not None and title and not intent.attachment.name:
        await context.services.items.rename(item, title)
    return []
