"""Signing a browser in and out.

| request                       | answer                                                                    |
|---|---|
| `GET /studio/enter/<token>`    | asks whether to sign in: takes nothing, since chats fetch what is sent      |
| `POST /studio/enter/<token>`   | signs this browser in                                                      |
| `POST /studio/leave`           | signs this browser out                                                     |
"""

import hmac
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.dialogue.ids import STUDIO
from bot.web.body import form
from bot.web.forms import require_own_page
from bot.web.site import site_of
from bot.web.studio.visitor import posted, remember, sign_out
from bot.web.studio.words import WORDS
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Web
from heygem.base.tokens import is_token, new_token
from heygem.links.sign_in import SIGN_IN_S

_NONCE = "heygem_enter"
_SEE_OTHER = 303


async def _ask(request: Request) -> Response:
    site, token = site_of(request), request.path_params["token"]
    sign_in = await site.bot.sign_ins.look(token)
    request.state.language = sign_in.language
    words = WORDS[sign_in.language]
    sure = words.enter_guest if sign_in.person.platform == STUDIO else words.enter_sure
    sure = sure.format(name=sign_in.person.id, platform=sign_in.person.platform.title())
    nonce = _nonce_of(request)
    answer = site.pages.enter(sure, token, nonce, words)
    _mark(answer, nonce, site.settings.web)
    return answer


async def _enter(request: Request) -> Response:
    site = site_of(request)
    await _require_asked(request)
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


def _mark(response: Response, nonce: str, web: Web) -> None:
    """Have the browser that is asked to sign in bring this back: no page of another site makes it do that."""
    address = urlsplit(web.base_url)
    response.set_cookie(
        _NONCE,
        nonce,
        max_age=SIGN_IN_S,
        path=f"{address.path}/studio/enter",
        secure=address.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def _nonce_of(request: Request) -> str:
    """The one that this browser has, for links that are open side by side, or a new one."""
    known = request.cookies.get(_NONCE, "")
    return known if is_token(known) else new_token()


async def _require_asked(request: Request) -> None:
    """The form must come from the page on which this browser was asked. Raises FORM_STALE."""
    require_own_page(request)
    brought, known = (await form(request)).get("nonce", ""), request.cookies.get(_NONCE, "")
    if not is_token(known) or not hmac.compare_digest(brought.encode(errors="replace"), known.encode()):
        raise HeygemError(ErrorCode.FORM_STALE)


ROUTES = (
    Route("/studio/enter/{token}", _ask),
    Route("/studio/enter/{token}", _enter, methods=["POST"]),
    Route("/studio/leave", _leave, methods=["POST"]),
)
