"""What the templates of a batch look like, by the numbers that they have everywhere else."""

from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.intents import ShowPictures
from bot.dialogue.message import Picture, Say, ShowStatus
from heygem.batches.model import Batch


async def _show(context: Context, intent: ShowPictures) -> Replies:
    batch = await context.meant(intent.batch)
    if batch is None or (batch.state.terminal and not batch.queued):
        return context.say(context.words.collecting.no_batch)
    if not batch.items:
        return [ShowStatus(batch.id)]
    shown = pictures(batch)
    text = "\n".join([context.words.collecting.pictures, *(picture.line for picture in shown)])
    return [Say(text, pictures=shown, shared=batch.place == context.place)]


def pictures(batch: Batch) -> tuple[Picture, ...]:
    """One for each template, in the order of their numbers, with the line that names it."""
    return tuple(Picture(f"{item.number}. {item.template.name}", item.template) for item in batch.items)


HANDLERS: Handlers = {ShowPictures: _show}
