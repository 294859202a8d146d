"""Small pictures as answers. A browser may keep one for a day: its address changes with what it shows."""

import asyncio
import hashlib
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from bot.web.site import Site
from heygem.batches.model import Batch, Item

_KEPT_S = 24 * 3600


def version(item: Item) -> str:
    """Of an item's picture, which shows the template until the video is there."""
    shown = item.output.name if item.output else f"{item.id}.template"
    return hashlib.sha256(shown.encode()).hexdigest()[:12]


async def of(site: Site, request: Request, batch: Batch, item: Item) -> Response:
    """A picture of the finished video, or of its template while it is not finished."""
    results = site.storage.results(batch.owner.owner, batch.id)
    if item.output is not None:
        source, name = results / item.output.name, Path(item.output.name).with_suffix(".jpg").name
    else:
        source, name = site.storage.file(item.template.owner, item.template.sha256), f"{item.id}.template.jpg"
    picture = await site.thumbnails.of(source, results / name)
    if picture is None:
        return Response(status_code=404)
    return await answer(request, picture, version(item))


async def answer(request: Request, picture: Path, shown: str) -> Response:
    """The JPEG, or 304 for who has it. `shown` is its version; an address without it is asked about each time."""
    lasting = f"max-age={_KEPT_S}, immutable" if request.query_params.get("v") == shown else "no-cache"
    headers = {"etag": f'"{shown}"', "cache-control": f"private, {lasting}"}
    if headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(await asyncio.to_thread(picture.read_bytes), headers=headers, media_type="image/jpeg")
