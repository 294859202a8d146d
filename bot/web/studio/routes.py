"""The studio's addresses, beside those of its entrance, of files and of what was made.

| request                       | answer                                                                    |
|---|---|
| `GET /studio`                  | the batches under way and the latest that ended                            |
| `GET /studio/history`          | what has ended: `?find=`, `state=`, `engine=`, `page=`                      |
| `GET /studio/library`          | saved templates: `?find=`                                                  |
| `GET /studio/events`           | for the page's script: a stream of what changes when the page does         |
| `POST /studio/do`              | a button of the dialogue's pressed, or a command said; back to the page     |
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.dialogue.codec import decode, parse
from bot.dialogue.intents import Intent, RenameItem, RenameTemplate, SaveTemplate
from bot.web.site import site_of
from bot.web.studio import entrance, files, made
from bot.web.studio.answers import Answers
from bot.web.studio.back import TOLD, way_back
from bot.web.studio.cards import told
from bot.web.studio.events import events
from bot.web.studio.history import Wanted, history_page
from bot.web.studio.library import library_page
from bot.web.studio.page import Frame, Told
from bot.web.studio.view import studio_page
from bot.web.studio.visitor import Visitor, posted, remember, visitor_of
from heygem.batches.model import Person

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
        case {"item": item, "name": new}:
            return RenameItem(fields.get("batch", ""), item, new)
        case {"save": name}:
            return SaveTemplate(name.strip())
        case _:
            return parse(fields.get("say", ""))


ROUTES = (
    Route("/studio", _desk),
    Route("/studio/history", _history),
    Route("/studio/library", _library),
    Route("/studio/events", events),
    Route("/studio/do", _do, methods=["POST"]),
    *files.ROUTES,
    *made.ROUTES,
    *entrance.ROUTES,
)
