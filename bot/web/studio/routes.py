"""The studio's addresses, beside those of its entrance.

| request                       | answer                                                                    |
|---|---|
| `GET /studio`                  | the batches under way and the latest that ended                            |
| `GET /studio/history`          | what has ended: `?find=`, `state=`, `engine=`, `page=`                      |
| `GET /studio/library`          | saved templates: `?find=`                                                  |
| `GET /studio/version`          | for the page's script: changes when the page does                          |
| `POST /studio/do`              | a button of the dialogue's pressed, or a command said; back to the page     |
| `POST /studio/files`           | on to a page that takes files of any size; a script gets its address       |
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.dialogue.codec import decode, parse
from bot.dialogue.intents import Intent, OpenBatch, RenameTemplate, SaveTemplate
from bot.dialogue.message import ShowStatus
from bot.web.site import Site, site_of
from bot.web.studio import entrance
from bot.web.studio.answers import Answers
from bot.web.studio.back import TOLD, way_back
from bot.web.studio.cards import told
from bot.web.studio.history import Wanted, history_page
from bot.web.studio.library import library_page
from bot.web.studio.page import Frame, Told
from bot.web.studio.view import studio_page, version_of
from bot.web.studio.visitor import Visitor, posted, remember, visitor_of
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Person
from heygem.links.upload import Invitation

_SEE_OTHER = 303


async def _desk(request: Request) -> Response:
    visitor = await visitor_of(request)
    return _shown(request, visitor, await studio_page(site_of(request), visitor, await _told(request, visitor)))


async def _history(request: Request) -> Response:
    visitor, wanted = await visitor_of(request), Wanted.of(request.query_params)
    page = await history_page(site_of(request), visitor, wanted, await _told(request, visitor))
    return _shown(request, visitor, page)


async def _library(request: Request) -> Response:
    visitor, sought = await visitor_of(request), Wanted.of(request.query_params).sought
    page = await library_page(site_of(request), visitor, sought, await _told(request, visitor))
    return _shown(request, visitor, page)


def _shown(request: Request, visitor: Visitor, page: Frame) -> Response:
    site = site_of(request)
    answer = site.pages.studio(page)
    remember(answer, visitor.cookie, site.settings.web)  # for as long again, as Redis does
    return answer


async def _told(request: Request, visitor: Visitor) -> tuple[Told, ...]:
    """What was answered to the press that led here."""
    return await Answers(site_of(request).redis).take(visitor.cookie, request.query_params.get(TOLD, ""))


async def _version(request: Request) -> Response:
    visitor = await visitor_of(request)
    return JSONResponse({"version": await version_of(site_of(request), visitor)})


async def _do(request: Request) -> Response:
    visitor, fields = await posted(request)
    site, at = site_of(request), fields.get("at", "")
    answer = await site.bot.dialogue.do(visitor.says(), _meant(fields, visitor.person))
    said = await told(site, answer, visitor.language, elsewhere=way_back(at) != way_back(""))
    name = await Answers(site.redis).keep(visitor.cookie, said) if said else ""
    return RedirectResponse(site.pages.root + way_back(at, name), _SEE_OTHER)


def _meant(fields: Mapping[str, str], person: Person) -> Intent:
    match fields:
        case {"press": data}:
            return decode(data, person)
        case {"rename": key, "name": new}:
            return RenameTemplate(new=new.strip(), key=key)
        case {"save": name}:
            return SaveTemplate(name.strip())
        case _:
            return parse(fields.get("say", ""))


async def _files(request: Request) -> Response:
    """Into the batch that is named, or collected in the person's place; one is opened if there is none."""
    visitor, fields = await posted(request)
    site = site_of(request)
    batch_id = fields.get("batch") or await _collecting(site, visitor)
    batch = await site.store.get(batch_id)
    if batch.owner != visitor.person:
        raise HeygemError(ErrorCode.BATCH_UNKNOWN)
    link = await site.bot.uploads.create(Invitation(batch=batch_id, person=visitor.person, language=visitor.language))
    path = urlsplit(link.url).path  # the address that the browser came by may be another than the public one
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"files": f"{path}/files"})
    return RedirectResponse(path, _SEE_OTHER)


async def _collecting(site: Site, visitor: Visitor) -> str:
    answer = await site.bot.dialogue.do(visitor.says(), OpenBatch())
    if answer.error is not None:
        raise answer.error
    (batch_id,) = (reply.batch_id for reply in answer.replies if isinstance(reply, ShowStatus))
    return batch_id


ROUTES = (
    Route("/studio", _desk),
    Route("/studio/history", _history),
    Route("/studio/library", _library),
    Route("/studio/version", _version),
    Route("/studio/do", _do, methods=["POST"]),
    Route("/studio/files", _files, methods=["POST"]),
    *entrance.ROUTES,
)
