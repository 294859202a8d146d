"""Who is at the studio: a signed-in browser, known by its cookie, and what it may post."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from bot.dialogue.message import Said
from bot.dialogue.text import Language
from bot.web.body import form
from bot.web.forms import form_key, require_key, require_own_page
from bot.web.site import Site, site_of
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Web
from heygem.batches.model import Person
from heygem.links.browsers import SIGNED_IN_S
from heygem.links.sign_in import SignIn

_COOKIE = "heygem_studio"


@dataclass(frozen=True)
class Visitor:
    """`form_key` stands in every form of a page: no other site knows it, since none reads our pages or the cookie."""

    sign_in: SignIn
    language: Language
    cookie: str = field(repr=False)

    @property
    def form_key(self) -> str:
        return form_key(self.cookie)

    @property
    def person(self) -> Person:
        return self.sign_in.person

    def says(self) -> Said:
        """A new message of this person's, in the place where they signed in."""
        return Said(self.person, self.sign_in.place, f"studio:{uuid4().hex}", language=self.language)


async def visitor_of(request: Request) -> Visitor:
    """Raises SIGNED_OUT, NOT_ALLOWED."""
    site, cookie = site_of(request), request.cookies.get(_COOKIE, "")
    sign_in = await site.bot.browsers.known(cookie)
    request.state.language = sign_in.language
    standing = await site.bot.access.standing(sign_in.person, sign_in.place)
    request.state.language = language = standing.preferences.language or sign_in.language
    if not standing.served:
        raise HeygemError(ErrorCode.NOT_ALLOWED)
    return Visitor(sign_in, language, cookie)


async def posted(request: Request) -> tuple[Visitor, dict[str, str]]:
    """A form of one of our pages, and who sent it. Raises FORM_STALE, PRESSES_MANY too."""
    visitor = await visitor_of(request)
    require_own_page(request)
    fields = await form(request)
    require_key(fields, visitor.cookie)
    await site_of(request).bot.browsers.press(visitor.person)
    return visitor, fields


def remember(response: Response, cookie: str, web: Web) -> None:
    address = urlsplit(web.base_url)
    response.set_cookie(
        _COOKIE,
        cookie,
        max_age=SIGNED_IN_S,
        path=f"{address.path}/studio",
        secure=address.scheme == "https",
        httponly=True,
        samesite="lax",  # a link in a chat leads here from another site
    )


async def sign_out(request: Request, response: Response, site: Site) -> None:
    await site.bot.browsers.dismiss(request.cookies.get(_COOKIE, ""))
    response.delete_cookie(_COOKIE, path=f"{urlsplit(site.settings.web.base_url).path}/studio")
