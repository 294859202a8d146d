"""What a form of ours carries, so that no other site's page can send one."""

import hashlib
import hmac
from collections.abc import Mapping

from starlette.requests import Request

from heygem.base.errors import ErrorCode, HeygemError

_OWN = ("same-origin", "none")  # who may post: our own pages, and a person's own hand


def form_key(secret: str) -> str:
    """Stands in every form of a page that only whoever has `secret`, its cookie or token, can read."""
    return hmac.digest(secret.encode(), b"form", hashlib.sha256).hex()[:32]


def require_key(fields: Mapping[str, str], secret: str) -> None:
    """Raises FORM_STALE."""
    if not hmac.compare_digest(fields.get("key", "").encode(errors="replace"), form_key(secret).encode()):
        raise HeygemError(ErrorCode.FORM_STALE)


def require_own_page(request: Request) -> None:
    """Browsers say which site's page sends a form. Raises FORM_STALE."""
    if request.headers.get("sec-fetch-site", "same-origin") not in _OWN:
        raise HeygemError(ErrorCode.FORM_STALE)
