"""The Bot API over HTTP, on a thread of its own; and the transcript of what was said."""

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from tornado.httputil import HTTPFile, parse_multipart_form_data

from tests.fakes.telegram.albums import ALBUMS, attached
from tests.fakes.telegram.check import checked
from tests.fakes.telegram.methods import CLOUD_UPLOAD, METHODS, Upload
from tests.fakes.telegram.people import Chat, People
from tests.fakes.telegram.refusals import (
    OTHER_POLLER,
    WEBHOOK_ACTIVE,
    RefusedError,
    conflict,
    too_many,
)
from tests.fakes.telegram.state import BOT_ID, Call, Fault, Json, Room, Sent, State
from tests.patience import PATIENCE_SECONDS

_LOOK_S = 0.01
_MOST_UPDATES = 100
_DELIVERY_SECONDS = 0.05


class FakeTelegram(People):
    """`with FakeTelegram() as telegram:` then point the bot at `telegram.base_url`.

    `local` is the folder of a Bot API server of one's own, started with --local; without it this is the cloud.
    """

    def __init__(self, local: Path | None = None) -> None:
        super().__init__(State(local))
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._server = uvicorn.Server(
            uvicorn.Config(
                _app(self.state), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
            )
        )
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        return self

    def __exit__(self, *_: object) -> None:
        for file in self.state.files.values():
            if file.hold:
                file.hold.set()
        self.state.closing = True
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        return f"{self.root}/bot"

    @property
    def token(self) -> str:
        return self.state.token

    # what happened

    def calls(self, method: str) -> list[Call]:
        with self.state.lock:
            return [call for call in self.state.calls if call.method == method]

    def sent(self, chat: Chat | None = None) -> list[Sent]:
        """The bot's messages as they stand, in the order in which they were sent."""
        with self.state.lock:
            rooms = [self.state.rooms[chat.id]] if chat else list(self.state.rooms.values())
            mine = [(room, each) for room in rooms for each in room.messages.values() if each["from"]["id"] == BOT_ID]
            return [_sent(room, message) for room, message in mine]

    async def until(self, look: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
        """What `look` finds, as soon as it finds something."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := look():
                return found
            await asyncio.sleep(_LOOK_S)
        said = "\n---\n".join(f"{sent.chat}: {sent.text} {sent.labels}" for sent in self.sent())
        raise AssertionError(f"waited in vain; the bot has said:\n{said}")

    # what goes wrong

    def fault(self, method: str = "*", **what: Any) -> None:
        with self.state.lock:
            self.state.faults.append(Fault(method, **what))

    def revoke_token(self) -> None:
        self.state.revoked = True

    def repeat_update(self, update: Json) -> None:
        """Deliver it again, as Telegram does when it did not hear that it arrived."""
        with self.state.lock:
            self.state.updates.append(update)

    def _run(self) -> None:
        loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete(self._serve())
        finally:
            loop.close()

    async def _serve(self) -> None:
        delivering = asyncio.create_task(_deliver(self.state))
        await self._server.serve([self._socket])
        delivering.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await delivering


class _CutResponse(Response):
    """The connection breaks in the middle of the answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


def _app(state: State) -> Starlette:
    async def call(request: Request) -> Response:
        return await _call(state, request)

    async def download(request: Request) -> Response:
        return await _download(state, request)

    methods = ["GET", "POST"]
    return Starlette(
        routes=[
            Route("/bot{token}/{method}", call, methods=methods),
            Route("/file/bot{token}/{path:path}", download),
        ]
    )


async def _call(state: State, request: Request) -> Response:
    method = request.path_params["method"]
    call = Call(method, {}, time.monotonic())
    await request.body()  # first, so that nobody finds a call whose parameters are still to come
    with state.lock:
        state.calls.append(call)
    try:
        _authorize(state, request.path_params["token"], method)
        given = attached(await _given(request))
        call.parameters = {name: value for name, value in given.items() if not isinstance(value, Upload)}
        return await _answer(state, method, given)
    except RefusedError as refused:
        call.answer = refused.description
        body: Json = {"ok": False, "error_code": refused.code, "description": refused.description}
        if refused.parameters:
            body["parameters"] = refused.parameters
        return JSONResponse(body, refused.code)


async def _answer(state: State, method: str, given: Json) -> Response:
    fault = state.fault_for(method, given.get("chat_id"))
    if fault is not None:
        await asyncio.sleep(fault.delay)
        _refuse(fault)
        if fault.drop:
            return _CutResponse()
    answer = await _result(state, method, given)
    return _CutResponse() if fault is not None and fault.lost else JSONResponse({"ok": True, "result": answer})


async def _result(state: State, method: str, given: Json) -> Any:
    if method == "getUpdates":
        return await _get_updates(state, checked(method, given))
    with state.lock:
        return (METHODS | ALBUMS)[method](state, checked(method, given))


def _authorize(state: State, token: str, method: str) -> None:
    if token != state.token or state.revoked:
        raise RefusedError(401, "Unauthorized") if token.count(":") == 1 else RefusedError(404, "Not Found")
    if method not in METHODS | ALBUMS and method != "getUpdates":
        raise RefusedError(404, "Not Found")


def _refuse(fault: Fault) -> None:
    if fault.retry_after:
        raise too_many(fault.retry_after)
    if fault.code:
        raise RefusedError(fault.code, fault.description or "Internal Server Error")


async def _given(request: Request) -> Json:
    """Parameters from wherever Telegram takes them: query, form, multipart, JSON."""
    given: Json = dict(request.query_params)
    kind, options = _content_type(request)
    body = await request.body()
    if kind == "application/json":
        given |= json.loads(body)
    elif kind == "application/x-www-form-urlencoded":
        given |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    elif kind == "multipart/form-data":
        given |= _multipart(options["boundary"], body)
    if sum(len(value.content) for value in given.values() if isinstance(value, Upload)) > CLOUD_UPLOAD:
        raise RefusedError(413, "Request Entity Too Large")
    for name, value in list(given.items()):
        if isinstance(value, str) and value.startswith("attach://"):
            given[name] = given.pop(value.removeprefix("attach://"))
    return given


def _content_type(request: Request) -> tuple[str, dict[str, str]]:
    message = EmailMessage()
    message["content-type"] = request.headers.get("content-type", "text/plain")
    return message.get_content_type(), dict(message["content-type"].params)


def _multipart(boundary: str, body: bytes) -> Json:
    fields: dict[str, list[bytes]] = {}
    files: dict[str, list[HTTPFile]] = {}
    parse_multipart_form_data(boundary.encode(), body, fields, files)
    texts: Json = {name: values[-1].decode() for name, values in fields.items()}
    return texts | {name: Upload(each[-1].filename, each[-1].body) for name, each in files.items()}


async def _get_updates(state: State, given: Json) -> list[Json]:
    """Updates from `offset` on; what is before it is forgotten. A second poller ends the first one's waiting."""
    if state.webhook:
        raise conflict(WEBHOOK_ACTIVE)
    state.allowed = given.get("allowed_updates", state.allowed)
    offset, deadline = given.get("offset", 0), time.monotonic() + given.get("timeout", 0)
    with state.lock:
        state.poller += 1
        mine = state.poller
        if offset < 0:
            state.updates[:] = state.updates[offset:]
        else:
            state.updates[:] = [update for update in state.updates if update["update_id"] >= offset]
    while True:
        if state.poller != mine:
            raise conflict(OTHER_POLLER)
        if state.revoked:
            raise RefusedError(401, "Unauthorized")
        with state.lock:
            if state.updates or state.closing or time.monotonic() >= deadline:
                return state.updates[: min(given.get("limit", _MOST_UPDATES), _MOST_UPDATES)]
        await asyncio.sleep(_LOOK_S)


async def _download(state: State, request: Request) -> Response:
    if request.path_params["token"] != state.token:
        return Response(status_code=404)
    path = request.path_params["path"]
    with state.lock:
        file = next((each for each in state.files.values() if each.path == path), None)
    fault = state.fault_for("file", None)
    if fault is not None and fault.retry_after:
        return Response(status_code=429, headers={"retry-after": str(fault.retry_after)})
    if fault is not None and fault.code:
        return Response(status_code=fault.code)
    if file is None:
        return Response(status_code=404)
    state.downloads.append(file.id)
    cut, file.cut = file.cut > 0, max(0, file.cut - 1)
    start = int(request.headers.get("range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
    rest = file.content[start:]
    state.ranges.append(start)

    async def content() -> Any:
        while file.hold is not None and not file.hold.is_set():  # noqa: ASYNC110 (a test on another thread sets it)
            await asyncio.sleep(_LOOK_S)
        half = len(rest) // 2
        yield rest[:half]
        await asyncio.sleep(file.seconds)
        if not cut:
            yield rest[half:]

    headers = {"content-length": str(len(rest))}
    if start:
        headers["content-range"] = f"bytes {start}-{len(file.content) - 1}/{len(file.content)}"
    return StreamingResponse(content(), 206 if start else 200, headers=headers)


async def _deliver(state: State) -> None:
    """Push updates to a webhook, each until it is taken."""
    async with httpx.AsyncClient(trust_env=False) as http:
        while True:
            await asyncio.sleep(_DELIVERY_SECONDS)
            with state.lock:
                update = state.updates[0] if state.webhook and state.updates else None
            if update is None:
                continue
            public = urlsplit(state.webhook["url"])
            where = state.routes.get(f"{public.scheme}://{public.netloc}", f"{public.scheme}://{public.netloc}")
            headers = {"X-Telegram-Bot-Api-Secret-Token": state.webhook["secret"], "Content-Type": "application/json"}
            with contextlib.suppress(httpx.HTTPError):
                answer = await http.post(f"{where}{public.path}", content=json.dumps(update), headers=headers)
                if answer.is_success:
                    with state.lock:
                        state.updates.remove(update)


def _sent(room: Room, message: Json) -> Sent:
    return Sent(
        chat=room.id,
        id=message["message_id"],
        text=message.get("text") or message.get("caption", ""),
        keyboard=message.get("reply_markup", {}).get("inline_keyboard", []),
        thread=message.get("message_thread_id"),
        video=message.get("video"),
        photo=message.get("photo", []),
        edits=message["edits"],
        reply_to=message.get("reply_to_message", {}).get("message_id"),
        silent=message["silent"],
        album=message.get("media_group_id"),
        streams=message.get("streams", False),
    )
