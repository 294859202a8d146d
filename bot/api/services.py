"""What the endpoints share."""

from dataclasses import dataclass
from typing import cast

from redis.asyncio import Redis
from starlette.requests import Request

from bot.api.idempotency import Answers
from bot.chat.assembly import Bot, assembled
from bot.slots import Slots
from bot.streams import Streams
from heygem.base.errors import ErrorCode
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
    streams: Streams  # by key

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
            streams=Streams(settings.api.streams_per_key),
        )


def services_of(request: Request) -> Services:
    return cast("Services", request.app.state.services)
