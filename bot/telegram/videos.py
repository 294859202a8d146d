"""Finished videos sent into the chat as well: as albums, without a sound, since the final message made one."""

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from telegram import InputFile, InputMediaVideo
from telegram.ext import ExtBot

from bot.chat.delivery import ClosedError, RefusedError
from bot.dialogue.announcement import left_out
from bot.telegram.calls import Calls
from bot.telegram.speaker import Speaker, thread_of
from bot.telegram.text import LONGEST_CAPTION, clean, fit
from heygem.base.limits import MB
from heygem.batches.model import Batch, Item, Output
from heygem.storage.layout import Storage

_log = logging.getLogger(__name__)

_CLOUD_BYTES = 50 * MB  # of one file, and of one request
_LOCAL_BYTES = 2000 * MB  # of one file; a request has their paths only
_ALBUM = 10
_SECONDS = 600.0


@dataclass(frozen=True)
class _Video:
    """`place` is its number among the batch's finished videos, from 0."""

    place: int
    item: Item
    output: Output
    path: Path


class Videos:
    def __init__(
        self, bot: ExtBot[None], calls: Calls, speaker: Speaker, storage: Storage, *, local: bool, only_here: bool
    ) -> None:
        self._bot = bot
        self._calls = calls
        self._speaker = speaker
        self._storage = storage
        self._local = local
        self._only_here = only_here
        self._one_by_one: set[str] = set()  # batches an album of which was refused: one of its videos may be to blame

    async def send(self, batch: Batch, first: int) -> int | None:
        """See `bot.chat.outbox`. What is too large is named at the end, in one sentence."""
        group = self._group(batch, first)
        try:
            if group:
                await self._send(batch, group)
            else:
                await self._say_what_is_left_out(batch)
        except ClosedError:
            return None
        except RefusedError as error:
            _log.warning("Telegram refused %d videos of batch %s: %s", len(group), batch.id, error.word)
            if len(group) > 1:
                self._one_by_one.add(batch.id)
                return first
        return group[-1].place + 1 if group else None

    @property
    def _limit(self) -> int:
        return _LOCAL_BYTES if self._local else _CLOUD_BYTES

    def _group(self, batch: Batch, first: int) -> list[_Video]:
        """The next ones that fit into one album and one request; the last of all may be alone."""
        group: list[_Video] = []
        most = 1 if batch.id in self._one_by_one else self._most(batch)
        room = _CLOUD_BYTES
        for video in self._videos(batch)[first:]:
            if video.output.size > self._limit or not video.path.exists():
                continue
            room -= 0 if self._local else video.output.size
            if room < 0 or len(group) == most:
                break
            group.append(video)
        return group

    def _most(self, batch: Batch) -> int:
        """As many as the chat takes now; where that is no album, it is waited for a whole one."""
        room = self._calls.room(batch.place)
        return min(room, _ALBUM) if room > 1 else _ALBUM

    def _videos(self, batch: Batch) -> list[_Video]:
        folder = self._storage.results(batch.owner.owner, batch.id)
        return [_Video(place, item, output, folder / output.name) for place, (item, output) in enumerate(batch.outputs)]

    async def _send(self, batch: Batch, group: Sequence[_Video]) -> None:
        self._calls.require_room(batch.place, len(group))
        with ExitStack() as files:
            media = [self._medium(video, files) for video in group]
            await self._calls.into(batch.place, lambda chat: self._album(chat, batch, media), messages=len(media))

    async def _album(self, chat: int, batch: Batch, media: Sequence[InputMediaVideo]) -> None:
        if len(media) > 1:
            await self._bot.send_media_group(
                chat,
                media,
                message_thread_id=thread_of(batch.place),
                disable_notification=True,
                write_timeout=_SECONDS,
                read_timeout=_SECONDS,
            )
            return
        (video,) = media
        await self._bot.send_video(
            chat,
            video.media,
            message_thread_id=thread_of(batch.place),
            caption=video.caption,
            width=video.width,
            height=video.height,
            duration=video.duration,
            supports_streaming=True,
            disable_notification=True,
            write_timeout=_SECONDS,
            read_timeout=_SECONDS,
        )

    def _medium(self, video: _Video, files: ExitStack) -> InputMediaVideo:
        """A local server reads the file itself; the cloud gets it as a stream, never whole from memory."""
        result = video.output.result
        return InputMediaVideo(
            video.path.absolute() if self._local else self._upload(video, files),
            caption=fit(clean(f"{video.item.number}. {video.item.template.name}"), LONGEST_CAPTION),
            width=result.width,
            height=result.height,
            duration=round(result.duration_s),
            supports_streaming=True,
        )

    @staticmethod
    def _upload(video: _Video, files: ExitStack) -> InputFile:
        file = files.enter_context(video.path.open("rb"))
        return InputFile(file, f"{video.item.number:03}.mp4", attach=True, read_file_handle=False)

    async def _say_what_is_left_out(self, batch: Batch) -> None:
        large = [video.item for video in self._videos(batch) if video.output.size > self._limit]
        if large:
            said = left_out(large, self._limit, batch.language, only_here=self._only_here)
            await self._speaker.send(batch.place, clean(said), silent=True)
