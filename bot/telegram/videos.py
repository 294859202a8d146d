"""Finished videos sent into the chat as well, where the operator wants that and each is small enough."""

import logging
from pathlib import Path

from telegram import InputFile, Message
from telegram.ext import ExtBot

from bot.chat.delivery import ClosedError, RefusedError, UncertainError
from bot.telegram.calls import Calls
from bot.telegram.speaker import thread_of
from bot.telegram.text import LONGEST_CAPTION, clean, fit
from heygem.batches.model import Batch, Item
from heygem.limits import MB
from heygem.storage import Storage

_log = logging.getLogger(__name__)

_CLOUD_BYTES = 50 * MB
_LOCAL_BYTES = 2000 * MB
_SECONDS = 600.0


class Videos:
    def __init__(self, bot: ExtBot[None], calls: Calls, storage: Storage, *, local: bool) -> None:
        self._bot = bot
        self._calls = calls
        self._storage = storage
        self._local = local

    async def send(self, batch: Batch, number: int) -> int | None:
        """The video with that number among a finished batch's, or none of them. The link stays what one can rely on.

        Raises:
            TryLaterError: it was not sent.
        """
        limit = _LOCAL_BYTES if self._local else _CLOUD_BYTES
        videos = [(item, item.output) for item in batch.finished if item.output is not None]
        if number >= len(videos) or any(output.size > limit for _, output in videos):
            return None
        item, output = videos[number]
        path = self._storage.results(batch.owner.owner, batch.id) / output.name
        try:
            await self._calls.into(batch.place, lambda chat: self._send(chat, batch, item, path))
        except UncertainError:
            _log.warning("a video of batch %s may not have arrived; it is not sent again", batch.id)
        except (RefusedError, ClosedError, FileNotFoundError) as error:
            _log.warning("the videos of batch %s were not all sent: %s", batch.id, type(error).__name__)
            return None
        return number + 1

    async def _send(self, chat: int, batch: Batch, item: Item, path: Path) -> Message:
        result = item.output.result if item.output else None
        caption = fit(clean(f"{item.number}. {item.template.name}"), LONGEST_CAPTION)
        with path.open("rb") as file:
            # A local server reads the file itself; the cloud gets it as a stream, never whole from memory.
            video = path.absolute() if self._local else InputFile(file, f"{item.number:03}.mp4", read_file_handle=False)
            return await self._bot.send_video(
                chat,
                video,
                message_thread_id=thread_of(batch.place),
                caption=caption,
                width=result.width if result else None,
                height=result.height if result else None,
                duration=round(result.duration_s) if result else None,
                supports_streaming=True,
                write_timeout=_SECONDS,
                read_timeout=_SECONDS,
            )
