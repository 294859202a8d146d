"""A file that its platform does not hand out: answered with an upload page for the batch, before it is fetched."""

import time

from bot.conversation.collecting import next_batch_note, open_batch, open_here
from bot.conversation.names import shown_name
from bot.conversation.turn import Replies, Turn
from bot.message import Attachment, LinkButton, ShowStatus
from bot.units import size, span
from heygem.batches.uploads import Invitation
from heygem.limits import MB


async def offer_page(turn: Turn, attachment: Attachment) -> Replies:
    """One page for all files of an album; the batch is opened now, since the page belongs to it."""
    words, settings = turn.words, turn.house.settings
    note = await next_batch_note(turn) if await open_here(turn) is None else []
    batch = await open_batch(turn)
    name = shown_name(attachment.name) or words.units.unnamed_template
    invitation = await _invitation(turn, batch.id)
    if await turn.house.uploads.offered(invitation, turn.message.id):
        return turn.say(words.collecting.upload_too.format(name=name))
    link = await turn.house.uploads.create(invitation)
    offer = words.collecting.upload.format(
        name=name,
        most=size(settings.limits.file_mb * MB),
        time=span(link.expires - time.time(), turn.language),
    )
    return [*note, *turn.say(offer, LinkButton(words.buttons.upload, link.url)), ShowStatus(batch.id)]


async def _invitation(turn: Turn, batch_id: str) -> Invitation:
    message, store = turn.message, turn.house.store
    item = await store.item_of_message(batch_id, message.reply_to) if message.reply_to is not None else None
    return Invitation(
        batch=batch_id,
        person=message.person,
        language=turn.language,
        text=message.text,
        item=item.id if item else "",
        private=message.private,
    )
