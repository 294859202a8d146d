"""What a person is told about something of theirs that ended our process each time it was looked at."""

import contextlib

from bot.chat.inbox import TRIES
from bot.dialogue.message import Say
from bot.dialogue.text import Language, catalogue, language_of
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Person
from heygem.batches.people import People


async def given_up(people: People, person: Person, told: str | None, otherwise: Language) -> Say:
    """`told` is what the platform says about the person's language."""
    chosen = None
    with contextlib.suppress(HeygemError):
        chosen = (await people.preferences(person)).language
    words = catalogue(chosen or language_of(told, otherwise))
    return Say(words.explain(ErrorCode.GIVEN_UP, {"times": TRIES}))
