"""Batches in Redis, as a front end sees them. Every change is one Lua script (`heygem/batches/scripts`).

The records are the truth: whatever process dies, what a method returned for is kept.
"""

import asyncio
import base64
import contextlib
import secrets

from redis.asyncio import Redis

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.sentences import Language
from heygem.base.settings import Settings
from heygem.batches import files
from heygem.batches.claims import MAX_LOSSES
from heygem.batches.items import raise_unless_ok, set_fields
from heygem.batches.line import Line
from heygem.batches.model import Batch, Item, MediaFile, Person, Place
from heygem.batches.outlook import Outlook
from heygem.batches.records import file_json, file_key, read_batch
from heygem.batches.scripts import QUEUE
from heygem.batches.telling import Telling
from heygem.engines.base import RenderOptions
from heygem.redis import clock, keys
from heygem.redis.connection import reaches_queue, reply
from heygem.redis.scripts import Scripts
from heygem.storage.layout import Storage

VOICE = "voice"  # what a message became that is no item
_REVOKED_LINKS_S = 24 * 3600  # for so long a withdrawn link says that it was withdrawn


@reaches_queue
class Store:
    """All methods raise QUEUE_UNREACHABLE when Redis is away, BATCH_UNKNOWN for a batch that is not there."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self.redis = redis
        self._settings = settings
        self._storage = Storage(settings.data_dir)
        self._scripts = Scripts(redis, QUEUE)
        self.line = Line(redis)
        self.outlook = Outlook(redis)
        self.telling = Telling(redis)

    # collecting

    async def open(
        self,
        person: Person,
        place: Place,
        language: Language,
        *,
        engine: str | None = None,
        options: RenderOptions | None = None,
        trial_of: str = "",
    ) -> Batch:
        """The place's collecting batch, whoever opened it, or a new one of this person, with these options.

        `trial_of` is the batch of the place that it is a try-out of: then it is a new one beside that.

        Raises:
            HeygemError: QUOTA_BATCHES.
        """
        limit = self._settings.quotas.open_batches
        answer = await self._scripts.run(
            "open",
            *(
                _new_id(),
                place.id,
                place.chat_id,
                person.owner,
                person.model_dump_json(),
                place.model_dump_json(),
            ),
            *(
                place.platform,
                language,
                engine or self._settings.engine,
                (options or RenderOptions()).model_dump_json(),
                limit,
                trial_of,
            ),
        )
        if answer[0] == ErrorCode.QUOTA_BATCHES:
            raise HeygemError(ErrorCode.QUOTA_BATCHES, actual=int(answer[1]), limit=limit)
        return await self.get(answer[1])

    async def collecting(self, place: Place) -> Batch | None:
        answer = await self._scripts.run("collecting", place.id)
        return read_batch(answer) if answer else None

    async def latest(self, place: Place) -> Batch | None:
        newest: list[str] = await self.redis.zrevrange(keys.place_batches(place.id), 0, 0)
        return await self.find(newest[0] if newest else None)

    async def in_chat(self, place: Place, limit: int = 20) -> list[Batch]:
        """The batches of all places in this one's chat, newest first."""
        return await self._all(await self.redis.zrevrange(keys.chat_batches(place.chat_id), 0, limit - 1))

    async def history(self, person: Person, limit: int = 20) -> list[Batch]:
        """The person's batches, newest first."""
        return await self._all(await self.redis.zrevrange(keys.owner_batches(person.owner), 0, limit - 1))

    async def versions(self, person: Person, limit: int) -> dict[str, str]:
        """Batch → version of the person's, newest first: what changed, without reading any."""
        newest: list[str] = await self.redis.zrevrange(keys.owner_batches(person.owner), 0, limit - 1)
        async with self.redis.pipeline(transaction=False) as pipe:
            for batch_id in newest:
                pipe.hget(keys.batch(batch_id), "version")
            found = await pipe.execute()
        return {batch_id: version or "" for batch_id, version in zip(newest, found, strict=True)}

    async def unended(self, person: Person) -> list[Batch]:
        """The person's batches that have not ended."""
        return await self._all(sorted(await reply(self.redis.smembers(keys.open_batches(person.owner)))))

    async def get(self, batch_id: str) -> Batch:
        """The batch with its items, as of one moment."""
        if (batch := await self.find(batch_id)) is None:
            raise HeygemError(ErrorCode.BATCH_UNKNOWN)
        return batch

    async def find(self, batch_id: str | None) -> Batch | None:
        answer = await self._scripts.run("read", batch_id) if batch_id else None
        return read_batch(answer) if answer else None

    async def set_voice(self, batch_id: str, file: MediaFile, message: str) -> bool:
        """False: this message was taken already, in this batch or an earlier one of the place.

        Raises:
            HeygemError: BATCH_STARTED, FILE_MISSING.
        """
        return await self._set_voice(batch_id, "", file, message)

    async def set_item_voice(self, batch_id: str, item_id: str, file: MediaFile, message: str) -> bool:
        """Like `set_voice`, for one item. Raises ITEM_UNKNOWN too."""
        return await self._set_voice(batch_id, item_id, file, message)

    async def add_template(
        self, batch_id: str, file: MediaFile, message: str, voice: MediaFile | None = None
    ) -> Item | None:
        """The new item, or None: this message was taken already.

        Raises:
            HeygemError: DUPLICATE_TEMPLATE (the same file with the same voice), BATCH_FULL, BATCH_STARTED,
                FILE_MISSING.
        """
        limit = self._settings.quotas.templates_per_batch
        item_id = _new_id()
        status, *number = await self._scripts.run(
            "add_template",
            *(batch_id, item_id, message, file_json(file), file_key(file), file_json(voice), file_key(voice), limit),
        )
        if status == "again":
            return None
        if status == ErrorCode.DUPLICATE_TEMPLATE:
            raise HeygemError(ErrorCode.DUPLICATE_TEMPLATE, name=file.name, number=int(number[0]))
        raise_unless_ok(status, limit=limit)
        for needed in (file, voice):
            if needed and not files.present(self._storage, needed):  # it went a moment ago, see heygem.batches.files
                await self.remove_item(batch_id, item_id)
                raise _missing(needed)
        return Item(id=item_id, batch=batch_id, number=int(number[0]), template=file, voice=voice)

    async def item_of_message(self, batch_id: str, message: str) -> Item | None:
        """The item that a message brought; for a reply to that message."""
        batch = await self.get(batch_id)
        taken = await reply(self.redis.hget(keys.messages(batch.place.id), message))
        return next((item for item in batch.items if taken == f"{batch_id}:{item.id}"), None)

    async def batch_of_message(self, place: Place, message: str) -> str | None:
        """The id of the batch that took this message; ask before opening a batch for an update that may be old."""
        taken = await self.taken(place, message)
        return taken[0] if taken else None

    async def taken(self, place: Place, message: str) -> tuple[str, str] | None:
        """What became of a message: the ids of a batch and of its item, or `VOICE`."""
        taken = await reply(self.redis.hget(keys.messages(place.id), message))
        batch_id, _, item_id = (taken or "").partition(":")
        return (batch_id, item_id) if taken else None

    async def remove_item(self, batch_id: str, item_id: str) -> None:
        """Raises BATCH_STARTED, ITEM_UNKNOWN. The numbers behind it move up."""
        (status,) = await self._scripts.run("remove_item", batch_id, item_id)
        raise_unless_ok(status, number=item_id)

    async def withdraw(self, place: Place, message: str) -> bool:
        """What a message brought leaves its batch, as long as that is collected; False: there was nothing to leave."""
        return bool(await self._scripts.run("withdraw", place.id, message))

    async def record_faces(self, batch_id: str, item_id: str, faces: int) -> None:
        """What a first look at an item's template saw; no news once the batch has started or the item is gone."""
        await self._scripts.run("see_faces", batch_id, item_id, faces)

    async def set_options(
        self,
        batch_id: str,
        *,
        engine: str | None = None,
        options: RenderOptions | None = None,
        language: Language | None = None,
        language_chosen: bool | None = None,
        transcript: str | None = None,
        caption: str | None = None,
        caption_by: str | None = None,
    ) -> None:
        """What is None stays. Raises BATCH_STARTED, unless only the language changes."""
        dumped = options.model_dump_json() if options else None
        said = {"transcript": transcript, "caption": caption, "caption_by": caption_by}
        frozen = {"engine": engine, "options": dumped, **said}
        spoken = {"language": language, "language_chosen": "1" if language_chosen else None}
        given = {name: value for name, value in {**frozen, **spoken}.items() if value is not None}
        if given:
            await set_fields(self._scripts, batch_id, "any" if set(given) <= set(spoken) else "open", given)

    async def set_status_message(self, batch_id: str, message_id: str) -> None:
        await set_fields(self._scripts, batch_id, "any", {"status_message": message_id})

    async def move_place(self, old: Place, new: Place) -> list[str]:
        """A place has another id now, such as a group that became a supergroup: its batches go with it.

        Returns those that have something to tell; their status messages are to be posted in the new place.
        """
        answer = await self._scripts.run("move_place", old.id, new.id, new.chat_id, new.model_dump_json())
        return list(answer)

    # running

    async def generate(self, batch_id: str) -> Batch:
        """Freeze the batch, number its items and make them claimable.

        Raises:
            HeygemError: BATCH_STARTED, VOICE_MISSING, TEMPLATES_MISSING, ENGINE_UNAVAILABLE if workers are there and
                none of them has the engine.
        """
        (status,) = await self._scripts.run("generate", batch_id, await self.outlook.auto(batch_id))
        raise_unless_ok(status)
        await self.line.ring()
        return await self.get(batch_id)

    async def cancel(self, batch_id: str) -> Batch:
        """Waiting items end at once; a running one when its worker stops, or its lease ends. Ended batches stay."""
        (status,) = await self._scripts.run("cancel", batch_id, MAX_LOSSES)
        raise_unless_ok(status)
        return await self.get(batch_id)

    # removing

    async def delete(self, batch_id: str) -> None:
        """Records, results, links, and the files that nothing else uses. A running render is stopped by its worker."""
        answer = await self._scripts.run("delete", batch_id, _REVOKED_LINKS_S)
        if answer is None:
            raise HeygemError(ErrorCode.BATCH_UNKNOWN)
        owner, *unused = answer
        await asyncio.to_thread(files.remove_folder, self._storage.results(owner, batch_id))
        files.remove_partials(self._storage, batch_id)
        for file in unused:
            await files.remove_unused(self.redis, self._storage, *file.split(":"))

    async def expire(self, before: float, now: float) -> None:
        """Collecting batches that nobody touched since `before` (Unix seconds) expire; their places are free again."""
        abandoned: list[str] = await self.redis.zrangebyscore(keys.COLLECTING, "-inf", before)
        for batch_id in abandoned:
            await self._scripts.run("expire", batch_id, before, now)

    async def forget(self, person: Person) -> None:
        """Their batches and files. What they added to other people's batches stays with those."""
        for batch_id in await self.redis.zrange(keys.owner_batches(person.owner), 0, -1):
            with contextlib.suppress(HeygemError):
                await self.delete(batch_id)
        await self.redis.zrem(keys.WORK, person.owner)
        await files.remove_owner(self.redis, self._storage, person.owner)

    async def remove_unused(self, file: MediaFile) -> None:
        """Remove a kept file that came into no batch and was not saved; one in use stays."""
        await files.remove_unused(self.redis, self._storage, file.owner, file.sha256)

    async def now(self) -> float:
        """Unix seconds by Redis' clock, which all of a batch's times are told by."""
        return await clock.now(self.redis)

    # inside

    async def _all(self, batch_ids: list[str]) -> list[Batch]:
        found = await asyncio.gather(*map(self.find, batch_ids))
        return [batch for batch in found if batch]

    async def _set_voice(self, batch_id: str, item_id: str, file: MediaFile, message: str) -> bool:
        if not files.present(self._storage, file):
            raise _missing(file)
        arguments = (batch_id, item_id, message, file_json(file), file_key(file))
        (status,) = await self._scripts.run("set_voice", *arguments)
        if status == "again":
            return False
        raise_unless_ok(status, number=item_id)
        if not files.present(self._storage, file):  # it went a moment ago, see heygem.batches.files
            await self._scripts.run("drop_voice", batch_id, item_id, file_key(file))
            raise _missing(file)
        return True


def _missing(file: MediaFile) -> HeygemError:
    return HeygemError(ErrorCode.FILE_MISSING, name=file.name)


def _new_id() -> str:
    """10 characters a-z 2-7."""
    return base64.b32encode(secrets.token_bytes(7))[:10].decode().lower()
