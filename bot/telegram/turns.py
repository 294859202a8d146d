"""Updates of one chat and topic in order, different ones side by side."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from telegram import Update
from telegram.ext import BaseUpdateProcessor

from bot.chat.inbox import Step
from bot.dialogue.ordering import Queues
from bot.telegram.incoming import place_of_update
from heygem.base.tasks import end

_AT_ONCE = 1 << 16  # so many may wait for their turn; one chat's long line must not close the door for others

Arrived = Callable[[Update], None]
Answer = Callable[[Update, Step], Awaitable[None]]


class Turns(BaseUpdateProcessor):
    """`arrived` is called at once; `answer`, when it is an update's turn, does what is to be done with it."""

    def __init__(self, arrived: Arrived, answer: Answer) -> None:
        super().__init__(_AT_ONCE)
        self._arrived = arrived
        self._answer = answer
        self._queues = Queues()
        self._running: set[asyncio.Task[Any]] = set()
        self._ending = False

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to put away; see `end`."""

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        try:
            if isinstance(update, Update) and not self._ending:
                await self._process(update, coroutine)
        finally:
            if inspect.iscoroutine(coroutine):
                coroutine.close()  # it may never have had its turn

    async def end(self, patience: float) -> None:
        """Wait that long for what is being answered; the rest is left to the next process."""
        self._ending = True
        if self._running:
            await asyncio.wait(self._running, timeout=patience)
            await end(self._running)

    async def _process(self, update: Update, coroutine: Awaitable[Any]) -> None:
        if task := asyncio.current_task():
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        self._arrived(update)
        async with self._queues.turn(place_of_update(update)):
            await self._answer(update, partial(_finished, coroutine))


async def _finished(coroutine: Awaitable[Any]) -> None:
    await coroutine
