"""Keeps one batch's status message at its newest state, and says its end: see `bot.chat.notifier`."""

import asyncio
import contextlib
import logging

from bot.chat.delivery import GoneError, TryLaterError, UncertainError
from bot.chat.outbox import Deliver, Outbox
from bot.chat.screen import Screen
from bot.dialogue.announcement import announcement, link_button
from bot.dialogue.estimate import Queue
from bot.dialogue.message import Speaker
from bot.dialogue.status import StatusView, render_status
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.tasks import end
from heygem.batches.model import Batch, BatchState
from heygem.batches.store import Store
from heygem.links.download import Link, Links

_log = logging.getLogger(__name__)

_REFRESH_S = 15.0  # of a running batch that does not change: its place in the line and its time left do
_RETRY_S = 2.0
_UNCERTAIN_S = 5.0  # after the first lost answer to the final message; twice as long after each further one,
_UNCERTAIN_MOST_S = 3600.0  # up to this
_ELSEWHERE_S = 0.5  # between two looks whether another terminal of the person has said it
_FOLD_S = 0.4  # requests to show a status within this time are one
_PAUSE_S = 3.0  # after the last file that was added the status moves below it; while files come it stays
_PAUSES_GROW = 3.0  # so many times as long after each such move: who adds for minutes sees few of them
_QUIET_S = 600.0  # a batch that is collected is forgotten here after so long without a change
_UNASKED_S = 3.0  # a new batch is shown when the conversation asks; if the bot died before, after this quiet time
_ANNOUNCED = (BatchState.DONE, BatchState.FAILED)  # who cancelled knows


class Follower:
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
        self._pause = _PAUSE_S
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
            return False if gone else await self._again(_RETRY_S)
        except Exception:
            _log.exception("the status of batch %s could not be shown", self.batch_id)
            return await self._again(_RETRY_S)
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
        return _QUIET_S if batch.state is BatchState.COLLECTING else _REFRESH_S

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
                await asyncio.sleep(_FOLD_S)
            self._changed.clear()
            batch = await self._in_its_language(await self._store.get(self.batch_id))
            if batch.status_message or asked or batch.state is not BatchState.COLLECTING:
                return batch
            if not await self._change_within(_UNASKED_S):
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
            await asyncio.sleep(_RETRY_S)
        self._sending = None
        self.look()

    async def _say_once(self, batch: Batch) -> None:
        """Once among all that follow the batch: another terminal of the person may be at it, or have died at it."""
        if not self._said and not await self._store.telling.begin_announcement(batch.id):
            raise TryLaterError(_ELSEWHERE_S)
        if not self._said:
            try:
                style, whole = self._screen.style(batch.place), await self._store.find(batch.trial_of)
                await self._screen.say(batch.place, announcement(batch, self._link, style, whole))
            except TryLaterError:
                await self._store.telling.leave_announcement(batch.id)
                raise
            except UncertainError:
                await self._store.telling.leave_announcement(batch.id)
                pause = min(_UNCERTAIN_S * 2**self._lost, _UNCERTAIN_MOST_S)
                self._lost += 1
                _log.warning("the end of batch %s was said %d times without an answer", batch.id, self._lost)
                raise TryLaterError(pause) from None
        self._said = True
        await self._store.telling.record_announcement(batch.id)


def _loop_time() -> float:
    return asyncio.get_running_loop().time()
