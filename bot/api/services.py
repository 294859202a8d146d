"""What the endpoints share."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

from redis.asyncio import Redis
from starlette.requests import Request

from bot.api.idempotency import Answers
from bot.chat.assembly import Bot, assembled
from bot.slots import Slots
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.batches.api_keys import ApiKeys
from heygem.redis.connection import connect

_RETRY_S = 5


@dataclass(frozen=True)
class Services:
    settings: Settings
    redis: Redis
    bot: Bot
    keys: ApiKeys
    answers: Answers
    uploads: Slots
    streams: Counter[str] = field(default_factory=Counter)  # open ones by key

    @classmethod
    def of(cls, settings: Settings) -> "Services":
        redis = connect(settings)
        return cls(
            settings=settings,
            redis=redis,
            bot=assembled(redis, settings),
            keys=ApiKeys(redis),
            answers=Answers(redis),
            uploads=Slots(settings.web.simultaneous_uploads, ErrorCode.UPLOADS_BUSY, _RETRY_S),
        )

    @contextmanager
    def stream(self, key: str) -> Iterator[None]:
        """A place among the streams of a key. Raises STREAMS_MANY."""
        limit = self.settings.api.streams_per_key
        if self.streams[key] >= limit:
            raise HeygemError(ErrorCode.STREAMS_MANY, limit=limit)
        self.streams[key] += 1
        try:
            yield
        finally:
            self.streams[key] -= 1
            if not self.streams[key]:
                del self.streams[key]


def services_of(request: Request) -> Services:
    return cast("Services", request.app.state.services)
