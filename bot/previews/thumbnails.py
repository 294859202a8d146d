"""Small pictures of videos, made once on demand by a limited child process and kept where they belong."""

import asyncio
from pathlib import Path

from bot.previews.child import asked

_AT_ONCE = 2
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
                made = await asked("heygem.media.thumbnail", str(video), str(picture)) is not None
            if not made:
                self._failed[picture] = None
                while len(self._failed) > _FAILURES_REMEMBERED:
                    del self._failed[next(iter(self._failed))]
        finally:
            del self._making[picture]
