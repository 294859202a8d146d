"""What has to wait for the files that were sent before it; all else is answered while they are being fetched."""

from bot.dialogue.context import Context
from bot.dialogue.intents import (
    Cancel,
    ChooseVoiceFor,
    ClearHistory,
    DeleteBatch,
    Discard,
    Export,
    Forget,
    Generate,
    Intent,
    MoveItem,
    RemoveItem,
    RenameItem,
    Reuse,
    SaveTemplate,
    ShowBatch,
    UseTemplate,
    Withdraw,
)
from bot.dialogue.ordering import depends, in_order
from heygem.batches.model import BatchState

_AFTER_FILES = (
    *(ChooseVoiceFor, ClearHistory, DeleteBatch, Discard, Forget, Generate),
    *(Reuse, SaveTemplate, UseTemplate, Withdraw),
)


async def wait_for_files(context: Context, intent: Intent) -> None:
    """Until what was sent before is in the batch, where that makes a difference."""
    if depends() and await _files_matter(context, intent):
        await in_order()


async def _files_matter(context: Context, intent: Intent) -> bool:
    match intent:
        case RemoveItem(_, item) | MoveItem(_, item) | RenameItem(_, item):
            return item.isdecimal()  # which one has that number, they decide
        case Cancel(batch_id) if batch_id:
            batch = await context.store.find(batch_id)
            return batch is None or batch.state is BatchState.COLLECTING
        case Cancel():
            return True
        case ShowBatch("") | Export(""):
            return await context.current() is None  # they are about to open one
        case _:
            return isinstance(intent, _AFTER_FILES)
