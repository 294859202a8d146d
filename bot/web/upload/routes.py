"""The upload page's addresses.

| request                       | answer                                                                      |
|---|---|
| `GET /u/<token>`               | the page                                                                    |
| `POST /u/<token>/files`        | a file of this name and size is begun, or gone on with: its id and offset    |
| `GET`, `HEAD …/files/<id>`     | how far it is: Upload-Offset, Upload-Length, and what became of it           |
| `PATCH …/files/<id>`           | a piece that begins at Upload-Offset: 204 with the new one, 409 if it doesn't |
| `DELETE …/files/<id>`          | what has arrived is removed                                                 |
"""

from typing import Annotated

from pydantic import BaseModel, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.web.body import small_body
from bot.web.failures import language
from bot.web.site import site_of
from bot.web.upload.desk import PIECE_BYTES, Standing, Visit
from bot.web.upload.view import contents, upload_page
from bot.web.upload.words import WORDS
from heygem.base.errors import ErrorCode, HeygemError

_LONGEST_OFFSET = 15


class _Wanted(BaseModel):
    name: Annotated[str, Field(max_length=1000)]
    size: Annotated[int, Field(ge=0, lt=2**50)]
    modified: Annotated[int, Field(ge=-(2**53), le=2**53)] = 0


async def _page(request: Request) -> Response:
    site = site_of(request)
    visit = await _visit(request)
    if visit.batch.state.terminal or visit.batch.queued:
        raise HeygemError(ErrorCode.UPLOAD_CLOSED)
    item = next((each for each in visit.batch.items if each.id == visit.invitation.item), None)
    unfinished = await site.desk.unfinished(visit)
    page = upload_page(visit, item, unfinished, site.settings.limits.file_mb)
    return site.pages.upload(page, request.path_params["token"])


async def _begin(request: Request) -> Response:
    visit = await _visit(request)
    wanted = await _wanted(request)
    standing = await site_of(request).desk.begin(visit, wanted.name, wanted.size, wanted.modified)
    return await _told(request, standing, 201)


async def _standing(request: Request) -> Response:
    visit = await _visit(request, begun=True)
    return await _told(request, await site_of(request).desk.standing(visit, request.path_params["id"]))


async def _piece(request: Request) -> Response:
    visit = await _visit(request, begun=True)
    offset = request.headers.get("upload-offset", "")
    if not (offset.isascii() and offset.isdecimal() and len(offset) <= _LONGEST_OFFSET):
        raise HTTPException(400)
    if int(request.headers.get("content-length", "0")) > PIECE_BYTES:
        raise HTTPException(413)
    site, arrival = site_of(request), request.path_params["id"]
    standing = await site.desk.write(visit, arrival, int(offset), request.stream())
    return Response(status_code=204, headers=_headers(standing))


async def _give_up(request: Request) -> Response:
    visit = await _visit(request, begun=True)
    await site_of(request).desk.give_up(visit, request.path_params["id"])
    return Response(status_code=204)


async def _visit(request: Request, *, begun: bool = False) -> Visit:
    visit = await site_of(request).desk.visit(request.path_params["token"], begun=begun)
    request.state.language = visit.invitation.language
    return visit


async def _wanted(request: Request) -> _Wanted:
    try:
        return _Wanted.model_validate_json(await small_body(request))
    except ValidationError:
        raise HTTPException(400) from None


async def _told(request: Request, standing: Standing, status: int = 200) -> Response:
    arrival = standing.arrival
    batch = await site_of(request).store.get(standing.batch_id)  # as it is after what the arrival says
    told = {
        "id": arrival.id,
        "state": arrival.state,
        "offset": standing.offset,
        "sentence": arrival.sentence,
        "batch": contents(batch, WORDS[language(request)]),
    }
    return JSONResponse(told, status, _headers(standing))


def _headers(standing: Standing) -> dict[str, str]:
    return {"upload-offset": str(standing.offset), "upload-length": str(standing.arrival.size)}


ROUTES = (
    Route("/u/{token}", _page),
    Route("/u/{token}/files", _begin, methods=["POST"]),
    Route("/u/{token}/files/{id}", _standing, methods=["GET"]),
    Route("/u/{token}/files/{id}", _piece, methods=["PATCH"]),
    Route("/u/{token}/files/{id}", _give_up, methods=["DELETE"]),
)
