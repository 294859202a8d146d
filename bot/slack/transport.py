"""How Slack reaches us: a WebSocket that we open, or HTTP requests that it signs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from urllib.parse import urlsplit

import uvicorn
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.request import SocketModeRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.slack.file import Json
from bot.slack.line import Line
from bot.slack.socket import Socket
from heygem.base.listening import listen
from heygem.base.settings import Slack
from heygem.base.tasks import end

_LARGEST_REQUEST = 2_000_000  # bytes; Slack's own are far smaller
_GRACE_S = 3


@asynccontextmanager
async def over_socket(
    app: AsyncApp, address: Callable[[], Awaitable[str]], line: Line, proxy: str | None
) -> AsyncIterator["asyncio.Task[None]"]:
    """Socket Mode; the task ends when `address` fails."""

    async def dispatch(envelope: Json) -> BoltResponse:
        request = SocketModeRequest.from_dict(envelope)
        if request is None:
            return BoltResponse(status=400)
        response: BoltResponse = await run_async_bolt_app(app, request)
        return response

    listening = asyncio.create_task(Socket(dispatch, address, line, proxy).run())
    try:
        yield listening
    finally:
        await end([listening])


@asynccontextmanager
async def over_http(app: AsyncApp, settings: Slack, line: Line) -> AsyncIterator["asyncio.Task[None]"]:
    """The task serves requests to the path of `events_url`; port 0 picks a free one."""
    route = Route(urlsplit(settings.events_url).path or "/", _endpoint(AsyncSlackRequestHandler(app)), methods=["POST"])
    config = uvicorn.Config(
        Starlette(routes=[route]),
        log_config=None,  # uvicorn's own handlers would not redact
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=_GRACE_S,
    )
    server = _Server(config)
    serving = asyncio.create_task(
        server.serve([listen(settings.events_host, settings.events_port, "slack.events_", backlog=256)])
    )
    line.up()
    try:
        yield serving
    finally:
        server.should_exit = True
        await serving


class _Server(uvicorn.Server):
    """Signals are the front end's, which ends this server among other things."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _endpoint(handler: AsyncSlackRequestHandler) -> Callable[[Request], Awaitable[Response]]:
    async def receive(request: Request) -> Response:
        length, stamp = (request.headers.get(name, "") for name in ("content-length", "x-slack-request-timestamp"))
        if not length.isdecimal() or int(length) > _LARGEST_REQUEST:
            return Response(status_code=413)
        if not stamp.isascii() or not stamp.isdecimal():  # Bolt takes it for a number
            return Response(status_code=401)
        return await handler.handle(request)

    return receive
