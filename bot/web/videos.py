"""A finished video as an answer: for a player, or as a file to keep."""

import hashlib

from starlette.requests import Request
from starlette.responses import Response

from bot.web.accel import accelerated
from bot.web.download import FileSource, answer, disposition
from bot.web.site import Site
from heygem.archive.members import video_name
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch, Item, ItemState


def of(site: Site, request: Request, batch: Batch, item: Item, key: str) -> Response:
    """A part of it where one is asked for, with `?download` as a file. `key` is who takes it, for limits.

    Raises:
        HeygemError: ITEM_UNKNOWN, BATCH_UNKNOWN, DOWNLOADS_BUSY.
    """
    if item.state is not ItemState.DONE or item.output is None:
        raise HeygemError(ErrorCode.ITEM_UNKNOWN, number=item.number)
    path = site.storage.results(batch.owner.owner, batch.id) / item.output.name
    if not path.exists():
        raise HeygemError(ErrorCode.BATCH_UNKNOWN)
    attachment = "download" in request.query_params
    digest = hashlib.sha256(f"{batch.id}/{item.output.name}/{item.output.crc32}".encode()).hexdigest()[:32]
    headers = {
        "content-type": "video/mp4",
        "content-disposition": disposition(video_name(item, batch), attachment=attachment),
    }
    if site.settings.web.nginx:
        return accelerated(path, site.storage, {**headers, "etag": f'"{digest}"'})
    source = FileSource(path, item.output.size, f'"{digest}"')
    return answer(request, source, headers, site.downloads if attachment else site.players, key)
