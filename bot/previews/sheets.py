"""What templates look like, many as one picture."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from bot.dialogue.message import Picture
from bot.previews.thumbnails import Thumbnails
from heygem.batches.model import MediaFile
from heygem.storage.layout import Storage

_log = logging.getLogger(__name__)

_MOST = 100


class Sheets:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._thumbnails = Thumbnails()

    async def stop(self) -> None:
        await self._thumbnails.stop()

    async def of(self, pictures: Sequence[Picture]) -> bytes | None:
        """A JPEG with the numbers of their lines; None where nothing could be made."""
        from heygem.media.sheet import sheet  # Pillow, only when there is something to show

        made = await asyncio.gather(*(self.thumbnail(picture.file) for picture in pictures[:_MOST]))
        if not any(made):
            return None
        try:
            return await asyncio.to_thread(sheet, made)
        except OSError as error:
            _log.warning("no sheet of %d pictures: %s", len(made), type(error).__name__)
            return None

    async def thumbnail(self, file: MediaFile) -> Path | None:
        """The small picture of a template, made if need be."""
        picture = self._storage.picture(file.owner, file.sha256)
        await asyncio.to_thread(picture.parent.mkdir, parents=True, exist_ok=True)
        return await self._thumbnails.of(self._storage.file(file.owner, file.sha256), picture)
