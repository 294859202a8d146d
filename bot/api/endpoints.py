"""What there is under /api/v1: one table, which the routes and the OpenAPI document are made from."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.api import batches, files
from bot.api.call import Call, call_of
from bot.api.events import events
from bot.api.idempotency import Given, holding, name_of
from bot.api.models import (
    BatchBody,
    BatchList,
    CreatedBody,
    ExportBody,
    ItemBody,
    NewBatch,
    RemoteTemplate,
    RemoteVoice,
)
from heygem.base.errors import ErrorCode, HeygemError


@dataclass(frozen=True)
class Endpoint:
    """`takes` is what a JSON body holds; with `query` the body may be a file too, and these say more about it.

    `answers` is the JSON of a success, None: there is none.
    """

    method: str
    path: str
    summary: str
    handle: Callable[[Call], Awaitable[BaseModel | Response]]
    answers: type[BaseModel] | None
    status: int = 200
    takes: type[BaseModel] | None = None
    query: tuple[str, ...] = ()
    media_type: str = "application/json"


_ONE = "/batches/{batch}"

ENDPOINTS = (
    Endpoint("POST", "/batches", "Begin a batch", batches.create, CreatedBody, 201, NewBatch),
    Endpoint("GET", "/batches", "One's newest batches", batches.index, BatchList),
    Endpoint("GET", _ONE, "See how far a batch is", batches.show, BatchBody),
    Endpoint("DELETE", _ONE, "Delete a batch with its videos", batches.delete, None, 204),
    Endpoint(
        "POST", f"{_ONE}/voice", "Set the voice", files.add_voice, BatchBody, 201, RemoteVoice, ("name", "transcript")
    ),
    Endpoint(
        "POST", f"{_ONE}/templates", "Add a template", files.add_template, ItemBody, 201, RemoteTemplate, ("name",)
    ),
    Endpoint("DELETE", f"{_ONE}/items/{{item}}", "Take a template out", batches.remove_item, None, 204),
    Endpoint("POST", f"{_ONE}/generate", "Start rendering", batches.generate, BatchBody, 202),
    Endpoint("POST", f"{_ONE}/cancel", "Stop a batch, or throw away what was collected", batches.cancel, BatchBody),
    Endpoint("POST", f"{_ONE}/pause", "Let a batch wait", batches.pause, BatchBody),
    Endpoint("POST", f"{_ONE}/resume", "Go on with a batch that was paused", batches.resume, BatchBody),
    Endpoint("POST", f"{_ONE}/first", "Have a batch made before one's others", batches.put_first, BatchBody),
    Endpoint("GET", f"{_ONE}/export", "Get a fresh link to what is finished", batches.export, ExportBody),
    Endpoint("GET", f"{_ONE}/events", "Follow a batch to its end", events, BatchBody, media_type="text/event-stream"),
)


def route(endpoint: Endpoint) -> Route:
    async def answer(request: Request) -> Response:
        call = await call_of(request)
        if call.idempotency_key:
            return await _once(call, endpoint)
        return await _answer(call, endpoint)

    made = Route(endpoint.path, answer, methods=[endpoint.method], name=endpoint.summary)
    made.methods = {endpoint.method}  # Starlette adds HEAD, with which a stream of events would never end
    return made


async def _answer(call: Call, endpoint: Endpoint) -> Response:
    result = await endpoint.handle(call)
    if isinstance(result, Response):
        return result
    return _json(result.model_dump_json(), endpoint.status)


async def _once(call: Call, endpoint: Endpoint) -> Response:
    answers, name = call.services.answers, name_of(call.person, call.idempotency_key)
    if (given := await answers.begin(name)) is not None:
        if await _fingerprint(call) != given.fingerprint:
            raise HeygemError(ErrorCode.IDEMPOTENCY_MISMATCH)
        return _json(given.body, given.status)
    async with holding(answers, name):
        response = await _answer(call, endpoint)
        body = bytes(response.body).decode()
        given = Given(fingerprint=await _fingerprint(call), status=response.status_code, body=body)
        await answers.keep(name, given, call.person)
    return response


async def _fingerprint(call: Call) -> str:
    url = call.request.url
    return f"{url.path}?{url.query} {await call.body.digest(call.file_bytes)}"


def _json(body: str, status: int) -> Response:
    return Response(body, status, media_type=JSONResponse.media_type)
