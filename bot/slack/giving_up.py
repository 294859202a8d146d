"""Tells a person, where they said or pressed something, that it is left out."""

from bot.chat.giving_up import given_up
from bot.dialogue.text import Language
from bot.slack import PLATFORM
from bot.slack.answers import Answers
from bot.slack.arrival import Arrival
from bot.slack.locales import Locales
from bot.slack.spot import spot_of
from heygem.batches.model import Person
from heygem.batches.people import People


class GivingUp:
    def __init__(self, answers: Answers, locales: Locales, people: People, otherwise: Language) -> None:
        self._answers = answers
        self._locales = locales
        self._people = people
        self._otherwise = otherwise

    async def tell(self, arrival: Arrival) -> None:
        if arrival.kind in ("home", "withdrawn"):  # nothing was sent, and nobody waits for an answer
            return
        person, told = Person(platform=PLATFORM, id=arrival.user), await self._locales.of(arrival.user)
        say = await given_up(self._people, person, told, self._otherwise)
        await self._answers.say(spot_of(arrival), say)
