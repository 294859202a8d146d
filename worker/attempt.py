"""One run of one claimed item: rendered under a lease that is kept, ended exactly once."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.base.tasks import end
from heygem.batches.claims import Claim, Claims, Hold
from heygem.batches.model import Failure, Output
from heygem.batches.times import RENEW_S
from heygem.engines.failure import DOUBTFUL, reason
from heygem.storage.layout import Storage
from worker.abilities import Abilities
from worker.orders import expected_bytes, order_for
from worker.render import ChildDiedError, RenderProcess
from worker.runs import Run, Workplace
from worker.wire import Advance, Made, Order

_log = logging.getLogger(__name__)

_LOOK_S = 0.5  # how often a run asks whether it may go on, and says how far it is
_RETRY_S = 0.5  # between two tries to reach Redis


class ClaimLostError(Exception):
    """Another run has the item, or it is gone, or it was given back: nothing is left to record."""


@dataclass
class Attempt:
    """Sees a claim through. While Redis is away it renders on, and waits with the result."""

    claim: Claim
    claims: Claims
    renders: RenderProcess
    abilities: Abilities
    storage: Storage
    workplace: Workplace
    settings: Settings
    stopping: asyncio.Event
    _latest: Advance | None = field(default=None, init=False)
    _renewed: float = field(default_factory=time.monotonic, init=False)

    @cached_property
    def run(self) -> Run:
        return Run(self.claim.owner, self.claim.batch.id, self.claim.item.id, self.claim.fence)

    async def see_through(self) -> None:
        """End the claim: the item is done, failed, cancelled, given back, or somebody else's.

        Raises:
            HeygemError: QUEUE_UNREACHABLE while stopping. The run's folder stays, and the sweep settles it.
        """
        began = time.monotonic()
        try:
            with self.run.working(self.workplace) as folder:
                ended = await self._work(folder)
        except OSError as error:
            ended = error
        # The run's folder is gone by now: what fills a disk is not there any more when somebody looks at the disk.
        how = ended if isinstance(ended, str) else await self._failed(ended)
        _log.info("%s %s after %.1f s", self._name, how, time.monotonic() - began)

    async def _work(self, folder: Path) -> str | HeygemError | OSError | ChildDiedError:
        """Returns how it ended, for the log, or what stopped it."""
        try:
            made = await self._rendered(order_for(self.claim, self.storage, folder))
            await asyncio.to_thread(self.run.publish, self.storage, folder / "output.mp4")
        except ClaimLostError:
            return "left to another run"
        except ChildDiedError as error:
            return HeygemError(ErrorCode.OUT_OF_MEMORY) if error.out_of_memory else error
        except (HeygemError, OSError) as error:
            if isinstance(error, HeygemError) and error.code is ErrorCode.QUEUE_UNREACHABLE:
                raise  # no failure of the item's
            return error
        return await self._finished(made)

    async def _rendered(self, order: Order) -> Made:
        limit = self.settings.limits.render_seconds
        rendering = asyncio.create_task(self.renders.render(order, self._note))
        watching = asyncio.create_task(self._watch())
        stopping = asyncio.create_task(self.stopping.wait())
        tasks = {rendering, watching, stopping}
        try:
            done, _ = await asyncio.wait(tasks, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            if rendering in done:
                return rendering.result()
            if stopping in done:
                await self._surely(self.claims.release)
                raise ClaimLostError
            if watching in done:
                await self.renders.give_up(order, rendering)
                raise ClaimLostError if watching.result() is Hold.LOST else HeygemError(ErrorCode.CANCELLED)
            raise HeygemError(ErrorCode.RENDER_TIMEOUT, limit_s=limit)
        finally:
            watching.cancel()
            stopping.cancel()
            if not rendering.done():
                await self.renders.kill()
                await asyncio.wait({rendering})
                rendering.exception()  # that it died is no news

    async def _watch(self) -> Hold:
        """Keep the lease until the run must end, which is returned."""
        while True:
            await asyncio.sleep(_LOOK_S)
            try:
                if not (hold := await self._look()):
                    return hold
            except HeygemError as error:
                _log.warning("%s renders on: %s", self._name, error.code)

    async def _look(self) -> Hold:
        if advance := self._latest:
            self._latest = None
            await self.claims.progress(self.claim, advance.stage, advance.fraction)
        if time.monotonic() - self._renewed >= RENEW_S:
            hold = await self.claims.renew(self.claim)
            self._renewed = time.monotonic()
            return hold
        return Hold.CANCELLED if await self.claims.cancelled(self.claim) else Hold.HELD

    def _note(self, advance: Advance) -> None:
        self._latest = advance

    async def _finished(self, made: Made) -> str:
        output = Output(name=self.run.video, size=made.size, crc32=made.crc32, result=made.result)
        if await self._surely(lambda claim: self.claims.finish(claim, output)):
            return "is done"
        self.run.withdraw(self.storage)
        return "came too late"

    async def _failed(self, error: HeygemError | OSError | ChildDiedError) -> str:
        """Content ends the item; what may be the machine's fault is judged first."""
        if isinstance(error, ChildDiedError):
            return await self._judged(None)
        needed = expected_bytes(self.claim.voice, self.claim.item.template)
        told = reason(error, self.claim.batch.engine, self.storage.root, needed)
        failure = Failure(code=told.code, params=dict(told.params))
        if told.code in DOUBTFUL:
            return await self._judged(failure)
        await self._surely(lambda claim: self.claims.fail(claim, failure))
        return f"ended with {failure.code}"

    async def _judged(self, failure: Failure | None) -> str:
        """Who can't render a second of its own either is ill: the item goes back, and that is no loss of it.

        Else the run counts as lost: the item is tried again, here or elsewhere, and ends with its last loss.
        """
        watching = asyncio.create_task(self._watch())
        try:
            well = not self.stopping.is_set() and await self.abilities.tried(self.claim.batch.engine, self.renders)
        finally:
            await end([watching])
        if not well:
            await self._surely(self.claims.release)
            return f"is given back: this worker fails ({failure.code if failure else 'render process died'})"
        await self._surely(lambda claim: self.claims.lose(claim, failure))
        return f"lost a run ({failure.code if failure else 'render process died'})"

    async def _surely(self, step: Callable[[Claim], Awaitable[bool]]) -> bool:
        """Take a step that must reach Redis, however long it is away. Taken twice, it answers the same."""
        while True:
            try:
                return await step(self.claim)
            except HeygemError as error:
                if error.code is not ErrorCode.QUEUE_UNREACHABLE or self.stopping.is_set():
                    raise
            _log.warning("%s waits for Redis", self._name)
            await asyncio.sleep(_RETRY_S)

    @property
    def _name(self) -> str:
        return f"item {self.claim.item.id}.{self.claim.fence}"
