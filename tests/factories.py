"""Small stand-ins for what people send. The files are real on disk; their content is only bytes."""

from itertools import count

from heygem.batches.claims import Claim, Claims
from heygem.batches.model import Batch, MediaFile, Output, Person, Place
from heygem.batches.store import Store
from heygem.engines.base import RenderResult
from heygem.media.info import AudioInfo, MediaInfo, VideoInfo
from heygem.storage.layout import Storage

ANNA = Person(platform="console", id="anna")
BORIS = Person(platform="console", id="boris")
_serial = count(1)


def person(name: str) -> Person:
    return Person(platform="console", id=name)


def place(chat: str = "home", thread: str = "") -> Place:
    return Place(platform="console", chat=chat, thread=thread)


def voice_info(seconds: float = 2.0) -> MediaInfo:
    audio = AudioInfo(codec="pcm_s16le", sample_rate=16_000, channels=1)
    return MediaInfo(format="wav", duration_s=seconds, size=int(32_000 * seconds), streams=1, audio=audio)


def template_info(seconds: float = 4.0) -> MediaInfo:
    video = VideoInfo(
        codec="h264",
        width=640,
        height=480,
        rotation=0,
        fps=25.0,
        frames=int(25 * seconds),
        pixel_format="yuv420p",
    )
    return MediaInfo(format="mp4", duration_s=seconds, size=1_000_000, streams=1, video=video)


def media_file(
    storage: Storage, owner: Person, name: str, info: MediaInfo | None = None, content: bytes | None = None
) -> MediaFile:
    """A file kept in the owner's folder; its content is unique unless given."""
    with storage.arriving() as path:
        path.write_bytes(content if content is not None else f"{name} {next(_serial)}".encode())
        sha256 = storage.keep(owner.owner, path)
    return MediaFile(owner=owner.owner, sha256=sha256, name=name, info=info or template_info())


def voice_file(storage: Storage, owner: Person = ANNA, name: str = "voice.wav") -> MediaFile:
    return media_file(storage, owner, name, voice_info())


def template_file(storage: Storage, owner: Person = ANNA, name: str = "template.mp4") -> MediaFile:
    return media_file(storage, owner, name, template_info())


async def collecting_batch(store: Store, storage: Storage, owner: Person = ANNA, templates: int = 2) -> Batch:
    """A batch with a voice and templates, in a place of its own, not yet generated."""
    batch = await store.open(owner, place(f"chat-{next(_serial)}"), "en")
    await store.set_voice(batch.id, voice_file(storage, owner), "voice-message")
    for number in range(1, templates + 1):
        await store.add_template(batch.id, template_file(storage, owner, f"template {number}.mp4"), f"message-{number}")
    return await store.get(batch.id)


async def queued_batch(store: Store, storage: Storage, owner: Person = ANNA, templates: int = 2) -> Batch:
    batch = await collecting_batch(store, storage, owner, templates)
    return await store.generate(batch.id)


async def claim(claims: Claims, worker: str = "worker") -> Claim | None:
    """What a worker claims that has nothing but the mesh engine."""
    return await claims.claim(worker, ["mesh"], "mesh")


async def sweep(claims: Claims) -> int:
    """How many items such a worker could claim."""
    return await claims.sweep(["mesh", "auto"])


def render_result(seconds: float = 2.0) -> RenderResult:
    return RenderResult(
        engine="mesh",
        frames=int(25 * seconds),
        fps=25.0,
        duration_s=seconds,
        width=640,
        height=480,
        faces_missing=0,
        several_faces=False,
        cached={"speech": False, "face": False},
        seconds={"probe": 0.0, "listen": 0.1, "analyze": 0.2, "generate": 0.3, "total": 0.6},
    )


def output(name: str, size: int = 1000, crc32: int = 0) -> Output:
    return Output(name=name, size=size, crc32=crc32, result=render_result())
