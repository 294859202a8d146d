"""The connection to Telegram, its cloud or a Bot API server of one's own."""

import asyncio
import logging
import os
from typing import Any

from telegram import Update
from telegram.error import InvalidToken
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from heygem.base.settings import Telegram

_log = logging.getLogger(__name__)

os.environ.setdefault("PTB_TIMEDELTA", "true")  # without it PTB warns whenever Telegram makes us wait

_CONNECTIONS = 512
_SECONDS = 20.0
_CONNECT_S = 10.0
_POOL_S = 60.0  # waiting for one of our own connections is no fault of Telegram's
_UPLOAD_S = 600.0


class Connection(ExtBot[None]):
    """PTB's bot. When Telegram refuses the token while we poll, PTB only stops polling: `refused` notices."""

    __slots__ = ("_refused",)

    def __init__(self, token: str, settings: Telegram) -> None:
        super().__init__(
            token,
            base_url=settings.api_url,
            base_file_url=settings.base_file_url or _files(settings.api_url),
            request=_request(_CONNECTIONS),
            get_updates_request=_request(2, _UpdatesRequest),
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


class _UpdatesRequest(HTTPXRequest):
    """Asks for updates. One that PTB can't read would fail all that came with it, again and again: it comes empty."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        answer = HTTPXRequest.parse_json_payload(payload)
        if isinstance(updates := answer.get("result"), list):
            answer["result"] = [_readable(update) for update in updates]
        return answer


def _readable(update: dict[str, Any]) -> dict[str, Any]:
    """The update; or its number alone, which is enough to get past it."""
    try:
        Update.de_json(update, None)
    except Exception as error:  # an older Bot API server, or a newer one: whatever PTB makes of it
        _log.error("update %s can't be read and is left out: %s", update["update_id"], type(error).__name__)
        return {"update_id": update["update_id"]}
    return update


def _request(connections: int, kind: type[HTTPXRequest] = HTTPXRequest) -> HTTPXRequest:
    return kind(
        connection_pool_size=connections,
        read_timeout=_SECONDS,
        write_timeout=_SECONDS,
        connect_timeout=_CONNECT_S,
        pool_timeout=_POOL_S,
        media_write_timeout=_UPLOAD_S,
    )


def _files(api: str) -> str:
    head, found, tail = api.rpartition("/bot")
    return f"{head}/file/bot{tail}" if found else api
