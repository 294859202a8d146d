"""What the addresses of a link open: none gives anything of a batch but through here."""

from starlette.requests import Request

from bot.web.sharing.guest import admitted
from bot.web.site import site_of
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch, Item
from heygem.links.download import OpenLink


async def opened(request: Request) -> tuple[OpenLink, Batch]:
    """The link that an address is of, and its batch.

    Raises:
        HeygemError: LINK_UNKNOWN, LINK_EXPIRED, SHARE_EXPIRED, LINK_REVOKED, LINK_CLOSED, PASSWORD_NEEDED,
            BATCH_UNKNOWN.
    """
    site = site_of(request)
    link = await site.bot.links.open(token_of(request))
    if not admitted(request, link):
        raise HeygemError(ErrorCode.PASSWORD_NEEDED)
    return link, await site.store.get(link.batch_id)


async def owned(request: Request) -> Batch:
    """The batch of a link of its people's own. Raises SHARE_ONLY too."""
    link, batch = await opened(request)
    if link.shared:
        raise HeygemError(ErrorCode.SHARE_ONLY)
    return batch


async def item_of(request: Request) -> tuple[Batch, Item]:
    """The one whose number is in the address. Raises ITEM_UNKNOWN too."""
    _, batch = await opened(request)
    number: int = request.path_params["number"]
    for item in batch.items:
        if item.number == number:
            return batch, item
    raise HeygemError(ErrorCode.ITEM_UNKNOWN, number=number)


def token_of(request: Request) -> str:
    """What was given as a link's token: as part of the path, or of a zip's query."""
    token: str = request.path_params.get("token") or request.query_params.get("token", "")
    return token
