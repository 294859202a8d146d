"""The studio's addresses.

| request                       | answer                                                                    |
|---|---|
| `GET /studio`                  | the person's batches; `?find=` seeks in the past ones, here and in the next |
| `GET /studio/version`          | for the page's script: changes when the page does                          |
| `GET /studio/enter/<token>`    | asks whether to sign in: takes nothing, since chats fetch what is sent      |
| `POST /studio/enter/<token>`   | signs this browser in                                                      |
| `POST /studio/do`              | a button of the dialogue's pressed, or a command said; the page, answered   |
| `POST /studio/files`           | on to a page that takes files of any size; a script gets its address       |
| `POST /studio/leave`           | signs this browser out                                                     |
"""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.dialogue.codec import decode, parse
from bot.dialogue.intents import OpenBatch
from bot.dialogue.message import ShowStatus
from bot.web.forms import require_own_page
from bot.web.site import Site, site_of
from bot.web.studio.view import studio_page, version_of
from bot.web.studio.visitor import Visitor, posted, remember, sign_out, visitor_of
from bot.web.studio.words import WORDS
from heygem.base.errors import ErrorCode, HeygemError
from heygem.links.upload import Invitation

_SEE_OTHER = 303
_LONGEST_SOUGHT = 100


async def _page(request: Request) -> Response:
    site, visitor = site_of(request), await visitor_of(request)
    answer = site.pages.studio(await studio_page(site, visitor, _sought(request)))
    remember(answer, visitor.cookie, site.settings.web)  # for as long again, as Redis does
    return answer


async def _version(request: Request) -> Response:
    visitor = await visitor_of(request)
    return JSONResponse({"version": await version_of(site_of(request), visitor)})


async def _do(request: Request) -> Response:
    visitor, fields = await posted(request)
    site = site_of(request)
    pressed, said = fields.get("press"), fields.get("say", "")
    intent = parse(said) if pressed is None else decode(pressed, visitor.person)
    answer = await site.bot.dialogue.do(visitor.says(), intent)
    return site.pages.studio(await studio_page(site, visitor, _sought(request), answer))


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


def _sought(request: Request) -> str:
    return request.query_params.get("find", "")[:_LONGEST_SOUGHT].strip()


async def _collecting(site: Site, visitor: Visitor) -> str:
    answer = await site.bot.dialogue.do(visitor.says(), OpenBatch())
    if answer.error is not None:
        raise answer.error
    (batch_id,) = (reply.batch_id for reply in answer.replies if isinstance(reply, ShowStatus))
    return batch_id


async def _ask(request: Request) -> Response:
    site, token = site_of(request), request.path_params["token"]
    sign_in = await site.bot.sign_ins.look(token)
    request.state.language = sign_in.language
    words = WORDS[sign_in.language]
    sure = words.enter_sure.format(name=sign_in.person.id, platform=sign_in.person.platform.title())
    return site.pages.enter(sure, token, words)


async def _enter(request: Request) -> Response:
    site = site_of(request)
    require_own_page(request)
    cookie = await site.bot.browsers.admit(await site.bot.sign_ins.take(request.path_params["token"]))
    answer = RedirectResponse(f"{site.pages.root}/studio", _SEE_OTHER)
    await sign_out(request, answer, site)  # of whom this browser acted as before
    remember(answer, cookie, site.settings.web)
    return answer


async def _leave(request: Request) -> Response:
    await posted(request)
    site = site_of(request)
    answer = RedirectResponse(f"{site.pages.root}/", _SEE_OTHER)
    await sign_out(request, answer, site)
    return answer


ROUTES = (
    Route("/studio", _page),
    Route("/studio/version", _version),
    Route("/studio/enter/{token}", _ask),
    Route("/studio/enter/{token}", _enter, methods=["POST"]),
    Route("/studio/do", _do, methods=["POST"]),
    Route("/studio/files", _files, methods=["POST"]),
    Route("/studio/leave", _leave, methods=["POST"]),
)
