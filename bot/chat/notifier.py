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

from bot.chat.delivery import GoneError, TryLaterError, UncertainError
from bot.chat.outbox import Deliver, Outbox
from bot.chat.screen import Screen
from bot.dialogue.announcement import announcement, link_button
from bot.dialogue.estimate import Queue
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
from bot.dialogue.status import StatusView, render_status
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.tasks import end
from heygem.batches.model import Batch, BatchState, Place
from heygem.batches.store import Store
from heygem.links.download import Link, Links

_log = logging.getLogger(__name__)

_REFRESH_SECONDS = 15.0  # of a running batch that does not change: its place in the line and its time left do
_RETRY_SECONDS = 2.0
_UNCERTAIN_SECONDS = 5.0  # after the first lost answer to the final message; twice as long after each further one,
_UNCERTAIN_MOST_SECONDS = 3600.0  # up to this
_LAST_WORDS_SECONDS = 3.0  # for what is being said when we are told to end
_ELSEWHERE_SECONDS = 0.5  # between two looks whether another terminal of the person has said it
_FOLD_SECONDS = 0.4  # requests to show a status within this time are one
_PAUSE_SECONDS = 3.0  # after the last file that was added the status moves below it; while files come it stays
_PAUSES_GROW = 3.0  # so many times as long after each such move: who adds for minutes sees few of them
_QUIET_SECONDS = 600.0  # a batch that is collected is forgotten here after so long without a change
_UNASKED_SECONDS = 3.0  # a new batch is shown when the conversation asks; if the bot died before, after this quiet time
_ANNOUNCED = (BatchState.DONE, BatchState.FAILED)  # who cancelled knows


