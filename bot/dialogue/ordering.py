"""Messages of one place in order, different places side by side.

A message has its turn when those before it are through. What takes long, a download, is done standing aside: those
behind go on meanwhile. Who stood aside steps in again in the order of arrival, behind everybody who stood aside before;
so does a message that depends on them, by standing aside for nothing (`in_order`).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar

_FETCHING_HERE = 3  # files of one place at the same time,
_FETCHING = 48  # and of all places


class Queues:
    """One queue per key, first come first served; a key that nobody waits for takes no memory.

    A front end wraps each message: ``async with queues.turn(said.place): await dialogue.do(said, intent)``.
    """

    def __init__(self) -> None:
        self._queues: dict[Hashable, _Queue] = {}
        self._fetching = asyncio.Semaphore(_FETCHING)

    def __len__(self) -> int:
        return len(self._queues)

    @asynccontextmanager
    async def turn(self, key: Hashable) -> AsyncIterator[None]:
        queue = self._queues.setdefault(key, _Queue(self._fetching))
        queue.messages += 1
        try:
            async with queue.turn():
                yield
        finally:
            queue.messages -= 1
            if not queue.messages:
                del self._queues[key]


@asynccontextmanager
async def aside(*, fetching: bool = False) -> AsyncIterator[None]:
    """The block keeps nobody waiting; behind it, it is the message's turn again. A few at a time are `fetching`.

    Who is cancelled in the block does not come back.
    """
    turns = _turns.get()
    _leave(turns)
    try:
        async with AsyncExitStack() as slots:
            for turn in turns if fetching else ():
                for slot in turn.queue.fetching:
                    await slots.enter_async_context(slot)
            yield
    except Exception:
        await _come_back(turns)
        raise
    else:
        await _come_back(turns)


def depends() -> bool:
    """Whether somebody who came before stands aside."""
    return not all(turn.is_first for turn in _turns.get())


async def in_order() -> None:
    """Wait until those who came before are through."""
    if depends():
        async with aside():
            pass


async def side_by_side(steps: Sequence[Callable[[], Awaitable[None]]]) -> None:
    """Parts of one message, in their order: while one stands aside, the next ones go on.

    One that fails takes none of the others with it; what the first such one raised is raised at the end.
    """
    siblings, parents = Queues(), _turns.get()
    errors: list[Exception] = []

    async def do(step: Callable[[], Awaitable[None]]) -> None:
        async with siblings.turn(None):
            await _take(parents)  # those who stand aside are not waited for: it may do the same
            try:
                await step()
            except Exception as error:
                errors.append(error)
            _leave(parents)

    async with aside(), asyncio.TaskGroup() as tasks:
        for step in steps:
            tasks.create_task(do(step))
    for error in errors[:1]:
        raise error


class _Queue:
    def __init__(self, fetching: asyncio.Semaphore) -> None:
        self.messages = 0
        self.order: list[_Turn] = []  # who stands or stood aside, and is not through
        self.lock = asyncio.Lock()
        self.fetching = (asyncio.Semaphore(_FETCHING_HERE), fetching)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        await self.lock.acquire()
        turn = _Turn(self)
        _turns.set((*_turns.get(), turn))
        try:
            yield
        finally:
            _turns.set(tuple(other for other in _turns.get() if other is not turn))
            turn.end()


class _Turn:
    """A message in its queue. It holds the queue's lock while something acts for it that does not stand aside."""

    def __init__(self, queue: _Queue) -> None:
        self.queue = queue
        self.first = asyncio.Event()  # of those who stand aside
        self._acting = 1
        self._taking = asyncio.Lock()

    @property
    def is_first(self) -> bool:
        return self.queue.order[:1] in ([], [self])

    def leave(self) -> None:
        if self not in self.queue.order:
            self.queue.order.append(self)
            self._tell_first()
        self._acting -= 1
        if not self._acting:
            self.queue.lock.release()

    async def take(self) -> None:
        async with self._taking:
            if not self._acting:
                await self.queue.lock.acquire()
            self._acting += 1

    def end(self) -> None:
        if self in self.queue.order:
            self.queue.order.remove(self)
            self._tell_first()
        if self._acting:
            self.queue.lock.release()

    def _tell_first(self) -> None:
        for turn in self.queue.order[:1]:
            turn.first.set()


_turns: ContextVar[tuple[_Turn, ...]] = ContextVar("turns", default=())  # the task's own, the outermost first


def _leave(turns: Sequence[_Turn]) -> None:
    for turn in turns:
        turn.leave()


async def _come_back(turns: Sequence[_Turn]) -> None:
    for turn in turns:
        await turn.first.wait()
    await _take(turns)


async def _take(turns: Sequence[_Turn]) -> None:
    """As everybody takes them, from the outermost on."""
    for turn in turns:
        await turn.take()
