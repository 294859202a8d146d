"""Upload links: a random token that lets one person put files into one collecting batch until it expires.

Like download links (`heygem.links.download`), Redis keeps the token's sha256 and never the token. Whether the batch
still takes files its own record says: a link to one that started or went opens nothing any more.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from redis.asyncio import Redis

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.sentences import Language
from heygem.base.settings import Settings
from heygem.base.tokens import digest_of, is_token, new_token
from heygem.batches.model import Person
from heygem.redis import keys
from heygem.redis.clock import now
from heygem.redis.connection import reaches_queue, reply

_REMEMBERED_S = 24 * 3600  # for so long an expired link says that it has expired
_OFFERED_S = 60  # for so long the files of one album share a link


class Invitation(BaseModel, frozen=True):
    """Who may upload into which batch, and what for: `text` is the caption of the message that was answered and `item`
    the template that it replied to, so that both mean the same as in the chat, also when the chat moves.
    """

    batch: str
    person: Person
    language: Language
    text: str = ""
    item: str = ""
    private: bool = True

    @property
    def purpose(self) -> str:
        """Equal for invitations that mean the same: 16 hex digits."""
        meant = json.dumps([self.person.platform, self.person.id, self.text, self.item])
        return hashlib.sha256(meant.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class UploadLink:
    """A new link. Whoever has `url` uploads as that person: it is never logged. `expires` is in Unix seconds."""

    url: str
    expires: float


@dataclass(frozen=True)
class OpenUploadLink:
    """`digest` is the token's sha256, fit to be kept."""

    digest: str
    invitation: Invitation
    expires: float


@reaches_queue
class UploadLinks:
    """Every method raises QUEUE_UNREACHABLE when Redis does not answer."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis: Any = redis  # redis-py types every answer as "awaitable or not"
        self._settings = settings

    async def create(self, invitation: Invitation) -> UploadLink:
        token = new_token()
        digest, mine = digest_of(token), keys.owner_upload_links(invitation.person.owner)
        expires = await now(self._redis) + self._settings.web.upload_hours * 3600
        forget = int(expires) + _REMEMBERED_S
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(
                keys.upload_link(digest), mapping={"expires": expires, "invitation": invitation.model_dump_json()}
            )
            pipe.expireat(keys.upload_link(digest), forget)
            pipe.sadd(mine, digest)
            pipe.expireat(mine, forget)
            await pipe.execute()
        return UploadLink(f"{self._settings.web.base_url}/u/{token}", expires)

    async def offered(self, invitation: Invitation, message: str) -> bool:
        """Whether another message got a link for the same purpose a moment ago: that page takes this file too."""
        key = keys.upload_offer(invitation.batch, invitation.purpose)
        if await self._redis.set(key, message, nx=True, ex=_OFFERED_S):
            return False
        return await self._redis.get(key) not in (None, message)

    async def open(self, token: str) -> OpenUploadLink:
        """`token` may be anything that a stranger types.

        Raises:
            HeygemError: UPLOAD_UNKNOWN, UPLOAD_EXPIRED.
        """
        link = await self.known(token)
        if link.expires <= await now(self._redis):
            raise HeygemError(ErrorCode.UPLOAD_EXPIRED)
        return link

    async def known(self, token: str) -> OpenUploadLink:
        """Like `open`, expired or not: what was begun in time may be finished. Raises UPLOAD_UNKNOWN."""
        record = await self._redis.hgetall(keys.upload_link(digest_of(token))) if is_token(token) else None
        if not record:
            raise HeygemError(ErrorCode.UPLOAD_UNKNOWN)
        invitation = Invitation.model_validate_json(record["invitation"])
        return OpenUploadLink(digest_of(token), invitation, float(record["expires"]))

    async def forget(self, person: Person) -> None:
        """Close this person's links and leave no mention of them."""
        mine = keys.owner_upload_links(person.owner)
        digests = await reply(self._redis.smembers(mine))
        await self._redis.delete(mine, *map(keys.upload_link, digests))
