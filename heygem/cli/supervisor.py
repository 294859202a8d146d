"""Our other rooms as processes: started by name, their output kept, restarted when they die, stopped cleanly."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from heygem.base.errors import HeygemError
from heygem.base.process import bound, environment, python
from heygem.base.sentences import explain_error
from heygem.cli.progress import say
from heygem.redis.server import EmbeddedRedis

_LOOK_S = 0.2
_GRACE_S = 15.0  # longer than a worker needs to give its item back
_RESTART_S = (0.5, 1, 2, 5, 10)  # waits between restarts of a process that keeps dying
_REDIS_S = 2.0  # between two tries
_STEADY_S = 30.0  # a process that ran this long starts again from the first wait


@dataclass
class Process:
    """One process of ours. `modules` is what follows `python -m`; `log` is where its output goes."""

    name: str
    modules: tuple[str, ...]
    environment: dict[str, str]
    log: Path | None = None  # None: our own stderr
    _child: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _started: float = 0.0
    _deaths: int = 0

    def start(self) -> None:
        with self._output() as output:
            self._child = subprocess.Popen(  # noqa: S603 (our own interpreter and modules)
                module(*self.modules),
                env=environment() | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is for the parent, which stops its children in order
            )
        self._started = time.monotonic()

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    @property
    def exit_code(self) -> int | None:
        return self._child.poll() if self._child else None

    def restart_delay(self) -> float:
        """Seconds to wait before the next start; grows while the process keeps dying."""
        steady = time.monotonic() - self._started > _STEADY_S
        self._deaths = 0 if steady else self._deaths + 1
        return _RESTART_S[min(self._deaths, len(_RESTART_S) - 1)]

    def stop(self) -> None:
        """SIGTERM, and SIGKILL if it does not go in time."""
        if self._child is None or self._child.poll() is not None:
            return
        self._child.send_signal(signal.SIGTERM)
        try:
            self._child.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    @contextmanager
    def _output(self) -> Iterator[IO[bytes] | None]:
        if self.log is None:
            yield None
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as file:
            yield file


def module(*words: str) -> list[str]:
    """The command `python -m words…` as a child that dies with us."""
    return bound(python(*words))


@contextmanager
def running(processes: list[Process]) -> Iterator[list[Process]]:
    """Processes that live as long as the block; they stop in the reverse of their order."""
    with ExitStack() as stack:
        for process in processes:
            process.start()
            stack.callback(process.stop)
        yield processes


def supervise(processes: list[Process], redis: EmbeddedRedis | None, stopped: Callable[[], bool]) -> None:
    """Restart what dies until `stopped`. In the main thread: the kernel ends a child with the thread it came from."""
    due: dict[str, float] = {}
    while not stopped():
        time.sleep(_LOOK_S)
        if redis is not None:
            _keep(redis)
        for process in processes:
            _revive(process, due)


def _keep(redis: EmbeddedRedis) -> None:
    """One that can't start now, as on a full disk, may start later: the house waits for it, as for one that is away."""
    try:
        redis.start()
    except HeygemError as error:
        say(explain_error(error, door="local"))
        time.sleep(_REDIS_S)


def _revive(process: Process, due: dict[str, float]) -> None:
    if process.exit_code is None:
        return
    now = time.monotonic()
    if process.name not in due:
        due[process.name] = now + process.restart_delay()
    elif now >= due[process.name]:
        del due[process.name]
        process.start()
