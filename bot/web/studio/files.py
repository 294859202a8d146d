"""Files into the studio's batches.

| request              | answer                                                               |
|---|---|
| `POST /studio/files`  | on to a page that takes files of any size; a script gets its address |
"""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.dialogue.intents import OpenBatch
from bot.dialogue.message import ShowStatus
from bot.web.site import Site, site_of
from bot.web.studio.visitor import Visitor, posted
from heygem.base.errors import ErrorCode, HeygemError
from heygem.links.upload import Invitation

_SEE_OTHER = 303


async def _files(request: Request) -> Response:
    """Into the batch that is named, or collected in the person's place; one is opened if there is none.

    With an item, what is sent is that template's own voice.
    """
    visitor, fields = await posted(request)
    site = site_of(request)
    batch_id = fields.get("batch") or await _collecting(site, visitor)
    batch = await site.store.get(batch_id)
    if batch.owner != visitor.person:
        raise HeygemError(ErrorCode.BATCH_UNKNOWN)
    item = fields.get("item", "")
    if item and item not in {each.id for each in batch.items}:
        raise HeygemError(ErrorCode.BUTTON_UNKNOWN)
    invitation = Invitation(batch=batch_id, person=visitor.person, language=visitor.language, item=item)
    link = await site.bot.uploads.create(invitation)
    path = urlsplit(link.url).path  # the address that the browser came by may be another than the public one
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"files": f"{path}/files"})
    return RedirectResponse(path, _SEE_OTHER)


async def _collecting(site: Site, visitor: Visitor) -> str:
    answer = await site.bot.dialogue.do(visitor.says(), OpenBatch())
    if answer.error is not None:
        raise answer.error
    (batch_id,) = (reply.batch_id for reply in answer.replies if isinstance(reply, ShowStatus))
    return batch_id


ROUTES = (Route("/studio/files", _files, methods=["POST"]),)
