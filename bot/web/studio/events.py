"""Server-Sent Events: the page's version, each time it changes, for as long as the browser stays signed in.

An event's id is the version, so that a browser that comes back is told only what it does not show yet.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack

from starlette.requests import Request
from starlette.responses import Response

from bot import streams
from bot.streams import BEAT, EventStream
from bot.web.site import site_of
from bot.web.studio.view import version_of
from bot.web.studio.visitor import Visitor, visitor_of
from heygem.base.errors import ErrorCode, HeygemError

_LOOK_S = 1.0


async def events(request: Request) -> Response:
    visitor = await visitor_of(request)
    places = ExitStack()
    places.enter_context(site_of(request).streams.place(visitor.person.owner))
    shown = request.headers.get("last-event-id") or request.query_params.get("shown", "")
    return EventStream(_told(request, visitor, shown), places)


async def _told(request: Request, visitor: Visitor, shown: str) -> AsyncIterator[str]:
    site, clock = site_of(request), asyncio.get_running_loop().time
    beaten = clock()
    while True:
        try:
            version = await version_of(site, visitor)
            if version != shown:
                shown, beaten = version, clock()
                yield f"id: {version}\ndata: {version}\n\n"
            elif clock() - beaten >= streams.BEAT_S:
                beaten = clock()
                yield BEAT
                visitor = await visitor_of(request)
        except HeygemError as error:
            if error.code in (ErrorCode.SIGNED_OUT, ErrorCode.NOT_ALLOWED):
                return
        await asyncio.sleep(_LOOK_S)
