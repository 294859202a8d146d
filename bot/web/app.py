"""The web application: pages and downloads behind links."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from bot.web import routes
from bot.web.failures import on_crash, on_http_error, on_refusal
from bot.web.headers import SecurityHeaders
from bot.web.home.routes import home
from bot.web.sharing import routes as sharing_routes
from bot.web.site import Site
from bot.web.studio import routes as studio_routes
from bot.web.upload import routes as upload_routes
from heygem.base.errors import HeygemError
from heygem.base.settings import Settings


def create_app(settings: Settings, *mounts: Mount) -> Starlette:
    """An ASGI application. It starts and stays up without Redis, and says so to who comes.

    Args:
        mounts: Applications beside the pages, which start and stop with this one.
    """
    site = Site.of(settings)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        tidying = asyncio.create_task(site.packs.keep_tidy())
        async with contextlib.AsyncExitStack() as started:
            for mount in mounts:
                await started.enter_async_context(mount.app.router.lifespan_context(mount.app))  # type: ignore[attr-defined]
            yield
        tidying.cancel()
        stopping = (site.packs.stop(), site.thumbnails.stop(), site.desk.stop(), site.bot.looks.stop())
        await asyncio.gather(tidying, *stopping, return_exceptions=True)
        await site.redis.aclose()

    app = Starlette(
        routes=[
            Route("/", home),
            Route("/b/{token}", routes.batch_page),
            *sharing_routes.ROUTES,
            Route("/b/{token}/status", routes.batch_status),
            Route("/b/{token}/video/{number:int}.mp4", routes.video),
            Route("/b/{token}/before/{number:int}.mp4", routes.before),
            Route("/b/{token}/thumb/{number:int}.jpg", routes.thumbnail),
            Route("/download/batch", routes.batch_zip),
            Route("/t/{signature}/{owner}/{sha256}.jpg", routes.template_picture),
            *upload_routes.ROUTES,
            *studio_routes.ROUTES,
            Route("/static/{name}", site.pages.assets.serve),
            Route("/healthz", routes.health),
            *mounts,
        ],
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={HeygemError: on_refusal, HTTPException: on_http_error, Exception: on_crash},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # a redirect would carry the token into a Location header
    app.state.site = site
    return app
