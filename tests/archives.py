"""Batches with finished, failed and waiting items, and their result files, for tests of archives and pages."""

import random
import time
import zlib
from collections.abc import Sequence
from pathlib import Path

from heygem.base.errors import ErrorCode
from heygem.base.sentences import Language
from heygem.batches.model import Batch, BatchState, Failure, Item, ItemState, MediaFile, Output, Person, Place
from heygem.engines.base import RenderResult
from heygem.media.info import AudioInfo, MediaInfo, VideoInfo
from heygem.storage.layout import Storage

PERSON = Person(platform="console", id="me")
PLACE = Place(platform="console", chat="me")


def template(name: str) -> MediaFile:
    video = VideoInfo(codec="h264", width=720, height=1280, rotation=0, fps=25, frames=250, pixel_format="yuv420p")
    info = MediaInfo(format="mp4", duration_s=10, size=1000, streams=2, video=video)
    return MediaFile(
        owner=PERSON.owner, sha256=f"{zlib.crc32(name.encode('utf-8', 'replace')):064x}", name=name, info=info
    )


def voice(name: str = "hello.ogg") -> MediaFile:
    info = MediaInfo(
        format="ogg",
        duration_s=4.2,
        size=9000,
        streams=1,
        audio=AudioInfo(codec="opus", sample_rate=48000, channels=1),
    )
    return MediaFile(owner=PERSON.owner, sha256=64 * "a", name=name, info=info)


def batch_of(names: Sequence[str], language: Language = "en", batch_id: str = "abcdefgh23") -> Batch:
    """A queued batch whose items all wait."""
    now = time.time()
    items = [
        Item(id=f"item{number}", batch=batch_id, number=number, template=template(name))
        for number, name in enumerate(names, 1)
    ]
    return Batch(
        id=batch_id,
        owner=PERSON,
        place=PLACE,
        language=language,
        voice=voice(),
        state=BatchState.QUEUED,
        created=now - 60,
        queued=now - 50,
        items=items,
    )


def finish(item: Item, storage: Storage, content: bytes | None = None) -> Path:
    """Make an item done, with a result file of `content` or of random bytes."""
    content = random.Random(item.number).randbytes(200_000) if content is None else content
    item.state, item.fence, item.ended = ItemState.DONE, 1, 1_795_000_000.0 + item.number
    name = f"{item.id}.{item.fence}.mp4"
    path = storage.results(PERSON.owner, item.batch) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    item.output = Output(name=name, size=len(content), crc32=zlib.crc32(content), result=result())
    return path


def fail(item: Item) -> None:
    item.state, item.ended = ItemState.FAILED, time.time()
    item.failure = Failure(code=ErrorCode.NO_FACE, params={"name": item.template.name})


def result() -> RenderResult:
    return RenderResult(
        engine="mesh",
        frames=105,
        fps=25,
        duration_s=4.2,
        width=720,
        height=1280,
        faces_missing=0,
        several_faces=False,
        cached={"speech": True, "face": False},
        seconds={"probe": 0.1, "listen": 0, "analyze": 1.5, "generate": 2.5, "total": 4.1},
    )
