"""Tells people in their place that something of theirs is left out."""

from telegram import Update
from telegram.ext import ExtBot

from bot.chat.giving_up import given_up
from bot.dialogue.text import Language
from bot.telegram.files import Files
from bot.telegram.incoming import read
from bot.telegram.speaker import Speaker
from heygem.batches.people import People


class GivingUp:
    def __init__(self, bot: ExtBot[None], files: Files, speaker: Speaker, people: People, otherwise: Language) -> None:
        self._bot = bot
        self._files = files
        self._speaker = speaker
        self._people = people
        self._otherwise = otherwise

    async def tell(self, update: Update) -> None:
        if (understood := read(update, self._bot.bot, self._files)) is None:
            return
        said, _ = understood
        say = await given_up(self._people, said.person, said.language, self._otherwise)
        answers = update.message.message_id if update.message is not None else None
        await self._speaker.patiently(said.place, say.text, answers=answers)
