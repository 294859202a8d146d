"""A file that its platform does not hand out: answered with an upload page for the batch, before it is fetched."""

from bot.dialogue.collecting import next_batch_note, open_batch, open_here
from bot.dialogue.context import Context, Replies
from bot.dialogue.intents import AddFile
from bot.dialogue.message import LinkButton, ShowStatus
from bot.dialogue.names import shown_name
from bot.dialogue.units import size, span
from heygem.base.limits import MB
from heygem.links.upload import Invitation


async def offer_page(context: Context, intent: AddFile) -> Replies:
    """One page for all files of an album; the batch is opened now, since the page belongs to it."""
    words, settings = context.words, context.settings
    note = await next_batch_note(context) if await open_here(context) is None else []
    batch = await open_batch(context)
    name = shown_name(intent.attachment.name) or words.units.unnamed_template
    invitation = await _invitation(context, batch.id, intent.caption)
    if await context.services.uploads.offered(invitation, context.said.id):
        return context.say(words.collecting.upload_too.format(name=name))
    link = await context.services.uploads.create(invitation)
    offer = words.collecting.upload.format(
        name=name,
        most=size(settings.limits.file_mb * MB),
        time=span(settings.web.upload_hours * 3600, context.language),
    )
    return [*note, *context.say(offer, LinkButton(words.buttons.upload, link.url)), ShowStatus(batch.id, added=True)]


async def _invitation(context: Context, batch_id: str, caption: str) -> Invitation:
    message, store = context.said, context.store
    item = await store.item_of_message(batch_id, message.reply_to) if message.reply_to is not None else None
    return Invitation(
        batch=batch_id,
        person=message.person,
        language=context.language,
        text=caption,
        item=item.id if item else "",
        private=message.private,
    )
