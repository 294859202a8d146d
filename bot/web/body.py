"""Small request bodies, read no further than they may be long."""

from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

_MOST_BYTES = 8192


async def small_body(request: Request) -> bytes:
    """Raises HTTPException 413."""
    body = b""
    async for block in request.stream():
        body += block
        if len(body) > _MOST_BYTES:
            raise HTTPException(413)
    return body


async def form(request: Request) -> dict[str, str]:
    """Fields of an HTML form (`application/x-www-form-urlencoded`), each once; what is no UTF-8 is replaced."""
    body = (await small_body(request)).decode("ascii", errors="replace")
    return dict(parse_qsl(body, keep_blank_values=True))
