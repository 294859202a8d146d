"""What this worker can do: tried, not believed. It claims only for engines whose latest try gave a video.

An engine is tried when the worker starts, if it is the one that the settings name, else when something waits for it. A
failure that may be the machine's tries it again: who can't render a second of its own either is ill, and is tried again
now and then until it is well.
"""

import asyncio
import logging
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from heygem.base.errors import HeygemError
from heygem.base.settings import Settings
from heygem.batches.workers import Health, Offer
from heygem.engines import AUTO, candidates, preferred
from heygem.speech.checkpoints import find_checkpoint
from worker.render import ChildDiedError, RenderProcess

_log = logging.getLogger(__name__)

_AGAIN_S = 1.0  # until an ill engine is tried again; each time twice as long,
_AGAIN_MOST_S = 60.0  # up to this
_LOOK_S = 30.0  # between two looks for engines that came meanwhile
_TRY_S = 600.0  # a GPU engine loads its weights first


@dataclass
class Abilities:
    """Shared by all drains of a worker."""

    settings: Settings
    _health: dict[str, Health] = field(default_factory=dict)
    _pause: dict[str, float] = field(default_factory=dict)  # engine → seconds between its latest two tries
    _again: dict[str, float] = field(default_factory=dict)  # ill engine → monotonic time of its next try
    _looked: float = field(default=float("-inf"), init=False)
    _preferred: tuple[str, ...] = field(default=(), init=False)
    _listens: float | None = field(default=None, init=False)  # as in Offer

    @property
    def auto(self) -> str:
        """What "auto" means here: the best engine that is ready; "" while there is none."""
        return next((engine for engine in self._preferred if self._health.get(engine) is Health.READY), "")

    def ready(self, engines: Iterable[str]) -> list[str]:
        return [engine for engine in engines if self._health.get(engine) is Health.READY]

    @property
    def offer(self) -> Offer:
        engines = {engine: self._health[engine] for engine in self.engines}  # looks around first, now and then
        return Offer(engines=engines, auto=self.auto, listens=self._listens)

    @property
    def engines(self) -> list[str]:
        """All that seem to be there, whether they were tried or not."""
        if time.monotonic() - self._looked > _LOOK_S:
            self._looked = time.monotonic()
            self._preferred = tuple(preferred(self.settings))
            self._listens = _listens(self.settings)
            self._health = {name: self._health.get(name, Health.UNTRIED) for name in candidates(self.settings)}
        return list(self._health)

    @property
    def lines(self) -> list[str]:
        """What may wait for this worker: engines that are not ill, and "auto" where there are any."""
        serving = [engine for engine in self.engines if self._health[engine] is not Health.ILL]
        return [*serving, AUTO] if serving else []

    @property
    def doubtful(self) -> bool:
        """Whether any engine may be due, depending on what is wanted."""
        return any(self._is_due(engine, wanted=True) for engine in self.engines)

    def due(self, wanted: Collection[str]) -> list[str]:
        """What is to be tried now, best first: the settings' engine, what is wanted, and ill ones in their time."""
        engines = self.engines
        aims = {self.settings.engine, *wanted}
        if AUTO in aims and not self.auto:
            aims |= set(self._preferred)
        return [engine for engine in engines if self._is_due(engine, engine in aims)]

    async def tried(self, engine: str, renders: RenderProcess) -> bool:
        """Whether the engine renders here, tried just now in the process that will do the work."""
        try:
            async with asyncio.timeout(_TRY_S):
                await renders.start()
                await renders.try_engine(engine)
        except TimeoutError:
            await renders.kill()
            self._fell_ill(engine, "no answer")
        except HeygemError as error:
            self._fell_ill(engine, str(error))
        except ChildDiedError as error:
            self._fell_ill(engine, str(error))
        else:
            self._health[engine] = Health.READY
            self._pause.pop(engine, None)
            _log.info("engine %s is ready", engine)
        return self._health[engine] is Health.READY

    def _is_due(self, engine: str, wanted: bool) -> bool:
        health = self._health[engine]
        if health is Health.UNTRIED:
            return wanted
        return health is Health.ILL and time.monotonic() >= self._again[engine]

    def _fell_ill(self, engine: str, why: str) -> None:
        pause = min(2 * self._pause.get(engine, _AGAIN_S / 2), _AGAIN_MOST_S)
        self._health[engine] = Health.ILL
        self._pause[engine], self._again[engine] = pause, time.monotonic() + pause
        _log.error("engine %s does not work here, tried again in %.0f s: %s", engine, pause, why)


def _listens(settings: Settings) -> float | None:
    try:
        checkpoint = find_checkpoint(settings)
    except HeygemError:  # one is named and not there: each item with subtitles will say so
        return None
    return None if checkpoint is None else checkpoint.pace or 0.0
