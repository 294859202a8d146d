"""Hands what came from Slack to the dialogue, and its answers to where they belong.

A place is a thread of a channel, or a person's own conversation with us as a whole.
"""

from dataclasses import replace

from bot.chat.assembly import Bot
from bot.chat.notifier import Notifier
from bot.chat.ordering import Queues
from bot.dialogue.codec import decode, parse
from bot.dialogue.estimate import Queue
from bot.dialogue.intents import AddFile, Intent
from bot.dialogue.message import Said, Say, ShowStatus, Tell, Toast, private_place
from bot.dialogue.status import render_status
from bot.sheets import Sheets
from bot.slack import PLATFORM
from bot.slack.answers import Answers, Spot, spot_of
from bot.slack.arrival import Arrival
from bot.slack.blocks import status_blocks, status_text
from bot.slack.fetch import Fetcher
from bot.slack.home import show_home
from bot.slack.locales import Locales
from bot.slack.threads import Threads
from bot.slack.web import Web
from heygem.batches.model import Person, Place
from heygem.settings import Settings
from heygem.storage import Storage


class Desk:
    def __init__(self, bot: Bot, web: Web, notifier: Notifier, settings: Settings, bot_user: str) -> None:
        self._bot = bot
        self._web = web
        self._notifier = notifier
        self._answers = Answers(web, bot_user, Sheets(Storage(settings.data_dir)))
        self._fetcher = Fetcher(web)
        self._locales = Locales(web)
        self._bot_user = bot_user
        self._queues = Queues()

    async def handle(self, arrival: Arrival) -> None:
        match arrival.kind:
            case "message":
                await self._heard(arrival)
            case "command":
                await self._do(arrival, _channel(arrival), parse(arrival.text))
            case "button":
                await self._pressed(arrival)
            case "home":
                await self._home(arrival)

    async def _heard(self, arrival: Arrival) -> None:
        place = _channel(arrival, "" if arrival.im else arrival.thread or arrival.ts)
        async with self._queues.turn(place):
            said = await self._said(arrival, place)
            # In a conversation of two, a thread below a message is the reply to it.
            answered = arrival.thread if arrival.im and arrival.thread != arrival.ts else ""
            said = replace(said, id=arrival.ts, reply_to=answered or None)
            if not arrival.files:
                await self._answer(arrival, said, parse(arrival.text, bare=True))
            for file in arrival.files:
                each = said if len(arrival.files) == 1 else replace(said, id=f"{arrival.ts}:{file.id}")
                await self._answer(arrival, each, AddFile(await self._fetcher.attachment(file), arrival.text))

    async def _pressed(self, arrival: Arrival) -> None:
        intent = decode(arrival.button, _person(arrival))
        place = _channel(arrival, "" if arrival.im else arrival.thread)
        place = await self._do(arrival, place, intent)
        if arrival.ts and not arrival.whispered:
            await self._notifier.tidy(place, arrival.ts, intent)
        if not arrival.ts:
            await self._home(arrival)

    async def _do(self, arrival: Arrival, place: Place, intent: Intent) -> Place:
        """Returns where the batch lives that was meant."""
        said = await self._said(arrival, place)
        async with self._threads(arrival) as threads:
            if not arrival.im and not place.thread:
                said = replace(said, rooms=threads)
            place = await self._bot.dialogue.where(said, intent)
            async with self._queues.turn(place):
                await self._answer(arrival, said, intent)
        return place

    def _threads(self, arrival: Arrival) -> Threads:
        redis = self._bot.store.redis
        return Threads(self._web, redis, self._queues, arrival.channel, arrival.id, self._bot_user)

    async def _home(self, arrival: Arrival) -> None:
        language = await self._locales.of(arrival.user)
        await show_home(self._web, self._bot.dialogue, arrival, language, self._bot_user)

    async def _answer(self, arrival: Arrival, said: Said, intent: Intent) -> None:
        spot = spot_of(arrival)
        for reply in (await self._bot.dialogue.do(said, intent)).replies:
            match reply:
                case Say():
                    await self._answers.say(spot, reply, arrival.respond)
                case Toast():
                    await self._answers.say(spot, Say(reply.text))
                case ShowStatus():
                    await self._show(arrival, spot, reply)
                case Tell():
                    await self._answers.say(Spot(private_place(reply.person).chat), reply.say)

    async def _show(self, arrival: Arrival, spot: Spot, status: ShowStatus) -> None:
        batch = await self._bot.store.find(status.batch_id)
        if batch is None:
            return
        stays = bool(batch.status_message) and batch.status_message in (batch.place.thread, arrival.ts)
        self._notifier.show(batch.id, in_place=stays, added=status.added, speaker=status.speaker)
        if status.asked and stays:  # who asks shall see it where they look, and it stays where it heads the thread
            queue = await Queue.before(batch, self._bot.store)
            view = render_status(batch, queue)
            blocks = status_blocks(view, batch.language, heads_thread=False)
            await self._answers.show(replace(spot, user=arrival.user), status_text(view), blocks)

    async def _said(self, arrival: Arrival, place: Place) -> Said:
        language, name = await self._locales.look(arrival.user)
        return Said(
            person=_person(arrival),
            place=place,
            id=arrival.id,
            pressed=arrival.ts or None if arrival.kind == "button" else None,
            language=language,
            name=name,
            private=arrival.private,
            fleeting=arrival.kind == "command",
            direct=arrival.direct,
        )


def _person(arrival: Arrival) -> Person:
    return Person(platform=PLATFORM, id=arrival.user)


def _channel(arrival: Arrival, thread: str = "") -> Place:
    return Place(platform=PLATFORM, chat=arrival.channel, thread=thread)
