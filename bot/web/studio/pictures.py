"""Pictures of what was made, for the person whose it is.

| request                                     | answer                                             |
|---|---|
| `GET /studio/picture/<batch>/<number>.jpg`   | of the finished video, or of its template until then |
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.web import pictures
from bot.web.site import site_of
from bot.web.studio.visitor import visitor_of
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch, Item


def address(root: str, batch: Batch, item: Item) -> str:
    return f"{root}/studio/picture/{batch.id}/{item.number}.jpg?v={pictures.version(item)}"


async def _picture(request: Request) -> Response:
    site, visitor = site_of(request), await visitor_of(request)
    batch, number = await site.store.get(request.path_params["batch"]), request.path_params["number"]
    if batch.owner != visitor.person:
        raise HeygemError(ErrorCode.BATCH_UNKNOWN)
    if not 0 < number <= len(batch.items):
        raise HeygemError(ErrorCode.ITEM_UNKNOWN, number=number)
    return await pictures.of(site, request, batch, batch.items[number - 1])


ROUTES = (Route("/studio/picture/{batch}/{number:int}.jpg", _picture),)
