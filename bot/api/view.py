"""A batch as the interface shows it: a function of its record and of what waits before it."""

from typing import Literal

from bot.api.failures import refusal
from bot.api.models import BatchBody, File, Forecast, ItemBody
from bot.dialogue.estimate import Estimate, Queue, progress
from heygem.base.errors import HeygemError
from heygem.base.sentences import Language
from heygem.batches.model import Batch, Item, MediaFile
from heygem.batches.store import Store


async def shown(batch: Batch, store: Store, language: Language) -> BatchBody:
    """`language` is that of the sentences about failures."""
    return BatchBody(
        id=batch.id,
        state=batch.state,
        paused=batch.paused,
        version=batch.version,
        language=batch.language,
        engine=batch.engine,
        options=batch.options,
        transcript=batch.transcript,
        voice=_file(batch.voice),
        items=[item_shown(item, language) for item in batch.items],
        estimate=await _forecast(batch, store),
        created=batch.created,
        queued=batch.queued or None,
        ended=batch.ended or None,
    )


def item_shown(item: Item, language: Language) -> ItemBody:
    failure = item.failure
    return ItemBody(
        id=item.id,
        number=item.number,
        state=item.state,
        stage=item.stage or None,
        fraction=progress(item),
        failure=refusal(HeygemError(failure.code, **failure.params), language) if failure else None,
        template=_known(item.template),
        voice=_file(item.voice),
        warning=_warning(item),
    )


def _warning(item: Item) -> Literal["no_face", "several_faces"] | None:
    if not item.doubtful:
        return None
    return "several_faces" if item.faces else "no_face"


async def _forecast(batch: Batch, store: Store) -> Forecast | None:
    if batch.state.terminal or not batch.items or batch.voice is None:
        return None
    estimate = Estimate.of(batch, await Queue.before(batch, store))
    return Forecast(seconds=estimate.seconds, listening_seconds=estimate.listening_s, bytes=estimate.size)


def _file(file: MediaFile | None) -> File | None:
    return _known(file) if file else None


def _known(file: MediaFile) -> File:
    return File(name=file.name, sha256=file.sha256, seconds=file.info.duration_s, bytes=file.info.size)
