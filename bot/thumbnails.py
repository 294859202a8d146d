"""Small pictures of videos, made once on demand by a limited child process and kept where they belong."""

import asyncio
import contextlib
import logging
from pathlib import Path

from heygem.base.process import Pulse, confined_environment, python

_log = logging.getLogger(__name__)
_AT_ONCE = 2
_LOOK_S = 1.0
_FAILURES_REMEMBERED = 1000


class Thumbnails:
    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._making: dict[Path, asyncio.Task[None]] = {}
        self._failed: dict[Path, None] = {}

    async def of(self, video: Path, picture: Path) -> Path | None:
        """The JPEG at `picture`, made from `video` if it is not there yet; None if it can't be made."""
        if picture.exists():
            return picture
        if picture in self._failed or not picture.parent.is_dir() or not video.exists():
            return None
        if picture not in self._making:
            self._making[picture] = asyncio.create_task(self._make(video, picture))
        await asyncio.shield(self._making[picture])
        return picture if picture.exists() else None

    async def stop(self) -> None:
        for task in list(self._making.values()):
            task.cancel()
        await asyncio.gather(*self._making.values(), return_exceptions=True)

    async def _make(self, video: Path, picture: Path) -> None:
        try:
            async with self._slots:
                made = await _run(video, picture)
            if not made:
                self._failed[picture] = None
                while len(self._failed) > _FAILURES_REMEMBERED:
                    del self._failed[next(iter(self._failed))]
        finally:
            del self._making[picture]


async def _run(video: Path, picture: Path) -> bool:
    """Whether `heygem.media.thumbnail` made the picture; it limits itself, and is killed when it waits for ever."""
    child = await asyncio.create_subprocess_exec(
        *python("heygem.media.thumbnail", str(video), str(picture)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env=confined_environment(),
    )
    pulse = Pulse(child.pid)
    try:
        while not pulse.lost():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    return await child.wait() == 0
        _log.warning("making a thumbnail of %s waits for ever", video.name)
        return False
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
