"""A request's body: read once, with patience, under a limit, and hashed on the way."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import too_large

STALLED_S = 30.0  # without a byte, as for the upload page
JSON_BYTES = 256 * 1024

_Model = TypeVar("_Model", bound=BaseModel)


class Body:
    def __init__(self, request: Request) -> None:
        self._request = request
        self._blocks = request.stream()
        self._hash = hashlib.sha256()
        self._size = 0

    @property
    def is_json(self) -> bool:
        kind = self._request.headers.get("content-type", "")
        return kind.partition(";")[0].strip().lower() == "application/json"

    @property
    def size(self) -> int | None:
        """What the sender announces."""
        announced = self._request.headers.get("content-length", "")
        return int(announced) if announced.isascii() and announced.isdecimal() else None

    async def blocks(self, limit: int, name: str) -> AsyncGenerator[bytes, None]:
        """Raises TOO_LARGE once more than `limit` bytes have come, REQUEST_STALLED when nothing comes any more."""
        while (block := await self._next()) is not None:
            self._size += len(block)
            self._hash.update(block)
            if self._size > limit:
                raise too_large(name, self._size, limit)
            yield block

    async def read(self, model: type[_Model]) -> _Model:
        """The JSON in it; nothing at all is an empty object. Raises BAD_REQUEST, TOO_LARGE."""
        content = b"".join([block async for block in self.blocks(JSON_BYTES, "JSON")])
        try:
            return model.model_validate_json(content or b"{}")
        except ValidationError as error:
            raise _bad(error) from None

    async def digest(self, limit: int) -> str:
        """The sha256 of all of it; what nobody has read is read now."""
        async for _ in self.blocks(limit, ""):
            pass
        return self._hash.hexdigest()

    async def _next(self) -> bytes | None:
        try:
            async with asyncio.timeout(STALLED_S):
                return await anext(self._blocks, None)
        except (ClientDisconnect, TimeoutError):
            raise HeygemError(ErrorCode.REQUEST_STALLED, limit_s=STALLED_S) from None


def _bad(error: ValidationError) -> HeygemError:
    """The first thing that is wrong, without what was sent."""
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(map(str, first["loc"]))
    return HeygemError(ErrorCode.BAD_REQUEST, reason=f"{where}: {first['msg']}" if where else first["msg"])
