"""Hands what came from Slack to the conversation, and its answers to where they belong.

A place is a thread of a channel, or a person's own conversation with us as a whole.
"""

from dataclasses import replace

from bot import buttons
from bot.buttons import Verb
from bot.chat.assembly import Bot
from bot.chat.notifier import Notifier
from bot.chat.ordering import Queues
from bot.conversation import COMMANDS
from bot.estimate import Queue
from bot.message import Message, Reply, Say, ShowStatus
from bot.replies import language_of
from bot.sheets import Sheets
from bot.slack import PLATFORM
from bot.slack.answers import Answers, Spot, spot_of
from bot.slack.arrival import Arrival
from bot.slack.blocks import status_blocks, status_text
from bot.slack.exports import exports
from bot.slack.fetch import Fetcher
from bot.slack.home import show_home
from bot.slack.locales import Locales
from bot.slack.parents import Parents
from bot.slack.threads import Threads
from bot.slack.web import Web
from bot.status import render_status
from heygem.batches.model import Person, Place
from heygem.errors import ErrorCode, HeygemError
from heygem.sentences import Language, explain_error
from heygem.settings import Settings
from heygem.storage import Storage

_OPENS = frozenset({Verb.NEW, Verb.TEMPLATE_USE})


class Desk:
    def __init__(self, bot: Bot, web: Web, notifier: Notifier, settings: Settings, bot_user: str) -> None:
        self._bot = bot
        self._web = web
        self._notifier = notifier
        self._settings = settings
        self._answers = Answers(web, bot_user, Sheets(Storage(settings.data_dir)))
        self._fetcher = Fetcher(web)
        self._locales = Locales(web)
        self._threads = Threads(bot.store.redis, bot.store)
        self._parents = Parents(bot.store, web, self._threads)
        self._bot_user = bot_user
        self._queues = Queues()

    async def handle(self, arrival: Arrival) -> None:
        match arrival.kind:
            case "message":
                await self._heard(arrival)
            case "command":
                await self._commanded(arrival)
            case "button":
                await self._pressed(arrival)
            case "home":
                await self._home(arrival)

    async def _heard(self, arrival: Arrival) -> None:
        place = Place(
            platform=PLATFORM, chat=arrival.channel, thread="" if arrival.im else arrival.thread or arrival.ts
        )
        async with self._queues.turn(place):
            if not arrival.direct:
                if await self._bot.store.latest(place) is None:
                    return  # a file for somebody else
                arrival = arrival.model_copy(update={"direct": True})  # what comes into a batch's thread is for us
            for message in await self._messages(arrival, place):
                await self._answer(arrival, message)
            if place.thread and await self._bot.store.latest(place):
                await self._threads.note(place)

    async def _messages(self, arrival: Arrival, place: Place) -> list[Message]:
        message = await self._message(arrival, place)
        # In a conversation of two, a thread below a message is the reply to it.
        answered = arrival.thread if arrival.im and arrival.thread != arrival.ts else ""
        message = replace(message, id=arrival.ts, reply_to=answered or None)
        if not arrival.files:
            return [replace(message, text=_typed(arrival.text))]
        only = len(arrival.files) == 1
        return [
            replace(
                message,
                id=arrival.ts if only else f"{arrival.ts}:{file.id}",
                attachment=await self._fetcher.attachment(file),
            )
            for file in arrival.files
        ]

    async def _commanded(self, arrival: Arrival) -> None:
        if arrival.text == "/export":
            await self._export(arrival)
        elif arrival.im:
            await self._in_turn(arrival, await self._message(arrival, _channel(arrival)))
        else:
            mine = await self._threads.mine(_person(arrival), arrival.channel)
            ongoing = mine is not None and not mine.queued and not mine.state.terminal
            if arrival.text == "/batch" or (_uses_template(arrival.text) and not ongoing):
                await self._open(arrival)
            else:
                place = mine.place if mine else _channel(arrival)
                await self._in_turn(arrival, await self._message(arrival, place))

    async def _pressed(self, arrival: Arrival) -> None:
        pressed = buttons.read(arrival.button)
        place = await self._place_of(arrival, *(pressed.arguments if pressed else ()))
        if pressed and pressed.verb in _OPENS and not place.thread and not arrival.im:
            await self._open(arrival)
            return
        await self._in_turn(arrival, await self._message(arrival, place))
        if arrival.ts and not arrival.whispered:
            await self._notifier.tidy(place, arrival.ts, arrival.button)
        if not arrival.ts:
            await self._home(arrival)

    async def _place_of(self, arrival: Arrival, *named: str) -> Place:
        """Where the batch lives that a button names; its channel is what its reader must be in."""
        for each in named:
            batch = await self._bot.store.find(each)
            if batch is not None and batch.place.platform == PLATFORM and batch.place.chat == arrival.channel:
                return batch.place
        if arrival.im or arrival.thread:
            return Place(platform=PLATFORM, chat=arrival.channel, thread="" if arrival.im else arrival.thread)
        mine = await self._threads.mine(_person(arrival), arrival.channel)
        return mine.place if mine else _channel(arrival)

    async def _open(self, arrival: Arrival) -> None:
        """A new message in the channel; the batch lives in the thread below it."""
        person, spot = _person(arrival), spot_of(arrival)
        message = await self._message(arrival, _channel(arrival))
        if not await self._bot.access.serves(person, message.place):
            await self._answer(arrival, message)
            return
        language = await self._language(arrival)
        place = await self._parents.post(arrival.channel, language, arrival.id)
        if place is None:
            text = self._parents.invitation(language, self._bot_user)
            await self._answers.show(spot, text, [])
            return
        async with self._queues.turn(place):
            replies = await self._bot.conversation.handle(replace(message, place=place))
            batch = await self._parents.settle(place)
            if batch is not None:
                self._notifier.show(batch.id, in_place=True)
            for reply in replies:
                if isinstance(reply, Say):
                    await self._answers.say(spot, reply)

    async def _export(self, arrival: Arrival) -> None:
        person, place = _person(arrival), _channel(arrival)
        if not await self._bot.access.serves(person, place):
            await self._answer(arrival, await self._message(arrival, place))
            return
        language, spot = await self._language(arrival), spot_of(arrival)
        try:
            if arrival.im:
                batches = [batch for batch in await self._bot.store.history(person) if batch.finished]
            else:
                batches = await self._threads.finished(arrival.channel)
            if not batches:
                raise HeygemError(ErrorCode.NOTHING_TO_EXPORT)
            text, blocks = await exports(self._bot.links, batches, language)
        except HeygemError as error:
            await self._answers.say(spot, Say(explain_error(error, language)))
            return
        await self._answers.show(spot, text, blocks)

    async def _home(self, arrival: Arrival) -> None:
        await show_home(self._web, self._bot.conversation, arrival, await self._locales.of(arrival.user))

    async def _in_turn(self, arrival: Arrival, message: Message) -> None:
        async with self._queues.turn(message.place):
            await self._answer(arrival, message)

    async def _answer(self, arrival: Arrival, message: Message) -> None:
        spot, replies = spot_of(arrival), await self._bot.conversation.handle(message)
        for reply in replies:
            if isinstance(reply, Say):
                await self._answers.say(spot, reply)
        for batch_id in dict.fromkeys(reply.batch_id for reply in replies if isinstance(reply, ShowStatus)):
            await self._show(arrival, spot, batch_id, asked=_asked(arrival, replies))

    async def _show(self, arrival: Arrival, spot: Spot, batch_id: str, *, asked: bool) -> None:
        batch = await self._bot.store.find(batch_id)
        if batch is None:
            return
        stays = bool(batch.status_message) and batch.status_message in (batch.place.thread, arrival.ts)
        self._notifier.show(batch_id, in_place=stays)
        if asked and stays:  # who asks shall see it where they look, and it stays where it heads the thread
            queue = await Queue.before(batch, self._bot.store)
            view = render_status(batch, queue)
            blocks = status_blocks(view, batch.language, heads_thread=False)
            await self._answers.show(replace(spot, user=arrival.user), status_text(view), blocks)

    async def _message(self, arrival: Arrival, place: Place) -> Message:
        return Message(
            person=_person(arrival),
            place=place,
            id=arrival.id,
            text=arrival.text,
            language=await self._locales.of(arrival.user),
            button=arrival.button or None,
            private=arrival.private,
            direct=arrival.direct,
        )

    async def _language(self, arrival: Arrival) -> Language:
        chosen = (await self._bot.people.preferences(_person(arrival))).language
        return chosen or language_of(await self._locales.of(arrival.user), self._settings.language)


def _person(arrival: Arrival) -> Person:
    return Person(platform=PLATFORM, id=arrival.user)


def _channel(arrival: Arrival) -> Place:
    return Place(platform=PLATFORM, chat=arrival.channel)


def _typed(text: str) -> str:
    """Commands need no slash here, since Slack keeps words with one to itself; a mention alone opens a batch."""
    head, *_ = text.removeprefix("/").split(maxsplit=1) or ["batch"]
    if head.lower() not in COMMANDS:
        return text
    return f"/{text.removeprefix('/') or 'batch'}"


def _uses_template(text: str) -> bool:
    return text.lower().split()[:2] == ["/templates", "use"]


def _asked(arrival: Arrival, replies: list[Reply]) -> bool:
    return arrival.kind in ("message", "command") and not arrival.files and len(replies) == 1
