"""Strangers, and whom an admin lets in."""

from bot.dialogue.access import ClaimWait, named
from bot.dialogue.codec import button
from bot.dialogue.context import Context, Handlers, Replies
from bot.dialogue.ids import HERE, meant
from bot.dialogue.intents import Allow, AskAdmin, Claim, Deny, Intent, Start
from bot.dialogue.message import Say, Tell, Toast
from bot.dialogue.names import person_name
from bot.dialogue.requests import Asked, Request
from bot.dialogue.text import Catalogue, catalogue
from bot.dialogue.units import span
from heygem.base.errors import ErrorCode
from heygem.batches.model import Person, Place


async def stranger(context: Context, intent: Intent) -> Replies:
    """Somebody who may not use the bot: they may claim it, ask an admin, or learn how to be let in."""
    match intent:
        case Start(code) if code and not await context.services.access.has_admin():
            return await _claim(context, Claim(code))
        case Claim():
            return await _claim(context, intent)
        case AskAdmin():
            return await _ask_admins(context)
    return await _refused(context) if context.said.direct and not context.said.edited else []


async def _refused(context: Context) -> Replies:
    """Told once in a while; at a button always, where nobody else sees it."""
    said, words = context.said, context.words
    sentence = words.explain(ErrorCode.NOT_ALLOWED, {})
    if said.pressed is not None:
        return [Toast(sentence)]
    if not said.fleeting and not await context.services.requests.refusal_due(said.person):
        return []
    reached = await context.services.access.admins(said.person.platform)
    ask = [button(words.buttons.ask_admin, AskAdmin(), said.person)] if reached else []
    return context.say(f"{sentence}\n\n{words.doors.your_id.format(person=named(said.person))}", *ask)


async def _ask_admins(context: Context) -> Replies:
    said, words = context.said, context.words.doors
    request = Request(person_name(said.name), context.language)
    asked = await context.services.requests.ask(said.person, request, said.id)
    if asked is not Asked.NEW:
        return [Toast(words.asked_already if asked is Asked.AGAIN else words.asked_too_many)]
    admins = await context.services.access.admins(said.person.platform)
    tells = [Tell(admin, await _asking(context, said.person, request, admin)) for admin in admins]
    return [Say(words.asked, again=True), *tells]


async def _asking(context: Context, person: Person, request: Request, admin: Person) -> Say:
    """The request as this admin reads it."""
    language = (await context.people.preferences(admin)).language or context.settings.language
    words = catalogue(language, context.said.style)
    text = words.doors.asks.format(person=_called(words, person, request))
    answers = button(words.buttons.allow, Allow(person.id)), button(words.buttons.deny, Deny(person.id))
    return Say(text, answers, mentions=(person,))


async def _in_already(context: Context, _: AskAdmin) -> Replies:
    return context.say(context.words.talk.welcome)


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
        return _admins_only(context)
    if not intent.who:
        return await _list(context)
    who = meant(intent.who, context.place)
    if who is None:
        return _usage(context)
    new = await context.services.access.allow(who)
    words = context.words.doors
    request = await context.services.requests.take(who) if isinstance(who, Person) else None
    answer = _told(context, words.allowed if new else words.already_allowed, who, request)
    return [answer, *([Tell(who, _welcome(context, request))] if request and isinstance(who, Person) else [])]


def _welcome(context: Context, request: Request) -> Say:
    return Say(catalogue(request.language, context.said.style).doors.let_in)


def _pressed(context: Context) -> bool:
    return context.said.pressed is not None


async def _deny(context: Context, intent: Deny) -> Replies:
    words, access = context.words.doors, context.services.access
    if not context.admin:
        return _admins_only(context)
    who = meant(intent.who, context.place) or await _listed(context, intent.who)
    if who is None:
        return _usage(context)
    if isinstance(who, Person) and await access.is_admin(who):
        return [_told(context, words.admin_stays, who)]
    gone = await access.deny(who)
    asked = await context.services.requests.take(who) if isinstance(who, Person) else None
    return [_told(context, words.denied if gone else words.stays_out if asked else words.not_allowed_yet, who, asked)]


def _admins_only(context: Context) -> Replies:
    sentence = context.words.doors.admins_only
    return [Toast(sentence)] if _pressed(context) else context.say(sentence)


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


def _told(context: Context, sentence: str, who: Person | Place, request: Request | None = None) -> Say:
    return Say(sentence.format(who=_called(context.words, who, request)), mentions=(who,), again=_pressed(context))


def _called(words: Catalogue, who: Person | Place, request: Request | None) -> str:
    """By their id, which nobody else can have, and by the name that they gave when they asked."""
    claimed = words.doors.calls_themselves.format(name=request.name) if request and request.name else ""
    return named(who) + claimed


def _usage(context: Context) -> Replies:
    return context.say(context.words.doors.usage[context.said.person.platform])


HANDLERS: Handlers = {Claim: _claim, AskAdmin: _in_already, Allow: _allow, Deny: _deny}
