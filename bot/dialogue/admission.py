"""Strangers, and whom an admin lets in."""

from bot.dialogue.access import ClaimWait, named
from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.ids import HERE, meant
from bot.dialogue.intents import Allow, Claim, Deny, Intent, Start
from bot.dialogue.message import Say
from bot.dialogue.units import span
from heygem.base.errors import ErrorCode
from heygem.batches.model import Person, Place


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
    who = meant(intent.who, context.place)
    if who is None:
        return _usage(context)
    new = await context.services.access.allow(who)
    words = context.words.doors
    return _told(words.allowed if new else words.already_allowed, who)


async def _deny(context: Context, intent: Deny) -> Replies:
    words, access = context.words.doors, context.services.access
    if not context.admin:
        return context.say(words.admins_only)
    who = meant(intent.who, context.place) or await _listed(context, intent.who)
    if who is None:
        return _usage(context)
    if isinstance(who, Person) and await access.is_admin(who):
        return _told(words.admin_stays, who)
    gone = await access.deny(who)
    return _told(words.denied if gone else words.not_allowed_yet, who)


async def _listed(context: Context, entry: str) -> Person | Place | None:
    """What stands on the list though it can be no id: it was let in before that was looked at."""
    if entry not in await context.services.access.allowed():
        return None
    platform, _, known = entry.removeprefix(f"{HERE}:").partition(":")
    return Place(platform=platform, chat=known) if entry.startswith(HERE) else Person(platform=platform, id=known)


async def _list(context: Context) -> Replies:
    words = context.words.doors
    allowed = await context.services.access.allowed()
    known = (meant(entry, context.place) for entry in allowed)
    text = "\n".join([words.list, *allowed]) if allowed else words.list_empty
    return [Say(text, mentions=tuple(who for who in known if who))]


def _told(sentence: str, who: Person | Place) -> Replies:
    return [Say(sentence.format(who=named(who)), mentions=(who,))]


def _usage(context: Context) -> Replies:
    return context.say(context.words.doors.usage[context.said.person.platform])


HANDLERS: Handlers = {Claim: _claim, Allow: _allow, Deny: _deny}
