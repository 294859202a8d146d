"""The warm render process: `python -m worker.render_child PARENT_PID`, started by `worker.render` only.

It answers orders on its standard output, keeps loaded models between them, and never outlives its worker. A crash in
here, whatever native code it comes from, costs one run of one item.
"""

import contextlib
import ctypes
import gc
import os
import queue
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel

from heygem.base.disk import is_disk_full
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.files import checksum, sync, whole
from heygem.base.memory import held_mb, installed_mb
from heygem.base.process import die_with_parent, go_first
from heygem.base.settings import load_settings
from heygem.engines.base import Engine, Progress, RenderJob
from heygem.engines.failure import reason
from heygem.storage.cache import Cache
from worker.runs import PICTURE
from worker.wire import REQUESTS, Advance, Cancel, Made, Order, Ready, Refused, Trial, Tried

_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc only
_MEMORY_SHARE = 0.8  # of what there is: the rest is for the queue, the bot and everybody else
_LOOK_S = 0.05  # a decoder fills some hundred megabytes in that time
_REPORT_S = 0.2  # shortest time between two reports of the same stage


@dataclass
class RenderChild:
    """Orders in, answers out. The main thread renders; a second one listens for cancellations."""

    requests: BinaryIO
    answers: BinaryIO
    _orders: queue.SimpleQueue[Order | Trial | None] = field(default_factory=queue.SimpleQueue)
    _cancelled: set[int] = field(default_factory=set)
    _engines: dict[str, Engine] = field(default_factory=dict)
    _settled: int = 0  # engines that have loaded what they load
    _running: Order | None = None
    _speaking: threading.Lock = field(default_factory=threading.Lock)  # engines may report from several threads

    def serve(self) -> None:
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._watch_memory, daemon=True).start()
        self._say(Ready())
        while (order := self._orders.get()) is not None:
            answer = self._answer(order) if isinstance(order, Order) else self._tried(order)
            self._say(answer)
            if isinstance(answer, Refused) and not answer.healthy:
                return
            self._free_memory()

    def _listen(self) -> None:
        for line in self.requests:
            request = REQUESTS.validate_json(line)
            if isinstance(request, Cancel):
                self._cancelled.add(request.id)
            else:
                self._orders.put(request)
        os._exit(0)  # the worker is gone; whatever is being rendered has nobody to go to

    def _watch_memory(self) -> None:
        """End the order that takes more than one may, before the machine is hurt: it is the files' fault, not ours.

        A limit of the kernel's own would count what GPU libraries set aside, hundreds of times what they use.
        """
        limit_mb = load_settings().limits.render_memory_mb or int(installed_mb() * _MEMORY_SHARE)
        while held_mb() <= limit_mb or (order := self._running) is None:
            time.sleep(_LOOK_S)
        params = {"name": order.request.template_name, "limit_mb": limit_mb}
        self._say(Refused(id=order.id, code=ErrorCode.RENDER_MEMORY, params=params, healthy=False))
        os._exit(1)

    def _say(self, answer: BaseModel) -> None:
        line = answer.model_dump_json().encode() + b"\n"
        with self._speaking:
            self.answers.write(line)
            self.answers.flush()

    def _answer(self, order: Order) -> Made | Refused:
        try:
            return self._made(order)
        except HeygemError as error:
            return Refused(id=order.id, code=error.code, params=dict(error.params), healthy=True)
        except Exception as error:  # whatever native or third-party code raises must not end the batch
            traceback.print_exc()
            told = reason(error, self._engine_name(order), order.folder, order.expected_bytes)
            return Refused(id=order.id, code=told.code, params=dict(told.params), healthy=_harmless(error))

    def _tried(self, trial: Trial) -> Tried | Refused:
        from heygem.engines.trial import try_engine

        try:
            try_engine(load_settings(), trial.engine, lambda name, _: self._engine(name))
        except HeygemError as error:
            traceback.print_exc()
            return Refused(id=trial.id, code=error.code, params=dict(error.params), healthy=False)
        return Tried(id=trial.id)

    def _made(self, order: Order) -> Made:
        tempfile.tempdir = str(order.folder)
        self._running = order
        try:
            result = self._engine(order.engine).render(self._job(order))
        finally:
            self._running = None
        size, crc32 = _sealed(order.output)
        _pictured(order.output)
        if (subtitles := order.output.with_suffix(".srt")).exists():
            sync(subtitles)
        return Made(id=order.id, size=size, crc32=crc32, result=result)

    def _engine(self, name: str) -> Engine:
        if name not in self._engines:
            from heygem.engines import create  # engines bring heavy libraries with them

            self._engines[name] = create(name, load_settings())
        return self._engines[name]

    def _engine_name(self, order: Order) -> str:
        engine = self._engines.get(order.engine)
        return engine.name if engine else order.engine

    def _free_memory(self) -> None:
        """Give back what the last render held: glibc keeps freed frames otherwise, for each size it has seen.

        What a new engine has loaded stays anyway, so no later collection looks through it: 8 ms each, measured.
        """
        gc.collect()
        if len(self._engines) > self._settled:
            self._settled = len(self._engines)
            gc.freeze()
        if _TRIM:
            _TRIM(0)

    def _job(self, order: Order) -> RenderJob:
        from heygem.speech.transcript import find_transcriber

        return RenderJob(
            **vars(order.request),
            output=order.output,
            cache=Cache(order.cache),
            report=self._reporter(order.id),
            cancelled=lambda: order.id in self._cancelled,
            find_transcriber=partial(find_transcriber, load_settings()),
        )

    def _reporter(self, order: int) -> Callable[[Progress], None]:
        last_stage, last_time = "", 0.0

        def report(progress: Progress) -> None:
            nonlocal last_stage, last_time
            now = time.monotonic()
            if progress.stage != last_stage or now - last_time >= _REPORT_S:
                last_stage, last_time = progress.stage, now
                self._say(Advance(id=order, stage=progress.stage, fraction=progress.fraction))

        return report


def _harmless(error: Exception) -> bool:
    return isinstance(error, OSError) and is_disk_full(error)


def _pictured(output: Path) -> None:
    """What pages show of the video lies beside it from the start; without one they do without."""
    from heygem.media.thumbnail import thumbnail

    with contextlib.suppress(Exception), whole(output.with_suffix(PICTURE)) as partial:
        partial.write_bytes(thumbnail(output))


def _sealed(output: Path) -> tuple[int, int]:
    """Size and crc32 of the finished video, which survives a power cut from here on.

    The pages were written a moment ago, so this reads memory. The muxer seeks back into its file (faststart moves the
    index to the front), so a crc over its writes would not be the file's.
    """
    sync(output)
    return output.stat().st_size, checksum(output)


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Our two pipes, moved aside: a library that prints must reach the log, not the worker."""
    requests, answers = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    return os.fdopen(requests, "rb"), os.fdopen(answers, "wb")


def main() -> None:
    die_with_parent(int(sys.argv[1]))
    go_first()
    for number in (signal.SIGINT, signal.SIGTERM):
        # The worker decides when this process ends, also where a service manager signals every process of the group.
        # A handler, unlike SIG_IGN, is not inherited by programs that an engine starts.
        signal.signal(number, lambda *_: None)
    RenderChild(*_own_pipes()).serve()


if __name__ == "__main__":
    main()
