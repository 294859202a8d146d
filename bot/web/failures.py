"""Errors as pages a person understands, or as JSON for the page's script."""

from typing import cast

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.dialogue.text import language_of
from bot.web.headers import EVERYWHERE
from bot.web.opened import token_of
from bot.web.site import site_of
from bot.web.words import WORDS
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.sentences import Language, explain, explain_error

_GONE, _BUSY = 410, 503
_STATUS = {
    ErrorCode.LINK_UNKNOWN: 404,
    ErrorCode.ITEM_UNKNOWN: 404,
    ErrorCode.TEMPLATE_UNSHOWN: 404,
    ErrorCode.SELECTION_UNCLEAR: 400,
    ErrorCode.LINK_EXPIRED: _GONE,
    ErrorCode.LINK_REVOKED: _GONE,
    ErrorCode.LINK_CLOSED: _GONE,
    ErrorCode.SHARE_EXPIRED: _GONE,
    ErrorCode.SHARE_ONLY: 403,
    ErrorCode.PASSWORD_NEEDED: 401,
    ErrorCode.PASSWORD_WRONG: 401,
    ErrorCode.PASSWORD_TRIES: 429,
    ErrorCode.BATCH_UNKNOWN: _GONE,
    ErrorCode.DOWNLOADS_BUSY: _BUSY,
    ErrorCode.QUEUE_UNREACHABLE: _BUSY,
    ErrorCode.UPLOADS_BUSY: _BUSY,
    ErrorCode.UPLOAD_UNKNOWN: 404,
    ErrorCode.UPLOAD_LOST: 404,
    ErrorCode.UPLOAD_EXPIRED: _GONE,
    ErrorCode.UPLOAD_CLOSED: _GONE,
    ErrorCode.UPLOAD_OFFSET: 409,
    ErrorCode.UPLOADS_MANY: 429,
    ErrorCode.STREAMS_MANY: 429,
    ErrorCode.PRESSES_MANY: 429,
    ErrorCode.TOO_LARGE: 413,
    ErrorCode.QUOTA_BYTES: 413,
    ErrorCode.BROKEN_MEDIA: 422,
    ErrorCode.DISK_FULL: 507,
    ErrorCode.NOT_ALLOWED: 403,
    ErrorCode.SIGN_IN_UNKNOWN: _GONE,
    ErrorCode.SIGNED_OUT: 401,
    ErrorCode.FORM_STALE: 403,
}
_RETRY_S = 10
_ASKED = (ErrorCode.PASSWORD_NEEDED, ErrorCode.PASSWORD_WRONG, ErrorCode.PASSWORD_TRIES)


async def on_refusal(request: Request, error: Exception) -> Response:
    """A HeygemError with its status and sentence."""
    assert isinstance(error, HeygemError)  # noqa: S101  # registered for it alone
    status = _STATUS.get(error.code, 500)
    sentence = explain_error(error, language(request))
    answer = _ask if error.code in _ASKED else _answer
    response = answer(request, status, error.code, sentence)
    if status == _BUSY or "retry_s" in error.params:
        response.headers["retry-after"] = str(error.params.get("retry_s", _RETRY_S))
    return response


async def on_http_error(request: Request, error: Exception) -> Response:
    """No such address, or no such method."""
    assert isinstance(error, HTTPException)  # noqa: S101
    response = _answer(request, error.status_code, "not_found", WORDS[language(request)].no_such_page)
    response.headers.update(error.headers or {})
    return response


async def on_crash(request: Request, _: Exception) -> Response:
    """A fault of ours; Starlette raises it again and uvicorn logs it. No middleware is passed on this way out."""
    response = _answer(request, 500, ErrorCode.INTERNAL, explain(ErrorCode.INTERNAL, {}, language(request)))
    response.headers.update(EVERYWHERE)
    return response


def language(request: Request) -> Language:
    """The link's, as far as it is known, or else what the browser asks for."""
    if known := getattr(request.state, "language", None):
        return cast("Language", known)
    wanted = request.headers.get("accept-language", "").split(",")[0].split(";")[0].strip()
    return language_of(wanted if wanted != "*" else None, site_of(request).settings.language)


def _answer(request: Request, status: int, code: str, sentence: str) -> Response:
    if _wants_json(request):
        return JSONResponse({"code": code, "message": sentence}, status)
    return site_of(request).pages.error(status, sentence, language(request), retry=status == _BUSY)


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _ask(request: Request, status: int, code: str, sentence: str) -> Response:
    """For a link's password: with a form, except where a program asks for a part of a file or for JSON."""
    if "range" in request.headers:
        return PlainTextResponse(f"{sentence}\n", status)
    if _wants_json(request):
        return _answer(request, status, code, sentence)
    wrong = "" if code == ErrorCode.PASSWORD_NEEDED else sentence
    return site_of(request).pages.password(token_of(request), wrong, language(request), status)
