"""The studio in a browser: who signs in to it is settled where nobody else reads along."""

from uuid import uuid4

from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.intents import CloseStudio, OpenStudio
from bot.dialogue.message import NO_CHAT, LinkButton
from bot.dialogue.units import span
from heygem.batches.model import Place
from heygem.links.sign_in import SignIn


async def _open(context: Context, _: OpenStudio) -> Replies:
    words = context.words.studio
    if not context.said.private:
        return context.say(words.private_only)
    link = await context.services.sign_ins.create(
        SignIn(person=context.said.person, place=_place(context), language=context.language)
    )
    text = words.link.format(time=span(link.lasts_s, context.language))
    return context.say(text, LinkButton(context.words.buttons.studio, link.url))


def _place(context: Context) -> Place:
    """Where the studio's batches live: this chat, if what is said in it needs no thread of its own."""
    if context.said.rooms is None:
        return context.place
    return Place(platform=NO_CHAT, chat=context.said.person.owner, thread=uuid4().hex)


async def _close(context: Context, _: CloseStudio) -> Replies:
    words, services, person = context.words.studio, context.services, context.said.person
    await services.sign_ins.forget(person)
    signed_out = await services.browsers.forget(person)
    return context.say(words.signed_out.of(signed_out) if signed_out else words.none)


HANDLERS: Handlers = {OpenStudio: _open, CloseStudio: _close}
