"""Hands what came from Slack to the dialogue in its order, and its answers to where they belong."""

from dataclasses import replace
from functools import partial

from bot.chat.ordering import Queues, side_by_side
from bot.dialogue.dialogue import Dialogue
from bot.dialogue.intents import Intent
from bot.dialogue.message import Reply, Said, ShowStatus
from bot.slack.arrival import Arrival
from bot.slack.file import File
from bot.slack.home import Home
from bot.slack.messages import Messages
from bot.slack.replies import Replies
from bot.slack.threads import Opening, Threads
from heygem.batches.model import Place


class Desk:
    def __init__(
        self,
        dialogue: Dialogue,
        messages: Messages,
        replies: Replies,
        home: Home,
        threads: Threads,
    ) -> None:
        self._dialogue = dialogue
        self._messages = messages
        self._replies = replies
        self._home = home
        self._threads = threads
        self._queues = Queues()

    async def handle(self, arrival: Arrival) -> None:
        match arrival.kind:
            case "message":
                await self._heard(arrival)
            case "command":
                await self._do(arrival, self._messages.asked(arrival))
            case "button":
                await self._pressed(arrival)
            case "home":
                await self._home.show(arrival)
            case "withdrawn":
                await self._withdrawn(arrival)

    async def _heard(self, arrival: Arrival) -> None:
        taken: list[File] = []
        await self._messages.arrived(arrival)
        async with self._queues.turn(arrival.place):
            if not arrival.files:
                await self._answer(arrival, *await self._messages.words(arrival))
            await side_by_side([partial(self._file, arrival, file, taken) for file in arrival.files])
        if taken:
            await self._replies.tick(arrival)

    async def _file(self, arrival: Arrival, file: File, taken: list[File]) -> None:
        said, intent = await self._messages.file(arrival, file)
        replies = await self._answer(arrival, said, intent)
        if any(isinstance(reply, ShowStatus) for reply in replies):
            taken.append(file)

    async def _withdrawn(self, arrival: Arrival) -> None:
        """The status shows it by itself."""
        async for said, intents in self._messages.withdrawn(arrival):
            async with self._queues.turn(said.place):
                for intent in intents:
                    await self._dialogue.do(said, intent)

    async def _pressed(self, arrival: Arrival) -> None:
        intent = self._messages.asked(arrival)
        place = await self._do(arrival, intent)
        await self._replies.tidy(arrival, place, intent)
        if not arrival.ts:
            await self._home.show(arrival)

    async def _do(self, arrival: Arrival, intent: Intent) -> Place:
        """Returns where the batch lives that was meant."""
        said = await self._messages.said(arrival)
        async with self._threads.opening(arrival, self._queues) as opening:
            if arrival.opens_rooms:
                said = replace(said, rooms=opening)
            place = await self._dialogue.where(said, intent)
            async with self._queues.turn(place):
                await self._answer(arrival, said, intent, opening)
        return place

    async def _answer(
        self, arrival: Arrival, said: Said, intent: Intent, opening: Opening | None = None
    ) -> tuple[Reply, ...]:
        replies = (await self._dialogue.do(said, intent)).replies
        for reply in replies:
            await self._replies.give(arrival, said.style, reply, opening.message if opening else "")
        return replies
