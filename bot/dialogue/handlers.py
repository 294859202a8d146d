"""Every intent's handler: those of the modules that gather what belongs together, and for what is no wish at all."""

from bot.dialogue import (
    admission,
    again,
    arranging,
    batch,
    captions,
    exports,
    files,
    history,
    keys,
    library,
    line,
    options,
    questions,
    removal,
    studio,
    trial,
    voices,
)
from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.intents import Misread, Talk
from heygem.base.errors import HeygemError


async def _talk(context: Context, intent: Talk) -> Replies:
    if not context.said.direct:
        return []
    if intent.command:
        typed = context.said.style.command(intent.command)
        return context.say(context.words.talk.unknown_command.format(command=typed))
    return context.say(context.words.talk.hint)


async def _misread(_: Context, intent: Misread) -> Replies:
    raise HeygemError(intent.code)


HANDLERS: Handlers = {
    **batch.HANDLERS,
    **questions.HANDLERS,
    **files.HANDLERS,
    **voices.HANDLERS,
    **removal.HANDLERS,
    **arranging.HANDLERS,
    **captions.HANDLERS,
    **trial.HANDLERS,
    **again.HANDLERS,
    **line.HANDLERS,
    **exports.HANDLERS,
    **history.HANDLERS,
    **library.HANDLERS,
    **options.HANDLERS,
    **keys.HANDLERS,
    **studio.HANDLERS,
    **admission.HANDLERS,
    Talk: _talk,
    Misread: _misread,
}
