"""A voice for one template, asked for by a button: beside the template, or in a menu of all of them.

The next voice that this person sends in the batch's place, within a quarter of an hour, belongs to that template.
"""

from bot.dialogue.codec import button, number_in
from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.intents import AskVoiceFor, ChooseVoiceFor, DropVoiceFor
from bot.dialogue.message import Say, ShowStatus, Toast
from bot.dialogue.pages import PAGE, turns
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch, BatchState, Item


async def _ask(context: Context, intent: AskVoiceFor) -> Replies:
    batch = await _collected(context, intent.batch)
    return [_menu(context, batch, intent.start)] if batch.items else [ShowStatus(batch.id)]


async def _choose(context: Context, intent: ChooseVoiceFor) -> Replies:
    batch, item = await _item(context, intent)
    await context.services.notes.await_voice(context.said, item)
    words = context.words
    sentence = words.collecting.own_voice_now if item.voice else words.collecting.own_voice_next
    voice = item.voice.name if item.voice else ""
    text = sentence.format(number=item.number, template=item.template.name, voice=voice)
    how = "" if context.said.private else words.collecting.own_voice_reply.get(context.place.platform, "")
    drop = [button(words.buttons.drop_voice, DropVoiceFor(batch.id, item.id, intent.start))] if item.voice else []
    back = [button(words.buttons.back, AskVoiceFor(batch.id, intent.start))] if intent.start else []
    return [Say(f"{text}\n{how}".strip(), (*drop, *back), again=bool(intent.start))]


async def _drop(context: Context, intent: DropVoiceFor) -> Replies:
    batch, item = await _item(context, intent)
    context.must_lead(batch)
    await context.services.items.drop_voice(item)
    await context.services.notes.voice_came(context.said, batch)
    said = context.words.collecting.own_voice_dropped.format(number=item.number, template=item.template.name)
    if not intent.start:
        return context.say(said)
    return [Toast(said), _menu(context, await context.store.get(batch.id), intent.start)]


def _menu(context: Context, batch: Batch, page: str) -> Say:
    """The templates from one number on; `page` is "" for a menu that is asked for elsewhere than in itself."""
    start = number_in(page) or 0
    shown = batch.items[start : start + PAGE]
    choices = [button(_label(item), ChooseVoiceFor(batch.id, item.id, str(start))) for item in shown]
    pages = turns(context.words, start, len(batch.items), lambda at: AskVoiceFor(batch.id, at))
    return Say(context.words.collecting.own_voice_which, (*choices, *pages), again=bool(page))


def _label(item: Item) -> str:
    return f"{'✓ ' if item.voice else ''}{item.number}. {item.template.name}"


async def _collected(context: Context, batch_id: str) -> Batch:
    batch = await context.batch(batch_id)
    if batch.state is not BatchState.COLLECTING:
        raise HeygemError(ErrorCode.BATCH_STARTED)
    return batch


async def _item(context: Context, intent: ChooseVoiceFor | DropVoiceFor) -> tuple[Batch, Item]:
    batch = await _collected(context, intent.batch)
    item = next((item for item in batch.items if item.id == intent.item), None)
    if item is None:
        raise HeygemError(ErrorCode.BUTTON_UNKNOWN)
    return batch, item


HANDLERS: Handlers = {AskVoiceFor: _ask, ChooseVoiceFor: _choose, DropVoiceFor: _drop}
