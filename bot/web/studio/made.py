"""What was made, for the person whose it is.

| request                                     | answer                                               |
|---|---|
| `GET /studio/picture/<batch>/<number>.jpg`   | of the finished video, or of its template until then |
| `GET /studio/video/<batch>/<number>.mp4`     | the video, for a player                              |
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.web import pictures, videos
from bot.web.site import site_of
from bot.web.studio.visitor import visitor_of
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch, Item, Person


def picture_address(root: str, batch: Batch, item: Item) -> str:
    return f"{root}/studio/picture/{batch.id}/{item.number}.jpg?v={pictures.version(item)}"


def video_address(root: str, batch: Batch, item: Item) -> str:
    return f"{root}/studio/video/{batch.id}/{item.number}.mp4"


async def _picture(request: Request) -> Response:
    _, batch, item = await _asked(request)
    return await pictures.of(site_of(request), request, batch, item)


async def _video(request: Request) -> Response:
    person, batch, item = await _asked(request)
    return videos.of(site_of(request), request, batch, item, person.owner)


async def _asked(request: Request) -> tuple[Person, Batch, Item]:
    visitor, number = await visitor_of(request), request.path_params["number"]
    batch = await site_of(request).store.get(request.path_params["batch"])
    if batch.owner != visitor.person:
        raise HeygemError(ErrorCode.BATCH_UNKNOWN)
    if not 0 < number <= len(batch.items):
        raise HeygemError(ErrorCode.ITEM_UNKNOWN, number=number)
    return visitor.person, batch, batch.items[number - 1]


ROUTES = (
    Route("/studio/picture/{batch}/{number:int}.jpg", _picture),
    Route("/studio/video/{batch}/{number:int}.mp4", _video),
)
