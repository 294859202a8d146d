"""Turns changed batches into what people see: the one status message, edited in place, and the new message at the end.

It works for every platform through `Screen`. What you can rely on:
- Latest state wins: while a platform makes us wait, only the newest state is shown afterwards.
- The terminal state, with the link, is always shown; after a crash it is shown again (an edit may be repeated).
- The final message is sent at least once: that it was said is recorded when the platform has answered. It comes twice
  only where that answer was lost. Videos that follow it are `bot.chat.outbox`'s; meanwhile the status is shown.
"""

import asyncio
import contextlib
import logging

from bot.chat.follower import Follower
from bot.chat.outbox import Deliver
from bot.chat.screen import Screen
from bot.dialogue.intents import (
    AskDiscard,
    AskRemove,
    AskVoiceFor,
    Cancel,
    Generate,
    Intent,
    ShowOptions,
    ShowPictures,
    TryOne,
)
from bot.dialogue.message import Speaker
from heygem.base.errors import HeygemError
from heygem.base.tasks import end
from heygem.batches.model import Place
from heygem.batches.store import Store
from heygem.links.download import Links

_log = logging.getLogger(__name__)

_RETRY_S = 2.0
_LAST_WORDS_S = 3.0  # for what is being said when we are told to end


class Notifier:
    """`deliver` sends a batch's videos after the final message, see `bot.chat.outbox`; None: none are sent."""

    def __init__(self, store: Store, links: Links, screen: Screen, deliver: Deliver | None = None) -> None:
        self._store = store
        self._links = links
        self._screen = screen
        self._deliver = deliver
        self._followers: dict[str, Follower] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Follow the platform's batches for ever, through losses of Redis."""
        try:
            while True:
                with contextlib.suppress(HeygemError):
                    async for batch_id in self._store.telling.dirty(self._screen.platform):
                        self._follower(batch_id).look()
                await asyncio.sleep(_RETRY_S)
        finally:
            await end(self._tasks)

    async def leave(self) -> None:
        """Let what is being said arrive: cut off now, it would be said again by the next process."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS_S):
                for follower in list(self._followers.values()):
                    async with follower.saying:
                        pass

    def show(
        self, batch_id: str, *, in_place: bool = False, added: bool = False, speaker: Speaker | None = None
    ) -> None:
        """Answer to `ShowStatus`. `in_place`: a button of the status message itself was pressed, so an edit does.

        `added`: something came into the batch, and more may follow. An edit does until that pauses. `speaker` is who is
        answered: the status speaks its owner's language.
        """
        follower = self._follower(batch_id)
        follower.speaker = speaker or follower.speaker
        if in_place:
            follower.stay()
        elif added:
            follower.move_soon()
        else:
            follower.post()

    async def tidy(self, place: Place, message: str, intent: Intent) -> None:
        """A button was pressed on `message`. A status message that is on no record goes.

        Whoever posted it died before that was written down; nobody would edit it any more.
        """
        if (batch_id := _of_status(intent)) is None:
            return
        follower = self._followers.get(batch_id)
        if follower is not None:
            async with follower.posting:  # it may be the one that is just being written down
                pass
        with contextlib.suppress(HeygemError):
            batch = await self._store.find(batch_id)
            if batch is not None and batch.place == place and batch.status_message not in ("", message):
                await self._screen.remove(batch, message)

    @property
    def shown(self) -> bool:
        """Whether everything asked for or noticed so far is shown."""
        return not any(follower.behind for follower in self._followers.values())

    def _follower(self, batch_id: str) -> Follower:
        if batch_id not in self._followers:
            follower = self._followers[batch_id] = Follower(
                self._store, self._links, self._screen, self._deliver, batch_id
            )
            task = asyncio.create_task(self._follow(follower))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return self._followers[batch_id]

    async def _follow(self, follower: Follower) -> None:
        try:
            while await follower.step():
                pass
        finally:
            del self._followers[follower.batch_id]
            await follower.end()


def _of_status(intent: Intent) -> str | None:
    """The batch of a button that stands below status messages only."""
    match intent:
        case (
            AskRemove(batch, "")
            | AskVoiceFor(batch, "")
            | Generate(batch, "")
            | TryOne(batch)
            | ShowOptions(batch)
            | ShowPictures(batch)
            | Cancel(batch)
            | AskDiscard(batch)
        ) if batch:
            return batch
        case _:
            return None
