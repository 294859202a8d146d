"""Strangers, /claim, /allow and /deny."""

from bot.access import ClaimWait, named
from bot.conversation.turn import Replies, Turn
from bot.units import span
from heygem.batches.model import Person, Place
from heygem.errors import ErrorCode
from heygem.sentences import explain

_HERE = "here"
_LONGEST_ID = 64


async def stranger(turn: Turn, command: str, argument: str) -> Replies:
    """Somebody who may not use the bot: they may claim it, or learn what to ask an admin for."""
    if command == "claim" or (command == "start" and argument):
        return await _claim(turn, argument)
    if not turn.message.direct:
        return []
    sentence = explain(ErrorCode.NOT_ALLOWED, {}, turn.language)
    return turn.say(f"{sentence}\n\n{turn.words.doors.your_id.format(person=named(turn.message.person))}")


async def _claim(turn: Turn, code: str) -> Replies:
    words, access = turn.words.doors, turn.house.access
    if await access.has_admin():
        return turn.say(words.claim_closed)
    result = await access.claim(turn.message.person, code)
    if isinstance(result, ClaimWait):
        return turn.say(words.claim_wait.format(time=span(result.seconds, turn.language)))
    return turn.say(words.claimed if result else words.claim_wrong)


async def _allow(turn: Turn, argument: str) -> Replies:
    if not turn.admin:
        return turn.say(turn.words.doors.admins_only)
    if not argument:
        return await _list(turn)
    who = _who(turn, argument)
    if who is None:
        return turn.say(turn.words.doors.usage)
    new = await turn.house.access.allow(who)
    words = turn.words.doors
    return turn.say((words.allowed if new else words.already_allowed).format(who=named(who)))


async def _deny(turn: Turn, argument: str) -> Replies:
    words, access = turn.words.doors, turn.house.access
    if not turn.admin:
        return turn.say(words.admins_only)
    who = _who(turn, argument)
    if who is None:
        return turn.say(words.usage)
    if isinstance(who, Person) and await access.is_admin(who):
        return turn.say(words.admin_stays.format(who=named(who)))
    gone = await access.deny(who)
    return turn.say((words.denied if gone else words.not_allowed_yet).format(who=named(who)))


async def _list(turn: Turn) -> Replies:
    words = turn.words.doors
    allowed = await turn.house.access.allowed()
    return turn.say("\n".join([words.list, *allowed]) if allowed else words.list_empty)


def _who(turn: Turn, argument: str) -> Person | Place | None:
    """ "here", "here:telegram:-100123" as the list shows it, "telegram:123456", or an id of this platform."""
    if argument == _HERE:
        return turn.place
    parts = argument.split(":")
    if not all(part and part.isprintable() and " " not in part for part in parts) or len(argument) > _LONGEST_ID:
        return None
    match parts:
        case ["here", platform, chat]:
            return Place(platform=platform, chat=chat)
        case [platform, person]:
            return Person(platform=platform, id=person)
        case [person]:
            return Person(platform=turn.message.person.platform, id=person)
        case _:
            return None


COMMANDS = {"claim": _claim, "allow": _allow, "deny": _deny}
