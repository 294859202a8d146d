"""The HTTP interface as an application of its own, which the web server mounts."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from bot.api.courier import Courier
from bot.api.endpoints import ENDPOINTS, route
from bot.api.failures import on_crash, on_http_error, on_refusal
from bot.api.openapi import document
from bot.api.services import Services
from bot.dialogue.message import NO_CHAT
from heygem.base.errors import HeygemError
from heygem.base.settings import Settings
from heygem.base.tasks import end

PREFIX = "/api/v1"


def mounted(settings: Settings) -> Mount:
    """It starts and stays up without Redis, and says so to who comes."""
    services = Services.of(settings)
    description = document(f"{settings.web.base_url}{PREFIX}")

    async def described(_: Request) -> Response:
        return JSONResponse(description)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        courier = Courier(services.redis, services.bot.store, settings, NO_CHAT)
        telling = asyncio.create_task(courier.run())
        yield
        await end([telling])
        await services.bot.looks.stop()
        await services.redis.aclose()

    app = Starlette(
        routes=[*map(route, ENDPOINTS), Route("/openapi.json", described)],
        exception_handlers={HeygemError: on_refusal, HTTPException: on_http_error, Exception: on_crash},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.services = services
    return Mount(PREFIX, app)
