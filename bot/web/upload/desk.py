"""Takes files in: who may, how much, where a file goes on, and when it is whole."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from bot.chat.assembly import Bot
from bot.dialogue.names import shown_name
from bot.slots import Slots
from bot.web.upload.handover import Handover
from bot.web.upload.writers import Writers, append, size
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import MB, too_large
from heygem.base.settings import Settings
from heygem.batches.model import Batch, BatchState
from heygem.links.arrivals import Arrival, Arrivals
from heygem.links.upload import Invitation, OpenUploadLink
from heygem.storage.layout import Storage

PIECE_BYTES = 8 * 1024 * 1024  # of one request; nginx allows a little more
_UNFINISHED = 20  # files through one link
_RETRY_S = 5


@dataclass(frozen=True)
class Visit:
    """Somebody with a link that opens something."""

    link: OpenUploadLink
    batch: Batch

    @property
    def invitation(self) -> Invitation:
        return self.link.invitation


@dataclass(frozen=True)
class Standing:
    """How far a file has come: `offset` bytes of `arrival.size` are on the disk."""

    batch_id: str
    arrival: Arrival
    offset: int

    @property
    def whole(self) -> bool:
        return self.offset == self.arrival.size


class Desk:
    """Every method raises HeygemError."""

    def __init__(self, bot: Bot, settings: Settings) -> None:
        self._bot = bot
        self._settings = settings
        self._storage = Storage(settings.data_dir)
        self._links = bot.uploads
        self._arrivals = Arrivals(bot.redis)
        self._writers = Writers()
        self._slots = Slots(settings.web.simultaneous_uploads, ErrorCode.UPLOADS_BUSY, _RETRY_S)
        self._handover = Handover(self._bot.dialogue, self._bot.store, self._arrivals)

    async def stop(self) -> None:
        await self._handover.stop()

    async def visit(self, token: str, *, begun: bool = False) -> Visit:
        """`begun`: to go on with a file that was begun in time; the link may have expired meanwhile.

        Raises:
            HeygemError: UPLOAD_UNKNOWN, UPLOAD_EXPIRED, UPLOAD_CLOSED, NOT_ALLOWED.
        """
        link = await (self._links.known(token) if begun else self._links.open(token))
        invitation = link.invitation
        batch = await self._bot.store.find(invitation.batch)
        if batch is None:
            raise HeygemError(ErrorCode.UPLOAD_CLOSED)
        if not await self._bot.access.serves(invitation.person, batch.place):
            raise HeygemError(ErrorCode.NOT_ALLOWED)
        return Visit(link, batch)

    async def unfinished(self, visit: Visit) -> list[Standing]:
        """What can be gone on with through this link."""
        return [each for each in await self._under_way(visit) if each.arrival.purpose == visit.invitation.purpose]

    async def begin(self, visit: Visit, name: str, size: int, modified: int) -> Standing:
        """A new file, or the one that was begun before and goes on.

        Raises:
            HeygemError: TOO_LARGE, BROKEN_MEDIA (nothing in it), QUOTA_BYTES, DISK_FULL, UPLOADS_MANY, UPLOAD_CLOSED.
        """
        _must_be_open(visit)
        name = shown_name(name)
        wanted = Arrival.new(visit.invitation.purpose, name, size, modified)
        under_way = await self._under_way(visit)
        for standing in under_way:
            if standing.arrival.fingerprint == wanted.fingerprint:
                return standing
        self._require_size(name, size)
        if sum(each.arrival.purpose == wanted.purpose for each in under_way) >= _UNFINISHED:
            raise HeygemError(ErrorCode.UPLOADS_MANY, limit=_UNFINISHED)
        await self._require_room(visit, under_way, size)
        await self._arrivals.keep(visit.batch.id, wanted)
        return Standing(visit.batch.id, wanted, 0)

    async def standing(self, visit: Visit, arrival_id: str) -> Standing:
        """How far it has come; a whole file is handed over if it is not on its way already.

        Raises:
            HeygemError: UPLOAD_LOST, UPLOAD_CLOSED.
        """
        arrival = await self._arrival(visit, arrival_id)
        if not arrival.arriving:
            return Standing(visit.batch.id, arrival, arrival.size)
        _must_be_open(visit)
        standing = self._on_disk(visit.batch.id, arrival)
        if standing.whole:
            self._handover.start(visit.invitation, arrival, self._path(visit.batch.id, arrival))
        return standing

    async def write(self, visit: Visit, arrival_id: str, offset: int, blocks: AsyncIterator[bytes]) -> Standing:
        """Append a piece that begins at `offset`; what arrived of it stays, also when the connection breaks off.

        Raises:
            HeygemError: UPLOAD_OFFSET, UPLOAD_LOST, UPLOAD_CLOSED, UPLOADS_BUSY, DISK_FULL.
        """
        before = await self.standing(visit, arrival_id)
        arrival, path = before.arrival, self._path(visit.batch.id, before.arrival)
        if not arrival.arriving or before.whole:
            raise HeygemError(ErrorCode.UPLOAD_OFFSET, offset=before.offset)
        self._storage.require_space(arrival.size - before.offset)

        async def piece() -> None:
            slot = self._slots.take(visit.link.digest)
            try:
                await append(path, blocks, offset, min(arrival.size, offset + PIECE_BYTES), slot)
            finally:
                slot.release()

        await self._writers.write(path, piece)
        return await self.standing(visit, arrival_id)

    async def give_up(self, visit: Visit, arrival_id: str) -> None:
        """Remove what has arrived of a file. Raises UPLOAD_LOST."""
        arrival = await self._arrival(visit, arrival_id)
        await self._arrivals.drop(visit.batch.id, arrival.id)
        self._path(visit.batch.id, arrival).unlink(missing_ok=True)

    async def _arrival(self, visit: Visit, arrival_id: str) -> Arrival:
        arrival = await self._arrivals.get(visit.batch.id, arrival_id)
        if arrival.purpose != visit.invitation.purpose:  # somebody else's
            raise HeygemError(ErrorCode.UPLOAD_LOST)
        return arrival

    async def _under_way(self, visit: Visit) -> list[Standing]:
        found = await self._arrivals.of(visit.batch.id)
        return [self._on_disk(visit.batch.id, arrival) for arrival in found if arrival.arriving]

    def _on_disk(self, batch_id: str, arrival: Arrival) -> Standing:
        return Standing(batch_id, arrival, size(self._path(batch_id, arrival)))

    def _path(self, batch_id: str, arrival: Arrival) -> Path:
        return self._storage.partial(batch_id, arrival.id)

    def _require_size(self, name: str, size: int) -> None:
        limit = self._settings.limits.file_mb * MB
        if size > limit:
            raise too_large(name, size, limit)
        if size <= 0:
            raise HeygemError(ErrorCode.BROKEN_MEDIA, name=name)

    async def _require_room(self, visit: Visit, under_way: list[Standing], size: int) -> None:
        """On the disk and in the owner's quota, beside all that is still to come."""
        self._storage.require_space(size + sum(each.arrival.size - each.offset for each in under_way))
        announced = sum(each.arrival.size for each in under_way)
        await self._bot.allowance.require_room(visit.batch.owner, size + announced)


def _must_be_open(visit: Visit) -> None:
    if visit.batch.state is not BatchState.COLLECTING:
        raise HeygemError(ErrorCode.UPLOAD_CLOSED)
