"""Browsers that gave a link's password: each keeps the key to that link, as a cookie for the link's addresses alone."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from heygem.base.settings import Web
from heygem.links.download import OpenLink


def admitted(request: Request, link: OpenLink) -> bool:
    """Whether a link is open to this browser: it has no password, or the browser has its key."""
    return link.lock is None or link.lock.fits(request.cookies.get(_name(link), ""))


def remember(response: Response, link: OpenLink, token: str, key: str, lasts_s: float, web: Web) -> None:
    """For as long as the link works. The zip has an address of its own, so the cookie is set for both."""
    address = urlsplit(web.base_url)
    for path in (f"/b/{token}", "/download/batch"):
        response.set_cookie(
            _name(link),
            key,
            max_age=int(lasts_s),
            path=address.path + path,
            secure=address.scheme == "https",
            httponly=True,
            samesite="lax",  # a link in a chat leads here from another site
        )


def _name(link: OpenLink) -> str:
    return f"heygem_link_{link.digest[:16]}"
