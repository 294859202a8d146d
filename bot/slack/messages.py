"""What came from Slack as the dialogue has it: who said it where, and what they want."""

from collections.abc import AsyncIterator
from dataclasses import replace

from redis.asyncio import Redis

from bot.dialogue.codec import decode, parse
from bot.dialogue.intents import AddFile, Intent, Withdraw
from bot.dialogue.message import Said
from bot.slack.arrival import Arrival
from bot.slack.fetch import Fetcher
from bot.slack.file import File
from bot.slack.locales import Locales
from bot.slack.spot import spot_of
from bot.slack.style import style_in
from bot.slack.web import Web
from bot.slack.withdrawal import Withdrawals


class Messages:
    def __init__(self, web: Web, redis: Redis, locales: Locales, bot_user: str) -> None:
        self._fetcher = Fetcher(web)
        self._locales = locales
        self._withdrawals = Withdrawals(redis)
        self._bot_user = bot_user

    async def arrived(self, arrival: Arrival) -> None:
        """It may be withdrawn from now on."""
        await self._withdrawals.remember(arrival)

    async def withdrawn(self, arrival: Arrival) -> AsyncIterator[tuple[Said, list[Intent]]]:
        """What a deleted message, or file, may have brought: known by the message, or as one of several in it."""
        for gone in await self._withdrawals.of(arrival):
            brought = (gone.ts, *(f"{gone.ts}:{file.id}" for file in gone.files))
            yield await self.said(gone), [Withdraw(message) for message in brought]

    async def words(self, arrival: Arrival) -> tuple[Said, Intent]:
        """What was said in a conversation."""
        return await self._heard(arrival), parse(arrival.text, bare=True)

    async def file(self, arrival: Arrival, file: File) -> tuple[Said, Intent]:
        """One of the files that were sent with it."""
        said = await self._heard(arrival)
        each = said if len(arrival.files) == 1 else replace(said, id=f"{arrival.ts}:{file.id}")
        return each, AddFile(await self._fetcher.attachment(file), arrival.text)

    async def _heard(self, arrival: Arrival) -> Said:
        # In a conversation of two, a thread below a message is the reply to it.
        answered = arrival.thread if arrival.im and arrival.thread != arrival.ts else ""
        return replace(await self.said(arrival), id=arrival.ts, reply_to=answered or None)

    def asked(self, arrival: Arrival) -> Intent:
        """What a command or a button means."""
        return decode(arrival.button, arrival.person) if arrival.kind == "button" else parse(arrival.text)

    async def said(self, arrival: Arrival) -> Said:
        spot = spot_of(arrival)
        language, name = await self._locales.look(arrival.user)
        return Said(
            person=arrival.person,
            place=arrival.place,
            id=arrival.id,
            pressed=arrival.ts or None if arrival.kind == "button" else None,
            language=language,
            name=name,
            private=arrival.private,
            fleeting=arrival.kind == "command",
            style=style_in(spot.channel, spot.thread, self._bot_user),
            direct=arrival.direct,
        )
