"""Finished videos in the thread of their batch, several in one message: a `bot.chat.outbox.Deliver`.

What is about to be shared is on the record first. So whoever comes after a kill, or after an answer that was lost, asks
Slack whether the message is there, and shares the same files where it is not.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from redis.asyncio import Redis

from bot.chat.delivery import RefusedError, TroubleError, TryLaterError, UncertainError
from bot.dialogue.announcement import left_out
from bot.slack.blocks import section
from bot.slack.mrkdwn import escape
from bot.slack.upload import put, share
from bot.slack.web import DEAD_TOKEN, Json, Web
from heygem.base.limits import MB
from heygem.batches.model import Batch, Item, Output
from heygem.redis import keys
from heygem.redis.connection import reaching_queue
from heygem.storage.layout import Storage

_log = logging.getLogger(__name__)

_SHARING_S = 7 * 24 * 3600
_MOST_BYTES = 1000 * MB  # of one file, Slack's own limit
_MOST = 10  # in one message
_RETRY_S = 5.0
_TITLE = 200


@dataclass(frozen=True)
class _Group:
    """Videos for one message; `begin` and `end` are their numbers among the finished ones, from 0, the end excluded."""

    begin: int
    end: int
    videos: tuple[tuple[Item, Output], ...]


class Videos:
    def __init__(self, web: Web, redis: Redis, storage: Storage, *, only_here: bool) -> None:
        self._web = web
        self._redis = redis
        self._storage = storage
        self._only_here = only_here

    async def send(self, batch: Batch, first: int) -> int | None:
        """See `bot.chat.outbox`. What is too large is named at the end, in one sentence."""
        group = self._group(batch, first)
        try:
            if not group.videos:
                await self._say_what_is_left_out(batch)
                return None
            if not await self._shared_before(batch, group):
                await self._share(batch, await self._put(batch, group))
        except RefusedError as refusal:
            if refusal.word in DEAD_TOKEN:  # the next token may do it
                raise TryLaterError(_RETRY_S) from None
            _log.warning("the videos of batch %s were not all sent: %s", batch.id, refusal.word)
            return None
        with reaching_queue():
            await self._redis.delete(keys.slack_sharing(batch.id))
        return group.end

    def _group(self, batch: Batch, first: int) -> _Group:
        """The next videos that are there and not too large."""
        folder = self._storage.results(batch.owner.owner, batch.id)
        group: list[tuple[Item, Output]] = []
        end = first
        for item, output in batch.outputs[first:]:
            if len(group) == _MOST:
                break
            end += 1
            if output.size <= _MOST_BYTES and (folder / output.name).exists():
                group.append((item, output))
        return _Group(first, end, tuple(group))

    async def _put(self, batch: Batch, group: _Group) -> list[Json]:
        """Hand them over, and write down that they are about to be shared."""
        folder = self._storage.results(batch.owner.owner, batch.id)
        files: list[Json] = []
        try:
            for item, output in group.videos:
                file = await put(self._web, f"{item.number:03}.mp4", folder / output.name)
                files.append({"id": file, "title": f"{item.number}. {item.template.name}"[:_TITLE]})
        except (UncertainError, FileNotFoundError):  # nothing is to be seen of it yet
            raise TroubleError(_RETRY_S) from None
        with reaching_queue():
            record = json.dumps({"begin": group.begin, "files": files})
            await self._redis.set(keys.slack_sharing(batch.id), record, ex=_SHARING_S)
        return files

    async def _shared_before(self, batch: Batch, group: _Group) -> bool:
        """Whether an earlier try has shared this group, or this one has with the files of that."""
        with reaching_queue():
            record = json.loads(await self._redis.get(keys.slack_sharing(batch.id)) or "{}")
        if record.get("begin") != group.begin:
            return False
        try:
            if not await self._stands(batch, record["files"]):
                await self._share(batch, record["files"])
        except RefusedError as refusal:
            if refusal.word in ("file_not_found", "file_deleted"):  # Slack has forgotten them
                return False
            raise
        return True

    async def _stands(self, batch: Batch, files: Sequence[Json]) -> bool:
        try:
            told = (await self._web.patiently("files.info", file=files[0]["id"]))["file"]
        except UncertainError:
            raise TroubleError(_RETRY_S) from None
        places = [place for kind in ("channels", "groups", "ims") for place in told.get(kind) or ()]
        return batch.place.chat in places

    async def _share(self, batch: Batch, files: Sequence[Json]) -> None:
        await share(self._web, batch.place.chat, batch.place.thread, files)

    async def _say_what_is_left_out(self, batch: Batch) -> None:
        large = [item for item, output in batch.outputs if output.size > _MOST_BYTES]
        if large:
            said = left_out(large, _MOST_BYTES, batch.language, only_here=self._only_here)
            await self._web.post_patiently(batch.place.chat, batch.place.thread, escape(said), [section(said)])
