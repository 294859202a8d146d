"""Questions before something is lost, each put to one person: whose answer it is, its button says."""

from bot.dialogue.codec import button
from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.intents import Intent, Keep
from bot.dialogue.message import Say


def asked(context: Context, question: str, yes: str, intent: Intent) -> Replies:
    """Whether that shall be done."""
    person = context.said.person
    return context.say(question, button(yes, intent, person), button(context.words.buttons.keep, Keep(), person))


def answered(text: str) -> Replies:
    """What came of it, in the place of the question: it can't be answered twice."""
    return [Say(text, again=True)]


async def _keep(context: Context, _: Keep) -> Replies:
    return answered(context.words.talk.kept)


HANDLERS: Handlers = {Keep: _keep}
