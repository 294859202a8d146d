"""The worker's side of its warm render process: start, order, cancel, kill."""

import asyncio
import contextlib
import logging
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import get_args

from pydantic import BaseModel, SecretStr

from heygem.base.errors import HeygemError
from heygem.base.process import environment, python
from heygem.base.settings import Settings
from worker.oom import oom_kills
from worker.wire import ANSWERS, Advance, Cancel, Made, Order, Ready, Refused, Trial, Tried, next_id

_log = logging.getLogger(__name__)

_LINE_BYTES = 1 << 20  # longest answer
_LOG_LINES = 60  # what is kept of the process's stderr for the log, should it fail
_LOG_WIDTH = 400
_START_S = 60.0
_ANSWER_S = 5.0  # how long a cancelled render may take to notice


class ChildDiedError(Exception):
    """The render process ended in the middle of an order. `code` is its exit status, negative for a signal.

    `out_of_memory` says whether the kernel ended it because there was no memory left.
    """

    def __init__(self, code: int, out_of_memory: bool = False) -> None:
        super().__init__(f"render process ended with {code}")
        self.code = code
        self.out_of_memory = out_of_memory


@dataclass
class RenderProcess:
    """One process at a time, started when needed, with everything it has loaded kept between orders."""

    _process: Process | None = None
    _stderr: "asyncio.Task[None] | None" = None
    _kills: int = 0  # processes that the kernel had killed for memory when ours started
    _lines: deque[str] = field(default_factory=lambda: deque(maxlen=_LOG_LINES))

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Make sure that the process runs and waits for orders."""
        if self.pid is not None:
            return
        self._lines.clear()
        self._kills = oom_kills()
        self._process = await asyncio.create_subprocess_exec(
            *python("worker.render_child", str(os.getpid())),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=_environment(),
            limit=_LINE_BYTES,
            start_new_session=True,  # its group holds whatever an engine starts, so that one kill ends all of it
        )
        self._stderr = asyncio.create_task(self._collect(self._process))
        async with asyncio.timeout(_START_S):
            answer = await self._next_answer()
        assert isinstance(answer, Ready)  # noqa: S101 (the process says it first)
        _log.info("render process %d is up", self._process.pid)

    async def render(self, order: Order, report: Callable[[Advance], None]) -> Made:
        """Do one order.

        Raises:
            HeygemError: what became of it instead of a video.
            ChildDiedError: the process ended in the middle of it.
        """
        await self._ask(order)
        while True:
            match await self._answer_to(order):
                case Advance() as advance:
                    report(advance)
                case Made() as made:
                    return made

    async def try_engine(self, engine: str) -> None:
        """Have the engine render a second of its own.

        Raises:
            HeygemError: why it can't.
            ChildDiedError: the process ended in the middle of it.
        """
        trial = Trial(id=next_id(), engine=engine)
        await self._ask(trial)
        while not isinstance(await self._answer_to(trial), Tried):
            pass

    async def give_up(self, order: Order, running: "asyncio.Task[Made]") -> None:
        """End the running order without a result: by asking, so that loaded models stay, else by force."""
        with contextlib.suppress(ChildDiedError):
            await self._ask(Cancel(id=order.id))
        done, _ = await asyncio.wait({running}, timeout=_ANSWER_S)
        if not done:
            _log.warning("render process %s does not answer and is killed", self.pid)
            await self.kill()
        with contextlib.suppress(HeygemError, ChildDiedError):
            await running

    async def kill(self) -> None:
        """End the process and everything it started, now. The next `start` brings up a fresh one."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        if self._stderr:
            await asyncio.wait({self._stderr}, timeout=1)  # a program that left the group could keep the pipe open

    async def _ask(self, request: BaseModel) -> None:
        process = self._running()
        assert process.stdin  # noqa: S101 (it is a pipe)
        process.stdin.write(request.model_dump_json().encode() + b"\n")
        try:
            await process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            await self._mourn()

    async def _answer_to(self, request: Order | Trial) -> Advance | Made | Tried:
        """The next answer to this request; an order that was given up may have last words, too."""
        while True:
            answer = await self._next_answer()
            if isinstance(answer, Ready) or answer.id != request.id:
                continue
            if not isinstance(answer, Refused):
                return answer
            if not answer.healthy:
                await self._leave()
            raise HeygemError(answer.code, **answer.params)

    async def _next_answer(self) -> Ready | Advance | Made | Tried | Refused:
        process = self._running()
        assert process.stdout  # noqa: S101 (it is a pipe)
        line = await process.stdout.readline()
        if not line.endswith(b"\n"):
            await self._mourn()
        return ANSWERS.validate_json(line)

    def _running(self) -> Process:
        if self._process is None:
            raise ChildDiedError(0)
        return self._process

    async def _mourn(self) -> None:
        """Raise ChildDiedError; what the process said last goes into the log."""
        await self.kill()
        code = self._running().returncode or 0
        _log.error("render process ended with %d; its last words: %s", code, self._last_words())
        raise ChildDiedError(code, code == -signal.SIGKILL and oom_kills() > self._kills)

    async def _leave(self) -> None:
        """The process found itself unhealthy and goes; the next order gets a fresh one."""
        await self.kill()
        _log.error("render failed; the render process is replaced; its last words: %s", self._last_words())

    def _last_words(self) -> str:
        return " | ".join(self._lines)

    async def _collect(self, process: Process) -> None:
        assert process.stderr  # noqa: S101 (it is a pipe)
        while True:
            try:
                line = await process.stderr.readline()
            except ValueError:  # longer than any line should be; dropped
                continue
            if not line:
                return
            self._note(line)

    def _note(self, line: bytes) -> None:
        if text := line.decode(errors="replace")[:_LOG_WIDTH].strip():
            self._lines.append(text)
            _log.debug("render process: %s", text)


def _environment() -> dict[str, str]:
    """Ours without secrets: what decodes strangers' files has no business with them. One thread per numeric library."""
    secrets = {
        f"HEYGEM_{name.upper()}"
        for name, field_ in Settings.model_fields.items()
        if SecretStr in (field_.annotation, *get_args(field_.annotation))
    }
    kept = {name: value for name, value in environment().items() if name not in secrets}
    return kept | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
