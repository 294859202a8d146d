"""Files come in: as a request's body, or from an address that the server fetches. The dialogue takes them from here."""

import asyncio
from contextlib import aclosing
from email.message import Message
from pathlib import Path

from bot.api.call import Call
from bot.api.models import BatchBody, ItemBody, RemoteTemplate, RemoteVoice
from bot.api.remote import remote
from bot.api.source import Source
from bot.api.view import item_shown
from bot.dialogue.intents import AddFile, Role
from bot.dialogue.message import Attachment
from bot.slots import RETRY_S, Slot
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch, BatchState


async def add_voice(call: Call) -> BatchBody:
    batch = await _open(call)
    if call.body.is_json:
        wanted = await call.body.read(RemoteVoice)
        source, transcript = (
            remote(wanted.url, wanted.name, call.services.settings.api.allowed_hosts),
            wanted.transcript,
        )
    else:
        source, transcript = _sent(call), call.request.query_params.get("transcript", "")
    await _add(call, batch, "voice", source, transcript)
    return await call.show(batch.id)


async def add_template(call: Call) -> ItemBody:
    batch = await _open(call)
    if call.body.is_json:
        wanted = await call.body.read(RemoteTemplate)
        source = remote(wanted.url, wanted.name, call.services.settings.api.allowed_hosts)
    else:
        source = _sent(call)
    await _add(call, batch, "template", source)
    item = await call.services.bot.store.item_of_message(batch.id, call.id)
    if item is None:  # taken out again a moment ago
        raise HeygemError(ErrorCode.ITEM_UNKNOWN, number=0)
    return item_shown(item, call.language)


async def _open(call: Call) -> Batch:
    """The batch, if it takes files: nobody's bytes are read for one that doesn't."""
    batch = await call.batch()
    if batch.state is not BatchState.COLLECTING:
        raise HeygemError(ErrorCode.BATCH_STARTED)
    return batch


async def _add(call: Call, batch: Batch, role: Role, source: Source, caption: str = "") -> None:
    async def fetch(path: Path, limit: int) -> None:
        slot = call.services.uploads.take(call.holder.digest)
        try:
            await _write(path, source, limit, slot)
        except asyncio.CancelledError:
            _unless_evicted(slot)
            limit_at_once = call.services.settings.web.simultaneous_uploads
            raise HeygemError(ErrorCode.UPLOADS_BUSY, limit=limit_at_once, retry_s=RETRY_S) from None
        finally:
            slot.release()

    await call.do(AddFile(Attachment(fetch, source.name, source.size), caption, role), batch)


async def _write(path: Path, source: Source, limit: int, slot: Slot) -> None:
    with path.open("wb") as file:
        async with aclosing(source.blocks(limit)) as blocks:  # a full disk leaves no connection open
            async for block in blocks:
                await asyncio.to_thread(file.write, block)
                slot.moved(len(block))


def _unless_evicted(slot: Slot) -> None:
    """A slow upload makes room for another and is told so; what else cancels us does."""
    task = asyncio.current_task()
    if not slot.evicted or task is None:
        raise asyncio.CancelledError
    task.uncancel()


def _sent(call: Call) -> Source:
    name = call.request.query_params.get("name") or _file_name(call.request.headers.get("content-disposition", ""))
    return Source(lambda limit: call.body.blocks(limit, name), name, call.body.size)


def _file_name(disposition: str) -> str:
    """What `attachment; filename*=UTF-8''…` names."""
    header = Message()
    header["content-disposition"] = disposition
    return header.get_filename("")
