"""What the dialogue answers, shown where it belongs."""

from dataclasses import replace

from bot.chat.notifier import Notifier
from bot.dialogue.estimate import Queue
from bot.dialogue.intents import Intent
from bot.dialogue.message import Reply, Say, ShowStatus, Tell, Toast, private_place
from bot.dialogue.status import render_status
from bot.dialogue.text import CommandStyle
from bot.slack.answers import Answers
from bot.slack.arrival import Arrival
from bot.slack.blocks import status_blocks, status_text
from bot.slack.reaction import Ticks
from bot.slack.spot import Spot, spot_of
from bot.slack.web import Web
from heygem.batches.model import Place
from heygem.batches.store import Store


class Replies:
    def __init__(self, web: Web, store: Store, notifier: Notifier, answers: Answers) -> None:
        self._store = store
        self._notifier = notifier
        self._answers = answers
        self._ticks = Ticks(web)

    async def give(self, arrival: Arrival, style: CommandStyle, reply: Reply, opened: str = "") -> None:
        """`opened`: the message that was posted for a new batch just now."""
        spot = spot_of(arrival)
        match reply:
            case Say():
                await self._answers.say(spot, reply, arrival.respond)
            case Toast():
                await self._answers.say(spot, Say(reply.text))
            case ShowStatus():
                await self._show(arrival, style, reply, opened)
            case Tell():
                await self._answers.say(Spot(private_place(reply.person).chat), reply.say)

    async def tick(self, arrival: Arrival) -> None:
        """Its file was taken."""
        await self._ticks.put(arrival.channel, arrival.ts)

    async def tidy(self, arrival: Arrival, place: Place, intent: Intent) -> None:
        """A button was pressed: where it stood below a status message that is on no record, that goes."""
        if arrival.ts and not arrival.whispered:
            await self._notifier.tidy(place, arrival.ts, intent)

    async def _show(self, arrival: Arrival, style: CommandStyle, status: ShowStatus, opened: str) -> None:
        batch = await self._store.find(status.batch_id)
        if batch is None:
            return
        stays = bool(batch.status_message) and batch.status_message in (batch.place.thread, arrival.ts, opened)
        self._notifier.show(batch.id, in_place=stays, added=status.added, speaker=status.speaker)
        if status.asked and stays:  # who asks shall see it where they look, and it stays where it heads the thread
            view = render_status(batch, await Queue.before(batch, self._store), style=style)
            text = status_text(view, batch.language, heads_thread=False)
            blocks = status_blocks(view, batch.language, heads_thread=False)
            await self._answers.show(replace(spot_of(arrival), user=arrival.user), text, blocks)
