"""What a bell does: claim the fairest item, see it through, claim the next, until nothing is left."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from heygem.base.errors import HeygemError
from heygem.batches.claims import Claim, Claims
from worker.abilities import Abilities
from worker.attempt import Attempt
from worker.render import RenderProcess

_log = logging.getLogger(__name__)

_STOP_S = 6.0  # longer than a cancelled render may take to answer
_IDLE_S = 1.0  # between two looks of a drain that no bell wakes
_LOOK_S = 0.5  # between two looks for engines that are to be tried
_BROKEN_S = 5.0  # wait after the render process could not be started


@dataclass
class Drain:
    """At most one drain runs in a worker; a bell that rings meanwhile joins it.

    It is no part of the arq job, so that an arq worker which ends with its connection costs no render.
    """

    worker: str
    claims: Claims
    renders: RenderProcess
    attempt: Callable[[Claim], Attempt]
    stopping: asyncio.Event
    abilities: Abilities
    serves: Callable[[str], bool]  # whether an engine is this drain's business
    _looked: float = field(default=float("-inf"), init=False)
    _running: "asyncio.Task[None] | None" = field(default=None, init=False)

    async def run(self) -> None:
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._drain())
        await asyncio.shield(self._running)

    async def again_and_again(self) -> None:
        """Drain without bells: a bell is answered by the worker's other drain."""
        while not self.stopping.is_set():
            await self.run()
            await self._pause(_IDLE_S)

    async def stop(self) -> None:
        """Give the running item back, then end the render process, at the latest after some seconds."""
        self.stopping.set()
        if self._running:
            await asyncio.wait({self._running}, timeout=_STOP_S)
        await self.renders.kill()
        if self._running:
            await self._running

    async def _drain(self) -> None:
        """Never raises: what stands in the queue is found again by the sweep, what was claimed by its lease."""
        try:
            while not self.stopping.is_set() and await self._ready():
                claim = await self._claim()
                if claim is None:
                    return
                await self.attempt(claim).see_through()
        except HeygemError as error:
            _log.warning("claiming stops for now: %s", error.code)
        except Exception:
            _log.exception("claiming stops for now")

    async def _claim(self) -> Claim | None:
        engines = self.abilities.ready(filter(self.serves, self.abilities.engines))
        if not engines:
            return None
        auto = self.abilities.auto
        return await self.claims.claim(self.worker, engines, auto if auto in engines else "")

    async def _ready(self) -> bool:
        """Whether the render process is up, and what it can do is known; without it no item is claimed."""
        if time.monotonic() - self._looked >= _LOOK_S and self.abilities.doubtful:
            await self._try()
            self._looked = time.monotonic()
        try:
            await self.renders.start()  # a trial that fails takes its process with it
        except Exception:  # no memory, no processes left: another worker may be better off
            _log.exception("the render process can't be started")
            await self.renders.kill()
            await self._pause(_BROKEN_S)
            return False
        return not self.stopping.is_set()

    async def _try(self) -> None:
        wanted = await self.claims.wanted()
        for engine in self.abilities.due(wanted):
            if self.serves(engine) and engine in self.abilities.due(wanted):  # the one before may be all that is needed
                await self.abilities.tried(engine, self.renders)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)
