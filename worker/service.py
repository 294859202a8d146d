"""The worker process: it hears bells through arq, drains, and sweeps, until it is told to stop."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

from arq.connections import ArqRedis
from arq.worker import Worker, func
from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import BusyLoadingError, RedisError

from heygem.base.errors import HeygemError
from heygem.base.settings import Settings
from heygem.base.tasks import end
from heygem.batches import workers
from heygem.batches.claims import Claim, Claims
from heygem.batches.store import Store
from heygem.engines import ELSEWHERE, slots_elsewhere
from heygem.redis import bells, keys
from heygem.redis.connection import connect, reaching_queue
from heygem.storage.layout import Storage
from worker.abilities import Abilities
from worker.attempt import Attempt
from worker.drain import Drain
from worker.render import RenderProcess
from worker.runs import Workplace
from worker.sweep import Sweep

_log = logging.getLogger(__name__)

_POLL_S = 0.05
_IN_PROGRESS_S = 8.0  # arq's own lock on a bell; it must outlast our lease (6 s), or the bell dies before it
_FOR_EVER_S = 10 * 365 * 24 * 3600
_HEALTH_S = 5
_AGAIN_S = 0.5


class Service:
    """One worker. `run` returns after SIGTERM or SIGINT, with the running item given back."""

    def __init__(self, settings: Settings) -> None:
        self.worker = f"{socket.gethostname()}:{os.getpid()}"
        self.redis = connect(settings)
        self._arq_redis = ArqRedis(_bytes_pool(self.redis), default_queue_name=keys.QUEUE)
        self.stopping = asyncio.Event()
        self._settings = settings
        self._storage = Storage(settings.data_dir)
        self._workplace = Workplace(self._storage)
        self._claims = Claims(self.redis, settings)
        self._abilities = Abilities(settings)
        self._drain = self._new_drain(lambda engine: engine not in ELSEWHERE)
        self._remote = [self._new_drain(ELSEWHERE.__contains__) for _ in range(slots_elsewhere(settings))]
        self._draining: asyncio.Task[None] | None = None
        self._sweep = Sweep(
            self.worker,
            self.redis,
            Store(self.redis, settings),
            self._claims,
            self._abilities,
            self._wake,
            self._storage,
            settings,
        )

    async def run(self) -> None:
        """Raises:
        HeygemError: QUEUE_UNREACHABLE if Redis is not there at the start. Later it is waited for.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stopping.set)
        await _reach(self.redis)
        if moved := await self._migrated():
            _log.info("%d items of an earlier version wait in today's lines", moved)
        _log.info("worker %s is up", self.worker)
        hearing = asyncio.create_task(self._hear())
        sweeping = asyncio.create_task(self._sweep.forever())
        draining = [asyncio.create_task(drain.again_and_again()) for drain in self._remote]
        self._wake()
        await self.stopping.wait()
        await self._leave(hearing, sweeping, *draining)

    async def _leave(self, *tasks: "asyncio.Task[None]") -> None:
        """The items first, so that another worker can take them while we tidy up."""
        _log.info("worker %s stops", self.worker)
        await asyncio.gather(*(drain.stop() for drain in (self._drain, *self._remote)))
        await end(tasks)
        self._workplace.leave()
        with contextlib.suppress(HeygemError), reaching_queue():
            await workers.leave(self.redis, self.worker)
            await bells.ring(self.redis, await workers.alive(self.redis))
        await self.redis.aclose()

    async def _hear(self) -> None:
        """An arq worker ends with its connection; then the next one takes over, while the drain goes on."""
        while not self.stopping.is_set():
            arq = self._arq()
            try:
                await arq.async_run()
            except (RedisError, OSError) as error:
                _log.warning("no bell can be heard: %s", type(error).__name__)
            except Exception:
                _log.exception("no bell can be heard")
            finally:
                with contextlib.suppress(Exception, asyncio.CancelledError):
                    await arq.close()
            await asyncio.sleep(_AGAIN_S)

    def _arq(self) -> Worker:
        worker = Worker(
            [func(self._bell, name=keys.BELL)],
            queue_name=keys.QUEUE,
            redis_pool=self._arq_redis,
            handle_signals=False,
            max_jobs=1,
            max_tries=sys.maxsize,
            job_timeout=_FOR_EVER_S,
            keep_result=0,
            poll_delay=_POLL_S,
            health_check_interval=_HEALTH_S,
            job_serializer=bells.serialize,
            job_deserializer=bells.deserialize,
            log_results=False,
        )
        worker.in_progress_timeout_s = _IN_PROGRESS_S  # else our job timeout: for ever
        return worker

    async def _bell(self, ctx: dict[Any, Any], *_: Any, **__: Any) -> None:  # noqa: ARG002 (as arq calls it)
        await self._drain.run()

    def _wake(self) -> None:
        if self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain.run())

    async def _migrated(self) -> int:
        with reaching_queue():
            return await self._claims.migrate()

    def _new_drain(self, serves: Callable[[str], bool]) -> Drain:
        """A drain with a render process of its own."""
        renders = RenderProcess()

        def attempt(claim: Claim) -> Attempt:
            return Attempt(
                claim,
                self._claims,
                renders,
                self._abilities,
                self._storage,
                self._workplace,
                self._settings,
                self.stopping,
            )

        return Drain(self.worker, self._claims, renders, attempt, self.stopping, self._abilities, serves)


def _bytes_pool(redis: "Redis") -> ConnectionPool:
    """The same Redis without decoding, as arq wants its answers."""
    pool = redis.connection_pool
    return ConnectionPool(pool.connection_class, **{**pool.connection_kwargs, "decode_responses": False})


async def _reach(redis: "Redis") -> None:
    with reaching_queue():
        while True:
            try:
                await redis.ping()
            except BusyLoadingError:  # it is there, and reads its append-only file
                await asyncio.sleep(_AGAIN_S)
            else:
                return
