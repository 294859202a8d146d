"""Errors as JSON: {"error": {"code", "message", "params"}}, with the HTTP status of the code."""

import time

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.api.models import ErrorBody, Refusal
from bot.dialogue.text import language_of
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.sentences import Language, explain_error

_DAY_S = 86_400
_RETRY_S = 10
_LATER = (429, 503)

STATUS = {
    ErrorCode.BAD_REQUEST: 400,
    ErrorCode.KEY_UNKNOWN: 401,
    ErrorCode.NOT_ALLOWED: 403,
    ErrorCode.NOT_YOURS: 403,
    ErrorCode.PATH_UNKNOWN: 404,
    ErrorCode.BATCH_UNKNOWN: 404,
    ErrorCode.ITEM_UNKNOWN: 404,
    ErrorCode.REQUEST_STALLED: 408,
    ErrorCode.BATCH_STARTED: 409,
    ErrorCode.BATCH_FULL: 409,
    ErrorCode.DUPLICATE_TEMPLATE: 409,
    ErrorCode.VOICE_MISSING: 409,
    ErrorCode.TEMPLATES_MISSING: 409,
    ErrorCode.NOTHING_TO_EXPORT: 409,
    ErrorCode.IDEMPOTENCY_BUSY: 409,
    ErrorCode.TOO_LARGE: 413,
    ErrorCode.IDEMPOTENCY_MISMATCH: 422,
    ErrorCode.BAD_OPTION: 422,
    ErrorCode.URL_REFUSED: 422,
    ErrorCode.NOT_MEDIA: 422,
    ErrorCode.UNSUPPORTED_FORMAT: 422,
    ErrorCode.BROKEN_MEDIA: 422,
    ErrorCode.PROBE_LIMIT: 422,
    ErrorCode.NO_SOUND: 422,
    ErrorCode.SILENT_VOICE: 422,
    ErrorCode.SOUND_RANGE: 422,
    ErrorCode.NO_VIDEO: 422,
    ErrorCode.TOO_SHORT: 422,
    ErrorCode.TOO_LONG: 422,
    ErrorCode.TOO_MANY_PIXELS: 422,
    ErrorCode.TOO_MANY_STREAMS: 422,
    ErrorCode.FILE_MISSING: 422,
    ErrorCode.STREAMS_MANY: 429,
    ErrorCode.QUOTA_BATCHES: 429,
    ErrorCode.QUOTA_MINUTES: 429,
    ErrorCode.QUOTA_BYTES: 429,
    ErrorCode.FETCH_FAILED: 502,
    ErrorCode.UPLOADS_BUSY: 503,
    ErrorCode.QUEUE_UNREACHABLE: 503,
    ErrorCode.DISK_FULL: 503,
    ErrorCode.ENGINE_UNAVAILABLE: 503,
}


async def on_refusal(request: Request, error: Exception) -> Response:
    """A HeygemError."""
    assert isinstance(error, HeygemError)  # noqa: S101  # registered for it alone
    return _answer(request, error, STATUS.get(error.code, 500))


async def on_http_error(request: Request, error: Exception) -> Response:
    """No such address, or no such method."""
    assert isinstance(error, HTTPException)  # noqa: S101
    unknown = HeygemError(ErrorCode.PATH_UNKNOWN, method=request.method, path=request.url.path[:100])
    response = _answer(request, unknown, error.status_code)
    response.headers.update(error.headers or {})
    return response


async def on_crash(request: Request, _: Exception) -> Response:
    """A fault of ours; Starlette raises it again and uvicorn logs it."""
    return _answer(request, HeygemError(ErrorCode.INTERNAL), 500)


def refusal(error: HeygemError, language: Language) -> Refusal:
    return Refusal(code=error.code, message=explain_error(error, language), params=dict(error.params))


def language(request: Request) -> Language:
    """What the program asks for."""
    wanted = request.headers.get("accept-language", "").split(",")[0].split(";")[0].strip()
    return language_of(wanted, "en")


def _answer(request: Request, error: HeygemError, status: int) -> Response:
    body = ErrorBody(error=refusal(error, language(request)))
    response = JSONResponse(body.model_dump(mode="json"), status)
    if status in _LATER or "retry_s" in error.params:
        response.headers["retry-after"] = str(error.params.get("retry_s", _wait(error.code)))
    if status == STATUS[ErrorCode.KEY_UNKNOWN]:
        response.headers["www-authenticate"] = "Bearer"
    return response


def _wait(code: ErrorCode) -> int:
    """Seconds; minutes of video come back at midnight UTC."""
    return _DAY_S - int(time.time()) % _DAY_S if code is ErrorCode.QUOTA_MINUTES else _RETRY_S
