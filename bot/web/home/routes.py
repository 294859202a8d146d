"""The address alone, for whoever types it."""

from starlette.requests import Request
from starlette.responses import Response

from bot.web.failures import language
from bot.web.home.view import PLATFORMS, home_page
from bot.web.site import site_of
from heygem.base.errors import HeygemError
from heygem.base.sentences import LANGUAGES, Language
from heygem.redis.handles import handles


async def home(request: Request) -> Response:
    """In the language of `?lang=`, or else in that of the browser. It needs no Redis."""
    site = site_of(request)
    try:
        told = await handles(site.redis, PLATFORMS)
    except HeygemError:
        told = {}
    return site.pages.home(home_page(site.settings, told, _chosen(request)))


def _chosen(request: Request) -> Language:
    wanted = request.query_params.get("lang")
    return wanted if wanted in LANGUAGES else language(request)
