"""Links: a random token that opens one archive until it expires.

The bot gives a batch's people links of their own. Who has one may share the batch: make further links, with an expiry
and perhaps a password, that open the same and may do nothing else.

Redis keeps the token's sha256, never the token, with the archive's immutable member list, so that an archive of an
unfinished batch stays byte for byte what it was while the batch goes on. What expired or was closed is remembered for a
week, so that a person learns which it was.
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
from heygem.batches.retention import kept_until
from heygem.links.locks import Lock
from heygem.redis import keys
from heygem.redis.clock import now
from heygem.redis.connection import reaches_queue
from heygem.storage.layout import Storage

MOST_SHARED = 50  # links of a batch that work at the same time
LONGEST_SHARED_S = 7 * 24 * 3600.0

_REMEMBERED_S = 7 * 24 * 3600
_BY_HAND = "hand"  # how a link was revoked; else it was its batch's deletion
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
    """What a link opens: one batch, and its archive as it was when the link was made. Times in Unix seconds.

    `shared`: it may look and take, and nothing else; `lock`: to whom it opens.
    """

    digest: str  # the token's sha256, fit to be kept
    batch_id: str
    created: float
    expires: float
    members: tuple[Member, ...]
    shared: bool = False
    lock: Lock | None = None

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


@dataclass(frozen=True)
class SharedLink:
    """One that still works, as its batch's people see it. Times in Unix seconds."""

    digest: str
    created: float
    expires: float
    locked: bool


@reaches_queue
class Links:
    """Makes, opens and closes links, which are withdrawn when their batch is deleted.

    Every method raises QUEUE_UNREACHABLE when Redis does not answer.
    """

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis: Any = redis  # redis-py types every answer as "awaitable or not"
        self._settings = settings
        self._storage = Storage(settings.data_dir)

    async def create(self, batch: Batch) -> Link:
        """A link of its people's own to what is finished now.

        Raises:
            HeygemError: NOTHING_TO_EXPORT.
        """
        created = await now(self._redis)
        return await self._make(batch, created, created + self._settings.retention.link_hours * 3600, {})

    async def share(self, batch: Batch, lasts_s: float, lock: Lock | None) -> Link:
        """A further link to the same, which goes with the batch at the latest.

        Raises:
            HeygemError: NOTHING_TO_EXPORT, SHARES_MANY; BATCH_UNKNOWN for one that is about to go.
        """
        created = await now(self._redis)
        expires = min(created + lasts_s, kept_until(batch, self._settings.retention, created))
        if expires <= created:
            raise HeygemError(ErrorCode.BATCH_UNKNOWN)
        locked = {"salt": lock.salt, "key_sha256": lock.key_sha256} if lock else {}
        link = await self._make(batch, created, expires, {"shared": 1, **locked})
        if len(await self.shared(batch.id)) > MOST_SHARED:  # looked at afterwards, so that many at once gain nothing
            await self._close(batch.id, [digest_of(link.token)])
            raise HeygemError(ErrorCode.SHARES_MANY, limit=MOST_SHARED)
        return link

    async def shared(self, batch_id: str) -> list[SharedLink]:
        """Those that still work, the newest first."""
        digests = sorted(await self._redis.smembers(keys.batch_links(batch_id)))
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.time()
            for digest in digests:
                pipe.hmget(keys.link(digest), "shared", "created", "expires", "salt")
            (seconds, _), *records = await pipe.execute()
        found = [
            SharedLink(digest, float(created), float(expires), locked=salt is not None)
            for digest, (shared, created, expires, salt) in zip(digests, records, strict=True)
            if shared and float(expires) > seconds
        ]
        return sorted(found, key=lambda link: link.created, reverse=True)

    async def close_shared(self, batch_id: str, digest: str | None = None) -> None:
        """The one with this digest, which may be anything, or all of the batch."""
        shared = [link.digest for link in await self.shared(batch_id)]
        await self._close(batch_id, [each for each in shared if digest in (None, each)])

    async def close_all(self, batch_id: str) -> None:
        """Every link to the batch, its people's own too."""
        await self._close(batch_id, list(await self._redis.smembers(keys.batch_links(batch_id))))

    async def open(self, token: str) -> OpenLink:
        """What a link opens; `token` may be anything that a stranger types.

        Raises:
            HeygemError: LINK_UNKNOWN, LINK_REVOKED, LINK_CLOSED, LINK_EXPIRED, SHARE_EXPIRED.
        """
        if not is_token(token):
            raise HeygemError(ErrorCode.LINK_UNKNOWN)
        record = await self._redis.hgetall(keys.link(digest_of(token)))
        if not record:
            raise HeygemError(ErrorCode.LINK_UNKNOWN)
        if "revoked" in record:
            raise HeygemError(ErrorCode.LINK_CLOSED if record["revoked"] == _BY_HAND else ErrorCode.LINK_REVOKED)
        shared = "shared" in record
        if float(record["expires"]) <= await now(self._redis):
            raise HeygemError(ErrorCode.SHARE_EXPIRED if shared else ErrorCode.LINK_EXPIRED)
        return OpenLink(
            digest=digest_of(token),
            batch_id=record["batch"],
            created=float(record["created"]),
            expires=float(record["expires"]),
            members=self._unpack(record["members"]),
            shared=shared,
            lock=Lock(record["salt"], record["key_sha256"]) if "salt" in record else None,
        )

    async def _make(self, batch: Batch, created: float, expires: float, also: dict[str, str | int]) -> Link:
        archive = members(batch, self._storage)
        token = new_token()
        times = {"created": created, "expires": expires}
        await self._keep(token, batch.id, {**times, "members": self._pack(archive), **also})
        size = ArchivePlan(archive).size
        url = f"{self._settings.web.base_url}/b/{token}"
        return Link(token, url, expires, expires - created, size, warning=size > self._settings.web.warn_above_mb * MB)

    async def _close(self, batch_id: str, digests: list[str]) -> None:
        async with self._redis.pipeline(transaction=True) as pipe:
            for digest in digests:
                pipe.delete(keys.link(digest))
                pipe.hset(keys.link(digest), "revoked", _BY_HAND)
                pipe.expire(keys.link(digest), _REMEMBERED_S)
                pipe.srem(keys.batch_links(batch_id), digest)
            await pipe.execute()

    async def _keep(self, token: str, batch_id: str, record: dict[str, float | str | bytes]) -> None:
        digest, forget = digest_of(token), int(float(record["expires"])) + _REMEMBERED_S
        longest = max(LONGEST_SHARED_S, self._settings.retention.link_hours * 3600)
        all_forgotten = int(float(record["created"]) + longest) + _REMEMBERED_S  # a later link may end earlier
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(keys.link(digest), mapping={"batch": batch_id, **record})
            pipe.expireat(keys.link(digest), forget)
            pipe.sadd(keys.batch_links(batch_id), digest)
            pipe.expireat(keys.batch_links(batch_id), all_forgotten)  # the batch may go while its link is being made
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
