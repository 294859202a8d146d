"""From a claim to what the render process is asked for."""

from pathlib import Path

from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.claims import Claim
from heygem.batches.model import MediaFile
from heygem.engines.base import RenderRequest
from heygem.media.info import FPS
from heygem.storage.layout import Storage
from worker.wire import Order, next_id

_BITS_PER_PIXEL = 0.15  # a generous guess at what a video takes


def order_for(claim: Claim, storage: Storage, folder: Path) -> Order:
    """Raises:
    HeygemError: FILE_MISSING, DISK_FULL, NO_ACCESS.
    """
    batch, voice, template = claim.batch, claim.voice, claim.item.template
    expected = expected_bytes(voice, template)
    storage.require_space(expected)
    return Order(
        id=next_id(),
        engine=batch.engine,
        request=RenderRequest(
            voice=_present(storage, voice),
            template=_present(storage, template),
            options=batch.options,
            transcript=_transcript(claim),
            voice_name=voice.name,
            template_name=template.name,
            voice_sha256=voice.sha256,
            template_sha256=template.sha256,
        ),
        folder=folder.absolute(),
        cache=storage.cache(claim.owner).absolute(),
        expected_bytes=expected,
    )


def _transcript(claim: Claim) -> str | None:
    """What the batch's voice says; nobody told what an item's own voice says."""
    return claim.batch.transcript or None if claim.item.voice is None else None


def _present(storage: Storage, file: MediaFile) -> Path:
    path = storage.file(file.owner, file.sha256)
    if not path.exists():
        if not storage.in_use:  # nobody's files are here: this machine has lost its data folder, not the item its file
            raise HeygemError(ErrorCode.NO_ACCESS, name="data_dir")
        raise HeygemError(ErrorCode.FILE_MISSING, name=file.name)
    return path.absolute()


def expected_bytes(voice: MediaFile, template: MediaFile) -> int:
    """Roughly what the finished video will take."""
    video = template.info.video
    pixels = video.width * video.height if video else 0
    return int(voice.info.duration_s * FPS * pixels * _BITS_PER_PIXEL / 8)