class Notifier:
    """`deliver` sends a batch's videos after the final message, see `bot.chat.outbox`; None: none are sent."""

    def __init__(self, store: Store, links: Links, screen: Screen, deliver: Deliver | None = None) -> None:
        self._store = store
        self._links = links
        self._screen = screen
        self._deliver = deliver
        self._followers: dict[str, _Follower] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Follow the platform's batches for ever, through losses of Redis."""
        try:
            while True:
                with contextlib.suppress(HeygemError):
                    async for batch_id in self._store.telling.dirty(self._screen.platform):
                        self._follower(batch_id).look()
                await asyncio.sleep(_RETRY_SECONDS)
        finally:
            await end(self._tasks)

    async def leave(self) -> None:
        """Let what is being said arrive: cut off now, it would be said again by the next process."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS_SECONDS):
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

    def _follower(self, batch_id: str) -> "_Follower":
        if batch_id not in self._followers:
            follower = self._followers[batch_id] = _Follower(
                self._store, self._links, self._screen, self._deliver, batch_id
            )
            task = asyncio.create_task(self._follow(follower))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return self._followers[batch_id]

    async def _follow(self, follower: "_Follower") -> None:
        try:
            while await follower.step():
                pass
        finally:
            del self._followers[follower.batch_id]
            await follower.end()


class _Follower:
    """Keeps one batch's status message at its newest state until there is nothing to follow."""

    def __init__(self, store: Store, links: Links, screen: Screen, deliver: Deliver | None, batch_id: str) -> None:
        self.batch_id = batch_id
        self._store = store
        self._links = links
        self._screen = screen
        self.saying = asyncio.Lock()  # while the final message or a video is on its way, until that is on the record
        self._outbox = Outbox(store, deliver, self.saying) if deliver else None
        self._sending: asyncio.Task[None] | None = None  # of the videos
        self.posting = asyncio.Lock()  # from a new status message until it is on the record
        self._changed = asyncio.Event()
        self._post = False  # anew, as soon as may be
        self._pause = _PAUSE_SECONDS
        self._move_at: float | None = None  # loop time at which it is posted anew if nothing more is added
        self._showing = False
        self.speaker: Speaker | None = None
        self._shown: StatusView | None = None
        self._link: Link | None = None
        self._said = False  # the final message, whether that is on the record or not
        self._lost = 0  # answers to it

    @property
    def behind(self) -> bool:
        return self._showing or self._changed.is_set()

    def look(self) -> None:
        self._changed.set()

    def post(self) -> None:
        self._post = True
        self.look()

    def move_soon(self) -> None:
        self._move_at = _loop_time() + self._pause
        self.look()

    def stay(self) -> None:
        """The person looks at it where it stands."""
        self._move_at = None
        self.look()

    async def step(self) -> bool:
        """Show the state as it is now, then wait for the next; False when there is nothing more to follow."""
        self._showing = True
        try:
            batch = await self._show()
            self._showing = False
        except TryLaterError as wait:
            return await self._again(wait.seconds)
        except HeygemError as error:
            gone = error.code is ErrorCode.BATCH_UNKNOWN
            return False if gone else await self._again(_RETRY_SECONDS)
        except Exception:
            _log.exception("the status of batch %s could not be shown", self.batch_id)
            return await self._again(_RETRY_SECONDS)
        if batch.state.terminal and self._sending is None:
            return self._changed.is_set()
        return await self._wait(batch)

    async def end(self) -> None:
        if self._sending is not None:
            await end([self._sending])

    async def _wait(self, batch: Batch) -> bool:
        if batch.state.terminal:
            return await self._changed.wait()
        await asyncio.sleep(self._screen.pace(batch.place))
        changed = await self._change_within(self._rest(batch))
        return changed or batch.state is not BatchState.COLLECTING or self._move_at is not None

    def _rest(self, batch: Batch) -> float:
        """Seconds until there is something to do though nothing changes."""
        if self._move_at is not None:
            return max(0.0, self._move_at - _loop_time())
        return _QUIET_SECONDS if batch.state is BatchState.COLLECTING else _REFRESH_SECONDS

    async def _change_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # not wait_for: before Python 3.12 it may swallow a cancellation
                return await self._changed.wait()
        return False

    async def _again(self, seconds: float) -> bool:
        await asyncio.sleep(seconds)
        return True

    async def _show(self) -> Batch:
        batch = await self._settled()
        view = await self._view(batch)
        due = self._move_at is not None and self._move_at <= _loop_time()
        if self._post or due or not batch.status_message:
            batch = await self._posted(batch, view)
            self._pause *= _PAUSES_GROW if due else 1
        elif view != self._shown:
            batch = await self._edited(batch, view)
        self._shown = view
        await self._announce(batch)
        if self._sending is None:
            await self._store.telling.clean(self._screen.platform, batch.id, batch.version)
        return batch

    async def _settled(self) -> Batch:
        """The batch, once what belongs together has come together."""
        while True:
            asked = self._post or self._move_at is not None
            if asked:
                await asyncio.sleep(_FOLD_SECONDS)
            self._changed.clear()
            batch = await self._in_its_language(await self._store.get(self.batch_id))
            if batch.status_message or asked or batch.state is not BatchState.COLLECTING:
                return batch
            if not await self._change_within(_UNASKED_SECONDS):
                return batch

    async def _in_its_language(self, batch: Batch) -> Batch:
        """The language of its owner as it is now, unless one was chosen for the batch."""
        speaker, self.speaker = self.speaker, None
        mine = speaker is not None and speaker.person == batch.owner and not batch.language_chosen
        if speaker is None or not mine or speaker.language == batch.language:
            return batch
        await self._store.set_options(batch.id, language=speaker.language)
        return await self._store.get(batch.id)

    async def _view(self, batch: Batch) -> StatusView:
        if batch.state.terminal and batch.finished and self._link is None:
            self._link = await self._links.create(batch)
        button = link_button(self._link, batch.language) if self._link else None
        queue = await Queue.before(batch, self._store)
        return render_status(batch, queue, link=button, style=self._screen.style(batch.place))

    async def _edited(self, batch: Batch, view: StatusView) -> Batch:
        try:
            await self._screen.edit(batch, view)
        except GoneError:
            return await self._posted(batch, view)
        return batch

    async def _posted(self, batch: Batch, view: StatusView) -> Batch:
        async with self.posting:
            message = await self._screen.post(batch, view)
            self._post, self._move_at = False, None
            await self._store.set_status_message(batch.id, message)
        now = await self._store.get(batch.id)
        # Recording the message is a change of its own; another one in between is still to be shown.
        return now if now.version == batch.version + 1 else batch

    async def _announce(self, batch: Batch) -> None:
        if batch.state not in _ANNOUNCED:
            return
        if not batch.announced:
            async with self.saying:
                await self._say_once(batch)
        elif batch.delivered is None:
            return
        if self._outbox is not None and batch.finished and self._sending is None:
            self._sending = asyncio.create_task(self._send(self._outbox))

    async def _send(self, outbox: Outbox) -> None:
        """What ends otherwise than by having sent all is begun again when the batch is shown the next time."""
        try:
            await outbox.send(self.batch_id)
        except Exception:
            _log.exception("the videos of batch %s could not be sent", self.batch_id)
            await asyncio.sleep(_RETRY_SECONDS)
        self._sending = None
        self.look()

    async def _say_once(self, batch: Batch) -> None:
        """Once among all that follow the batch: another terminal of the person may be at it, or have died at it."""
        if not self._said and not await self._store.telling.begin_announcement(batch.id):
            raise TryLaterError(_ELSEWHERE_SECONDS)
        if not self._said:
            try:
                style, whole = self._screen.style(batch.place), await self._store.find(batch.trial_of)
                await self._screen.say(batch.place, announcement(batch, self._link, style, whole))
            except TryLaterError:
                await self._store.telling.leave_announcement(batch.id)
                raise
            except UncertainError:
                await self._store.telling.leave_announcement(batch.id)
                pause = min(_UNCERTAIN_SECONDS * 2**self._lost, _UNCERTAIN_MOST_SECONDS)
                self._lost += 1
                _log.warning("the end of batch %s was said %d times without an answer", batch.id, self._lost)
                raise TryLaterError(pause) from None
        self._said = True
        await self._store.telling.record_announcement(batch.id)


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


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
