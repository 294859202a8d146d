"""What each address answers."""

import asyncio
from dataclasses import replace
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.web import before as template
from bot.web import pictures, videos
from bot.web.accel import accelerated
from bot.web.download import FileSource, answer, disposition
from bot.web.opened import item_of, opened, token_of
from bot.web.selection import numbers
from bot.web.sharing.view import Sharing, sharing
from bot.web.sharing.view import code as qr_code
from bot.web.site import site_of
from bot.web.view import page
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch
from heygem.batches.retention import kept_until
from heygem.redis.connection import reaching_queue


async def batch_page(request: Request) -> Response:
    return await page_of_batch(request)


async def page_of_batch(request: Request, status: int = 200, wrong: str = "") -> Response:
    """The page. `wrong` is why no link was made."""
    site, token = site_of(request), token_of(request)
    link, batch = await opened(request)
    whole = await asyncio.to_thread(link.whole, batch, site.storage)
    web = site.settings.web
    drawn = partial(qr_code, f"{web.base_url}/b/{token}", batch.language, only_here=web.only_here)
    code = await asyncio.to_thread(drawn)  # it takes 20 ms
    links = None if link.shared else await _links(request, batch, wrong)
    return site.pages.batch(page(batch, link, web.warn_above_mb, whole), token, code, links, status)


async def _links(request: Request, batch: Batch, wrong: str) -> Sharing:
    site = site_of(request)
    now = await site.store.now()
    left_s = kept_until(batch, site.settings.retention, now) - now
    links = sharing(token_of(request), batch.language, await site.bot.links.shared(batch.id), left_s, now)
    opened, done = request.url.path.endswith("/links"), "revoked" in request.query_params
    return replace(links, opened=opened, done=done, wrong=wrong)


async def batch_status(request: Request) -> Response:
    """For the page's script: what changes while a batch is in progress."""
    site = site_of(request)
    link, batch = await opened(request)
    shown = page(batch, link, site.settings.web.warn_above_mb)
    cards = (*shown.videos, *shown.failures)
    items = [{"number": c.number, "state": c.state, "label": c.label, "percent": c.percent} for c in cards]
    return JSONResponse(
        {
            "state": shown.state,
            "live": shown.live,
            "percent": shown.percent,
            "version": shown.version,
            "items": items,
        }
    )


async def batch_zip(request: Request) -> Response:
    """The zip as it was when the link was made, or with `&whole` as it is since the batch has ended.

    With `&items=1,3,7` it has these videos alone. It comes in a stream, or from a file through nginx.
    """
    site = site_of(request)
    link, batch = await opened(request)
    items = request.query_params.get("items")
    if items is not None:
        link = await asyncio.to_thread(link.only, numbers(items), batch, site.storage)
    elif "whole" in request.query_params:
        whole = await asyncio.to_thread(link.whole, batch, site.storage)
        link = whole or link
    headers = {
        "content-type": "application/zip",
        "content-disposition": disposition(link.file_name, attachment=True),
    }
    # No file is made of a selection: there are more of them than any disk holds.
    if items is None and (pack := site.packs.ready(link)):
        return accelerated(pack, site.storage, {**headers, "etag": link.plan.etag})
    try:
        link.plan.check()
    except HeygemError:  # removed when its time was over
        raise HeygemError(ErrorCode.BATCH_UNKNOWN) from None
    return answer(request, link.plan, headers, site.downloads, link.digest)


async def video(request: Request) -> Response:
    """One finished video: for a player, or with `?download` as a file."""
    batch, item = await item_of(request)
    return videos.of(site_of(request), request, batch, item, token_of(request))


async def before(request: Request) -> Response:
    """The template of a finished video, for a player beside the one of the result."""
    site = site_of(request)
    _, item = await item_of(request)
    path = site.storage.file(item.template.owner, item.template.sha256)
    try:
        size = path.stat().st_size if template.seconds(item) else 0
    except FileNotFoundError:
        size = 0
    if not size:
        raise template.unshown(item)
    headers = {"content-type": "video/mp4", "content-disposition": disposition(item.template.name, attachment=False)}
    etag = f'"{item.template.sha256[:32]}"'
    if site.settings.web.nginx:
        return accelerated(path, site.storage, {**headers, "etag": etag})
    return answer(request, FileSource(path, size, etag), headers, site.players, token_of(request))


async def thumbnail(request: Request) -> Response:
    """A picture of the finished video, or of its template while it is not finished."""
    site = site_of(request)
    batch, item = await item_of(request)
    return await pictures.of(site, request, batch, item)


async def template_picture(request: Request) -> Response:
    """What a template looks like, for a platform that fetches it; whoever has the signed address may."""
    site = site_of(request)
    signature, owner, sha256 = (request.path_params[name] for name in ("signature", "owner", "sha256"))
    if not await site.pictures.opens(signature, owner, sha256):
        return Response(status_code=404)
    picture = site.storage.picture(owner, sha256)
    await asyncio.to_thread(picture.parent.mkdir, parents=True, exist_ok=True)
    made = await site.thumbnails.of(site.storage.file(owner, sha256), picture)
    if made is None:
        return Response(status_code=404)
    return await pictures.answer(request, made, sha256[:12])


async def health(request: Request) -> Response:
    """200 while links can be answered, 503 while Redis is away. The process lives either way."""
    try:
        with reaching_queue():
            await site_of(request).redis.ping()
    except HeygemError:
        return JSONResponse({"ok": False, "redis": "unreachable"}, 503)
    return JSONResponse({"ok": True, "redis": "ok"})
