"""Links: a random token that opens one archive until it expires.

Redis keeps the token's sha256, never the token, with the archive's immutable member list, so that an archive of an
unfinished batch stays byte for byte what it was while the batch goes on. What expired or was withdrawn is remembered
for a week, so that a person learns which it was.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter
from redis.asyncio import Redis

from heygem.archive.member import Member
from heygem.archive.members import members, selected
from heygem.archive.names import archive_name
from heygem.archive.plan import ArchivePlan
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import MB
from heygem.base.settings import Settings
from heygem.base.tokens import digest_of, is_token, new_token
from heygem.batches.model import Batch
from heygem.redis import keys
from heygem.redis.clock import now
from heygem.redis.connection import reaches_queue
from heygem.storage.layout import Storage

_REMEMBERED_S = 7 * 24 * 3600
_MEMBERS = TypeAdapter(list[Member])


@dataclass(frozen=True)
class Link:
    """A new link. Whoever has `token` or `url` has the archive: neither is ever logged.

    `expires` is in Unix seconds by Redis' clock, `lasts_s` what lies between now and then, `size` the zip's bytes;
    `warning` is True when that is more than people expect.
    """

    token: str
    url: str
    expires: float
    lasts_s: float
    size: int
    warning: bool


@dataclass(frozen=True)
class OpenLink:
    """What a link opens: one batch, and its archive as it was when the link was made. Times in Unix seconds."""

    digest: str  # the token's sha256, fit to be kept
    batch_id: str
    created: float
    expires: float
    members: tuple[Member, ...]

    @cached_property
    def plan(self) -> ArchivePlan:
        return ArchivePlan(self.members)

    @property
    def videos(self) -> int:
        return sum(member.name.endswith(".mp4") for member in self.members)

    def whole(self, batch: Batch, storage: Storage) -> "OpenLink | None":
        """The same link to all of its batch, which has ended since and changes no more; None where this is all.

        It shows nobody more than they see: a link's page plays each video of its batch.
        """
        if not batch.state.terminal or len(batch.finished) <= self.videos:
            return None
        return replace(self, created=batch.ended, members=tuple(members(batch, storage)))

    def only(self, numbers: Collection[int], batch: Batch, storage: Storage) -> "OpenLink":
        """The same link to these videos. Raises ITEM_UNKNOWN when one of them is not finished."""
        return replace(self, members=tuple(selected(batch, storage, numbers)))

    @property
    def file_name(self) -> str:
        return archive_name(datetime.fromtimestamp(self.created, UTC))


@reaches_queue
class Links:
    """Makes and opens links, which are withdrawn when their batch is deleted.

    Every method raises QUEUE_UNREACHABLE when Redis does not answer.
    """

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis: Any = redis  # redis-py types every answer as "awaitable or not"
        self._settings = settings
        self._storage = Storage(settings.data_dir)

    async def create(self, batch: Batch) -> Link:
        """A link to what is finished now.

        Raises:
            HeygemError: NOTHING_TO_EXPORT.
        """
        archive = members(batch, self._storage)
        token = new_token()
        created = await now(self._redis)
        lasts_s = self._settings.retention.link_hours * 3600
        expires = created + lasts_s
        await self._keep(token, batch.id, {"created": created, "expires": expires, "members": self._pack(archive)})
        size = ArchivePlan(archive).size
        url = f"{self._settings.web.base_url}/b/{token}"
        return Link(token, url, expires, lasts_s, size, warning=size > self._settings.web.warn_above_mb * MB)

    async def open(self, token: str) -> OpenLink:
        """What a link opens; `token` may be anything that a stranger types.

        Raises:
            HeygemError: LINK_UNKNOWN, LINK_REVOKED, LINK_EXPIRED.
        """
        if not is_token(token):
            raise HeygemError(ErrorCode.LINK_UNKNOWN)
        record = await self._redis.hgetall(keys.link(digest_of(token)))
        if not record:
            raise HeygemError(ErrorCode.LINK_UNKNOWN)
        if "revoked" in record:
            raise HeygemError(ErrorCode.LINK_REVOKED)
        if float(record["expires"]) <= await now(self._redis):
            raise HeygemError(ErrorCode.LINK_EXPIRED)
        created, expires = float(record["created"]), float(record["expires"])
        return OpenLink(digest_of(token), record["batch"], created, expires, self._unpack(record["members"]))

    async def _keep(self, token: str, batch_id: str, record: dict[str, float | bytes]) -> None:
        digest, forget = digest_of(token), int(float(record["expires"])) + _REMEMBERED_S
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(keys.link(digest), mapping={"batch": batch_id, **record})
            pipe.expireat(keys.link(digest), forget)
            pipe.sadd(keys.batch_links(batch_id), digest)
            pipe.expireat(keys.batch_links(batch_id), forget)  # the batch may go while its link is being made
            await pipe.execute()

    def _pack(self, archive: Iterable[Member]) -> bytes:
        """As JSON with paths below the data folder, which may be mounted elsewhere on another machine."""
        return _MEMBERS.dump_json([_moved(member, self._storage, inwards=True) for member in archive])

    def _unpack(self, packed: str) -> tuple[Member, ...]:
        return tuple(_moved(member, self._storage, inwards=False) for member in _MEMBERS.validate_json(packed))


def _moved(member: Member, storage: Storage, *, inwards: bool) -> Member:
    if member.path is None:
        return member
    path = member.path.relative_to(storage.root) if inwards else storage.root / member.path
    return member.model_copy(update={"path": path})
