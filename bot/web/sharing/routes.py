"""The addresses of sharing, below a batch's page. Only links of the batch's own may do what stands here, but the first.

| request                              | answer                                                           |
|---|---|
| `POST /b/<token>/open`                | the browser that gave the password may see the page              |
| `GET /b/<token>/links`                | the page, with its links unfolded                                |
| `POST /b/<token>/links`               | makes a link: a page that shows it, once                         |
| `POST /b/<token>/links/revoke`        | revokes one, all `shared` ones, or `all` there are               |
"""

import asyncio
from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.web.body import form
from bot.web.forms import require_key, require_own_page
from bot.web.opened import owned, token_of
from bot.web.routes import batch_page, page_of_batch
from bot.web.sharing.guest import remember
from bot.web.sharing.view import LASTS_S, new_link
from bot.web.site import Site, site_of
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.sentences import explain_error
from heygem.batches.model import Batch
from heygem.links.download import Link

_SEE_OTHER, _UNFIT = 303, 422
_MISTAKES = (ErrorCode.PASSWORD_UNFIT, ErrorCode.SHARES_MANY)


async def _open(request: Request) -> Response:
    site, token = site_of(request), token_of(request)
    fields = await _posted(request)
    link = await site.bot.links.open(token)
    answer = RedirectResponse(f"{site.pages.root}/b/{token}", _SEE_OTHER)
    if link.lock is not None:
        key = await site.locks.key(link.digest, link.lock, fields.get("password", ""))
        remember(answer, link, token, key, link.expires - await site.store.now(), site.settings.web)
    return answer


async def _make(request: Request) -> Response:
    site = site_of(request)
    batch = await owned(request)
    fields = await _posted(request)
    try:
        link = await _made(site, batch, fields)
    except HeygemError as error:
        if error.code not in _MISTAKES:
            raise
        return await page_of_batch(request, _UNFIT, wrong=explain_error(error, batch.language))
    locked, only_here = bool(fields.get("password")), site.settings.web.only_here
    page = partial(new_link, link, batch.language, locked=locked, only_here=only_here)
    return site.pages.new_link(await asyncio.to_thread(page), token_of(request))


async def _made(site: Site, batch: Batch, fields: dict[str, str]) -> Link:
    lasts_s = LASTS_S.get(fields.get("lasts", ""))
    if lasts_s is None:
        raise HeygemError(ErrorCode.FORM_STALE)
    password = fields.get("password", "")
    return await site.bot.links.share(batch, lasts_s, await site.locks.new(password) if password else None)


async def _revoke(request: Request) -> Response:
    site = site_of(request)
    batch = await owned(request)
    fields = await _posted(request)
    match fields.get("revoke", ""):
        case "all":
            await site.bot.links.close_all(batch.id)
            return RedirectResponse(f"{site.pages.root}/b/{token_of(request)}", _SEE_OTHER)
        case "shared":
            await site.bot.links.close_shared(batch.id)
        case digest:
            await site.bot.links.close_shared(batch.id, digest)
    return RedirectResponse(f"{site.pages.root}/b/{token_of(request)}/links?revoked#links", _SEE_OTHER)


async def _posted(request: Request) -> dict[str, str]:
    """The fields of a form on one of this link's pages. Raises FORM_STALE."""
    require_own_page(request)
    fields = await form(request)
    require_key(fields, token_of(request))
    return fields


ROUTES = (
    Route("/b/{token}/open", _open, methods=["POST"]),
    Route("/b/{token}/links", batch_page),
    Route("/b/{token}/links", _make, methods=["POST"]),
    Route("/b/{token}/links/revoke", _revoke, methods=["POST"]),
)
