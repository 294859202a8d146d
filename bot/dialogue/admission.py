"""Strangers, and whom an admin lets in."""

from bot.dialogue.access import ClaimWait, named
from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.intents import Allow, Claim, Deny, Intent, Start
from bot.dialogue.units import span
from heygem.base.errors import ErrorCode
from heygem.batches.model import Person, Place

_HERE = "here"
_LONGEST_ID = 64


async def stranger(context: Context, intent: Intent) -> Replies:
    """Somebody who may not use the bot: they may claim it, or learn what to ask an admin for."""
    if isinstance(intent, Start) and intent.code:
        return await _claim(context, Claim(intent.code))
    if isinstance(intent, Claim):
        return await _claim(context, intent)
    if not context.said.direct:
        return []
    sentence = context.words.explain(ErrorCode.NOT_ALLOWED, {})
    return context.say(f"{sentence}\n\n{context.words.doors.your_id.format(person=named(context.said.person))}")


async def _claim(context: Context, intent: Claim) -> Replies:
    words, access = context.words.doors, context.services.access
    if await access.has_admin():
        return context.say(words.claim_closed)
    result = await access.claim(context.said.person, intent.code)
    if isinstance(result, ClaimWait):
        return context.say(words.claim_wait.format(time=span(result.seconds, context.language)))
    return context.say(words.claimed if result else words.claim_wrong)


async def _allow(context: Context, intent: Allow) -> Replies:
    if not context.admin:
        return context.say(context.words.doors.admins_only)
    if not intent.who:
        return await _list(context)
    who = _who(context, intent.who)
    if who is None:
        return context.say(context.words.doors.usage)
    new = await context.services.access.allow(who)
    words = context.words.doors
    return context.say((words.allowed if new else words.already_allowed).format(who=named(who)))


async def _deny(context: Context, intent: Deny) -> Replies:
    words, access = context.words.doors, context.services.access
    if not context.admin:
        return context.say(words.admins_only)
    who = _who(context, intent.who)
    if who is None:
        return context.say(words.usage)
    if isinstance(who, Person) and await access.is_admin(who):
        return context.say(words.admin_stays.format(who=named(who)))
    gone = await access.deny(who)
    return context.say((words.denied if gone else words.not_allowed_yet).format(who=named(who)))


async def _list(context: Context) -> Replies:
    words = context.words.doors
    allowed = await context.services.access.allowed()
    return context.say("\n".join([words.list, *allowed]) if allowed else words.list_empty)


def _who(context: Context, argument: str) -> Person | Place | None:
    """ "here", "here:telegram:-100123" as the list shows it, "telegram:123456", or an id of this platform."""
    if argument == _HERE:
        return context.place
    parts = argument.split(":")
    if not all(part and part.isprintable() and " " not in part for part in parts) or len(argument) > _LONGEST_ID:
        return None
    match parts:
        case ["here", platform, chat]:
            return Place(platform=platform, chat=chat)
        case [platform, person]:
            return Person(platform=platform, id=person)
        case [person]:
            return Person(platform=context.said.person.platform, id=person)
        case _:
            return None


HANDLERS: Handlers = {Claim: _claim, Allow: _allow, Deny: _deny}
