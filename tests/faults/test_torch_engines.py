"""The engines that need model files, through chat, queue and real workers, with tiny random networks on the CPU."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import av

from bot.dialogue.message import LinkButton, Say
from heygem.base.errors import ErrorCode
from heygem.batches.model import Batch, BatchState, ItemState
from heygem.batches.workers import Health, offers
from tests.chatting import Chat, Room
from tests.engines.stub_engine import Script
from tests.faces import handheld, nothing, write_clip
from tests.faults.house import House
from tests.media import make_voice
from tests.tiny_latentsync import make_latentsync
from tests.tiny_musetalk import make_musetalk

SECONDS = 0.4
FRAMES = 10

MAKERS: dict[str, Callable[[Path], Path]] = {"musetalk": make_musetalk, "latentsync": make_latentsync}
UNET = "musetalkV15/unet.pth"


def environment(models: Path) -> dict[str, str]:
    return {
        "HEYGEM_MODELS_DIR": str(models),
        "HEYGEM_LATENTSYNC__STEPS": "2",
        "HEYGEM_GPU__DEVICE": "cpu",
        "OMP_NUM_THREADS": "1",
    }


async def spoken(chat: Chat, folder: Path, engine: str, *templates: Path) -> Batch:
    """A batch, asked for in chat."""
    await chat.say(f"/settings engine {engine}")
    await chat.send_file(make_voice(folder / "hello.ogg", SECONDS))
    for template in templates:
        await chat.send_file(template)
    await chat.say("/generate")
    batch = await chat.room.store.latest(chat.place)
    assert batch is not None
    return batch


async def exported(chat: Chat) -> zipfile.ZipFile:
    await chat.say("/export")
    (button,) = [b for say in chat.replies if isinstance(say, Say) for b in say.buttons if isinstance(b, LinkButton)]
    opened = await chat.room.links.open(button.url.rpartition("/")[2])
    return zipfile.ZipFile(io.BytesIO(b"".join(opened.plan.read(0, opened.plan.size))))


def frames(data: bytes) -> int:
    with av.open(io.BytesIO(data), "r") as container:
        return len(list(container.decode(video=0)))


async def test_batches_go_through_chat_queue_and_one_worker_into_zips(house: House, tmp_path: Path) -> None:
    for make in MAKERS.values():
        make(tmp_path / "models")
    house.start_worker(**environment(tmp_path / "models"))
    faces = [write_clip(tmp_path / f"face {number}.mp4", handheld(6 + number, 256, 1.4)) for number in range(2)]
    wall = write_clip(tmp_path / "wall.mp4", [nothing(256)] * 4)
    for engine in MAKERS:
        chat = Chat(Room(house.redis, house.settings))
        ended = await house.ended(await spoken(chat, tmp_path, engine, faces[0], wall, faces[1]))

        assert ended.state is BatchState.DONE
        failures = [item.failure for item in ended.items]
        assert [failure and failure.code for failure in failures] == [None, ErrorCode.NO_FACE, None]
        outputs = [item.output for item in ended.items]
        assert [output and output.result.cached["speech"] for output in outputs] == [False, None, True]
        with await exported(chat) as archive:
            names = [name for name in archive.namelist() if name.endswith(".mp4")]
            assert names == ["001_face 0.mp4", "003_face 1.mp4"]
            assert {frames(archive.read(name)) for name in names} == {FRAMES}
            manifest = json.loads(archive.read("manifest.json"))
        assert {item["engine"] for item in manifest["items"] if item["state"] == "done"} == {engine}
    house.stop_workers()


async def test_items_wait_for_a_broken_model_file_and_other_engines_go_on(house: House, tmp_path: Path) -> None:
    """One engine stands for both: they read their files in the same way, and each trial starts torch anew."""
    broken = make_musetalk(tmp_path / "models") / UNET
    broken.write_bytes(broken.read_bytes()[:1000])
    house.start_worker(**environment(tmp_path / "models"))
    face = write_clip(tmp_path / "face.mp4", handheld(4, 256, 1.4))
    batch = await spoken(Chat(Room(house.redis, house.settings)), tmp_path, "musetalk", face)

    async def ill() -> bool:
        return any(offer.engines.get("musetalk") is Health.ILL for offer in await offers(house.redis))

    await house.until(ill)
    assert (await house.item(batch)).state is ItemState.WAITING
    assert f"weights_broken {{'file': 'musetalk/{UNET}'}}" in house.stderr.read_text()
    other = await house.ended(await house.generate(Script()))
    assert other.state is BatchState.DONE, (other.items[0].failure, house.stderr.read_text()[-3000:])
    house.stop_workers()
