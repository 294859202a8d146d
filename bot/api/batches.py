"""Batches from their creation to their deletion."""

from collections.abc import Callable

from starlette.responses import Response

from bot.api.addresses import checked
from bot.api.call import Call
from bot.api.models import BatchBody, BatchList, CreatedBody, ExportBody, NewBatch
from bot.api.signature import new_secret
from bot.api.view import shown
from bot.dialogue.intents import (
    Cancel,
    DeleteBatch,
    Export,
    Generate,
    Intent,
    OpenBatch,
    Pause,
    PutFirst,
    RemoveItem,
    Resume,
    SetOption,
)
from bot.dialogue.message import LinkButton, Say, ShowStatus
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch, BatchState
from heygem.batches.webhooks import Hook, Webhooks


async def create(call: Call) -> CreatedBody:
    wanted = await call.body.read(NewBatch)
    hook = await _hook(call, wanted)
    answer = await call.do(OpenBatch())
    (batch_id,) = (reply.batch_id for reply in answer.replies if isinstance(reply, ShowStatus))
    batch = await call.services.bot.store.get(batch_id)
    try:
        for name, value in _chosen(wanted).items():
            await call.do(SetOption(name, value, batch.id), batch)
        if hook is not None:
            await Webhooks(call.services.redis).create(batch.id, hook)
    except HeygemError:
        await call.do(DeleteBatch(batch.id), batch)
        raise
    body = await call.show(batch.id)
    return CreatedBody(**dict(body), webhook_secret=hook.secret if hook else None)


async def _hook(call: Call, wanted: NewBatch) -> Hook | None:
    """An address that may never be told is refused before there is a batch."""
    if wanted.webhook is None:
        return None
    await checked(wanted.webhook.url, call.services.settings.api.allowed_hosts)
    return Hook(url=wanted.webhook.url, secret=wanted.webhook.secret or new_secret())


def _chosen(wanted: NewBatch) -> dict[str, str]:
    """What was said, as a person would type it."""
    options = wanted.options.model_dump(include=wanted.options.model_fields_set)
    named = {"language": wanted.language, "engine": wanted.engine, **options}
    return {name: str(value) for name, value in named.items() if value is not None}


async def index(call: Call) -> BatchList:
    store = call.services.bot.store
    mine = await store.history(call.person)
    return BatchList(batches=[await shown(batch, store, call.language) for batch in mine])


async def show(call: Call) -> BatchBody:
    batch = await call.batch()
    return await shown(batch, call.services.bot.store, call.language)


async def delete(call: Call) -> Response:
    batch = await call.batch()
    await call.do(DeleteBatch(batch.id), batch)
    return Response(status_code=204)


async def remove_item(call: Call) -> Response:
    batch, item = await call.batch(), call.request.path_params["item"]
    if all(each.id != item for each in batch.items):
        raise HeygemError(ErrorCode.ITEM_UNKNOWN, number=item[:40])
    await call.do(RemoveItem(batch.id, item), batch)
    return Response(status_code=204)


async def generate(call: Call) -> BatchBody:
    batch = await call.batch()
    if batch.state is not BatchState.COLLECTING:
        raise HeygemError(ErrorCode.BATCH_STARTED)
    await call.do(Generate(batch.id), batch)
    return await call.show(batch.id)


async def cancel(call: Call) -> BatchBody:
    return await _do(call, Cancel)


async def pause(call: Call) -> BatchBody:
    return await _do(call, Pause)


async def resume(call: Call) -> BatchBody:
    return await _do(call, Resume)


async def put_first(call: Call) -> BatchBody:
    return await _do(call, PutFirst)


async def _do(call: Call, intent: Callable[[str], Intent]) -> BatchBody:
    batch = await call.batch()
    await call.do(intent(batch.id), batch)
    return await call.show(batch.id)


async def export(call: Call) -> ExportBody:
    """A fresh link to what is finished."""
    return ExportBody(url=await _link(call, await call.batch()))


async def _link(call: Call, batch: Batch) -> str:
    answer = await call.do(Export(batch.id), batch)
    says = (reply for reply in answer.replies if isinstance(reply, Say))
    (url,) = (button.url for say in says for button in say.buttons if isinstance(button, LinkButton))
    return url
