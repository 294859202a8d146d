"""Reads lines, hands them to the dialogue, shows what comes back."""

import asyncio
import getpass
import shutil
import time
from pathlib import Path
from uuid import uuid4

from bot.chat.assembly import Bot
from bot.chat.notifier import Notifier
from bot.console.keyboard import Keyboard
from bot.console.line import Line, read_line
from bot.console.screen import ConsoleScreen
from bot.dialogue.access import CONSOLE
from bot.dialogue.codec import decode, parse
from bot.dialogue.intents import AddFile, Intent
from bot.dialogue.message import Attachment, Said, Say, ShowStatus, Tell, Toast
from bot.dialogue.text import Language
from heygem.base.errors import HeygemError
from heygem.base.limits import too_large
from heygem.batches.model import BatchState, Person, Place

_POLL_S = 0.02
_SHOWN_S = 5.0  # while Redis is away nothing can be shown, and the person shall not wait for it
_TOLD_S = 2.0  # between two lines about how far many files are
_QUIT = frozenset({"/quit", "/exit"})
_WAIT = "/wait"


def operator() -> Person:
    return Person(platform=CONSOLE, id=getpass.getuser())


class Talk:
    def __init__(self, bot: Bot, screen: ConsoleScreen, language: Language) -> None:
        self.notifier = Notifier(bot.store, bot.links, screen)
        self._bot = bot
        self._screen = screen
        self._language = language
        self._person = operator()
        self._place = Place(platform=CONSOLE, chat=self._person.id)
        self._sent: list[str] = []  # ids of messages with files, for replies by number

    async def hold(self, keyboard: Keyboard, *, echo: bool) -> None:
        while (raw := await keyboard.line()) is not None and raw.strip() not in _QUIT:
            if not raw.strip():
                continue
            if echo:
                self._screen.heard(raw.strip())
            if raw.strip() == _WAIT:
                await self._wait()
            else:
                await self._answer(read_line(raw))
                await self._shown()
        if echo:
            await self._wait()

    async def _answer(self, line: Line) -> None:
        self._screen.next_turn(line.choice)
        statuses: dict[str, ShowStatus] = {}
        try:
            messages = await self._understood(line)
        except HeygemError as error:
            return self._screen.note(self._screen.words.explain(error.code, error.params))
        told = time.monotonic()
        for number, (said, intent) in enumerate(messages, start=1):
            if time.monotonic() - told > _TOLD_S:
                told = time.monotonic()
                self._screen.note(self._screen.words.terminal.looking.format(number=number, n=len(messages)))
            for reply in (await self._bot.dialogue.do(said, intent)).replies:
                match reply:
                    case ShowStatus():
                        statuses[reply.batch_id] = reply
                    case Toast():
                        self._screen.answer(Say(reply.text))
                    case Say():
                        self._screen.answer(reply)
                    case Tell():
                        """Nobody else is here."""
        for batch_id, status in statuses.items():  # several files on one line show the status once
            self.notifier.show(batch_id, speaker=status.speaker)
        return None

    async def _understood(self, line: Line) -> list[tuple[Said, Intent]]:
        words = self._screen.words.terminal
        for path in line.missing:
            self._screen.note(words.no_file.format(path=path))
        if line.choice is not None:
            button = self._screen.choice(line.choice)
            if button is None:
                self._screen.note(words.no_choice.format(number=line.choice))
            return [(self._said(), decode(button.data, self._person))] if button else []
        reply_to = None if line.reply_to is None else await self._template_message(line.reply_to)
        if line.reply_to is not None and reply_to is None:
            self._screen.note(words.no_item.format(number=line.reply_to))
            return []
        if not line.files:
            return [] if line.missing else [(self._said(reply_to), parse(line.text))]
        files = [(self._said(reply_to), AddFile(_attachment(path), line.text)) for path in line.files]
        self._sent += [said.id for said, _ in files]
        return [*files]

    def _said(self, reply_to: str | None = None) -> Said:
        return Said(self._person, self._place, uuid4().hex, reply_to=reply_to, language=self._language)

    async def _template_message(self, number: int) -> str | None:
        """The message that brought template `number` of the open batch."""
        batch = await self._bot.store.collecting(self._place)
        for message in self._sent if batch else ():
            item = await self._bot.store.item_of_message(batch.id, message) if batch else None
            if item is not None and item.number == number:
                return message
        return None

    async def _shown(self) -> None:
        for _ in range(int(_SHOWN_S / _POLL_S)):
            if self.notifier.shown:
                return
            await asyncio.sleep(_POLL_S)

    async def _wait(self) -> None:
        """Until nothing is in line or running, and every end has been told."""
        while await self._going_on() or not self.notifier.shown:  # noqa: ASYNC110 (Redis can't tell us)
            await asyncio.sleep(_POLL_S * 5)

    async def _going_on(self) -> bool:
        try:
            past = await self._bot.store.history(self._person)
        except HeygemError:
            return True
        told = (BatchState.DONE, BatchState.FAILED)
        return any(
            batch.state in (BatchState.QUEUED, BatchState.RUNNING) or (batch.state in told and not batch.announced)
            for batch in past
        )


def _attachment(path: Path) -> Attachment:
    async def fetch(target: Path, limit: int) -> None:
        if (size := path.stat().st_size) > limit:
            raise too_large(path.name, size, limit)
        # A copy, not a hard link: the person may write to the file again, and ours is known by its content.
        await asyncio.to_thread(shutil.copyfile, path, target)

    return Attachment(fetch, name=path.name, size=path.stat().st_size)
