"""The connection to Telegram, its cloud or a Bot API server of one's own."""

import asyncio
import os

from telegram import Update
from telegram.error import InvalidToken
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from heygem.settings import Telegram

os.environ.setdefault("PTB_TIMEDELTA", "true")  # without it PTB warns whenever Telegram makes us wait

_CONNECTIONS = 512
_SECONDS = 20.0
_CONNECT_SECONDS = 10.0
_POOL_SECONDS = 60.0  # waiting for one of our own connections is no fault of Telegram's
_UPLOAD_SECONDS = 600.0


class Connection(ExtBot[None]):
    """PTB's bot. When Telegram refuses the token while we poll, PTB only stops polling: `refused` notices."""

    __slots__ = ("_refused",)

    def __init__(self, token: str, settings: Telegram) -> None:
        super().__init__(
            token,
            base_url=settings.api_url,
            base_file_url=settings.base_file_url or _files(settings.api_url),
            request=_request(_CONNECTIONS),
            get_updates_request=_request(2),
            local_mode=settings.local_mode,
        )
        self._refused = asyncio.Event()

    @property
    def refused(self) -> asyncio.Event:
        return self._refused

    async def get_updates(self, *args: object, **kwargs: object) -> tuple[Update, ...]:
        try:
            return await super().get_updates(*args, **kwargs)  # type: ignore[arg-type]
        except InvalidToken:
            self.refused.set()
            raise


def _request(connections: int) -> HTTPXRequest:
    return HTTPXRequest(
        connection_pool_size=connections,
        read_timeout=_SECONDS,
        write_timeout=_SECONDS,
        connect_timeout=_CONNECT_SECONDS,
        pool_timeout=_POOL_SECONDS,
        media_write_timeout=_UPLOAD_SECONDS,
    )


def _files(api: str) -> str:
    head, found, tail = api.rpartition("/bot")
    return f"{head}/file/bot{tail}" if found else api
