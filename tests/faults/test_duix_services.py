"""Real workers and HeyGem services: items run side by side, and a killed worker costs the service no second task."""

import asyncio
import io
import json
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import av
import numpy as np
import pytest

from bot.dialogue.message import LinkButton, Say
from heygem.base.errors import ErrorCode, HeygemError
from heygem.batches.model import Batch, BatchState, ItemState, MediaFile
from heygem.batches.workers import offers
from heygem.face import present
from heygem.links.download import Links
from heygem.media.info import MediaInfo
from heygem.media.probe import probe
from heygem.storage.cache import Cache
from tests.chatting import Chat, Room
from tests.engines.stub_engine import Script
from tests.faces import handheld, nothing, write_clip
from tests.factories import ANNA, media_file, place
from tests.fakes.duix import FakeDuix, running
from tests.faults.house import House
from tests.media import make_video, make_voice
from tests.whisper import make_checkpoint

SECONDS = 1.0


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[FakeDuix]]:
    with ExitStack() as stack:
        yield [stack.enter_context(running(tmp_path_factory.mktemp("gpu"))) for _ in range(2)]


@pytest.fixture
def services(processes: list[FakeDuix]) -> list[FakeDuix]:
    for service in processes:
        service.renew()
    return processes


def environment(*services: FakeDuix) -> dict[str, str]:
    endpoints = [service.endpoint().model_dump(mode="json") for service in services]
    return {"HEYGEM_DUIX__ENDPOINTS": json.dumps(endpoints), "HEYGEM_DUIX__POLL_SECONDS": "0.1"}


async def generated(house: House, folder: Path, templates: int) -> Batch:
    """A batch for the services, with real media."""
    batch = await house.store.open(ANNA, place(f"chat-{time.monotonic_ns()}"), "en")
    await house.store.set_options(batch.id, engine="duix")
    voice = make_voice(folder / "voice.wav", SECONDS)
    await house.store.set_voice(
        batch.id, media_file(house.storage, ANNA, "voice", info(house, voice), voice.read_bytes()), "v"
    )
    for number in range(templates):
        path = make_video(folder / f"{number}.mp4", 0.4 + number / 25)
        file = media_file(house.storage, ANNA, path.name, info(house, path), path.read_bytes())
        await house.store.add_template(batch.id, file, f"{number}")
        _known_to_show_a_face(house, file)
    return await house.store.generate(batch.id)


def _known_to_show_a_face(house: House, file: MediaFile) -> None:
    """These pictures are quicker to make than to look into, in a process for each service."""
    cache = Cache(house.storage.cache(file.owner))
    cache.get("face", file.sha256, present.RECIPE, lambda: {"frame": np.array(0)})


def info(house: House, path: Path) -> MediaInfo:
    return probe(path, path.name, house.settings.limits)


def frames(data: bytes) -> int:
    with av.open(io.BytesIO(data), "r") as container:
        return len(list(container.decode(video=0)))


async def accepted(house: House, service: FakeDuix) -> None:
    async def look() -> bool:
        return bool(service.ledger().tasks)

    await house.until(look)


async def test_a_batch_goes_through_chat_queue_worker_and_two_services_into_a_zip(
    house: House, services: list[FakeDuix], tmp_path: Path
) -> None:
    for service in services:
        service.behave(work_s=1.0)
    house.start_worker(**environment(*services))
    room = Room(house.redis, house.settings)
    chat = Chat(room)
    await chat.say("/settings engine duix")
    await chat.send_file(make_voice(tmp_path / "hello.ogg", SECONDS))
    for number in range(2):
        await chat.send_file(write_clip(tmp_path / f"face {number}.mp4", handheld(8 + number, 160, 1.0)))
    await chat.send_file(write_clip(tmp_path / "wall.mp4", [nothing(64)] * 4))
    await chat.say("/generate")
    batch = await room.store.latest(chat.place)
    assert batch is not None

    ended = await house.ended(batch)
    await chat.say("/export")

    assert ended.state is BatchState.DONE
    (button,) = [b for say in chat.replies if isinstance(say, Say) for b in say.buttons if isinstance(b, LinkButton)]
    opened = await room.links.open(button.url.rpartition("/")[2])
    with zipfile.ZipFile(io.BytesIO(b"".join(opened.plan.read(0, opened.plan.size)))) as archive:
        assert archive.testzip() is None
        names = [name for name in archive.namelist() if name.endswith(".mp4")]
        assert names == ["001_face 0.mp4", "002_face 1.mp4"]
        assert {frames(archive.read(name)) for name in names} == {25}
        manifest = json.loads(archive.read("manifest.json"))
    assert [item["engine"] for item in manifest["items"][:2]] == ["duix", "duix"]
    assert manifest["items"][2]["error"]["code"] == "no_face"
    tasks = [service.ledger().tasks for service in services]
    assert [len(done) for done in tasks] == [1, 1]  # none for the wall
    assert [service.ledger().violations for service in services] == [[], []]
    assert max(done[0].began for done in tasks) < min(done[0].ended for done in tasks)  # side by side
    house.stop_workers()
    assert [service.files() for service in services] == [[], []]


async def test_what_whisper_hears_stands_beside_each_video_in_the_zip(
    house: House, services: list[FakeDuix], tmp_path: Path
) -> None:
    """A checkpoint of random weights: rubbish, in the real way. Killing the worker meanwhile leaves none behind."""
    make_checkpoint(house.settings.models / "whisper" / "tiny.pt")
    services[0].behave(work_s=2)
    ours = environment(services[0]) | {"NUMBA_DISABLE_JIT": "1"}
    victim = house.start_worker(**ours)
    batch = await generated(house, tmp_path, 2)
    await accepted(house, services[0])
    victim.kill()
    victim.wait()
    house.start_worker(**ours)

    ended = await house.ended(batch)

    links = Links(house.redis, house.settings)
    opened = await links.open((await links.create(ended)).token)
    with zipfile.ZipFile(io.BytesIO(b"".join(opened.plan.read(0, opened.plan.size)))) as archive:
        assert sorted(archive.namelist()) == ["001_0.mp4", "001_0.srt", "002_1.mp4", "002_1.srt", "manifest.json"]
        assert archive.read("001_0.srt") == archive.read("002_1.srt")
        assert archive.read("001_0.srt").startswith(b"1\n00:00:0")
        assert [item["subtitles"] for item in json.loads(archive.read("manifest.json"))["items"]] == [
            "001_0.srt",
            "002_1.srt",
        ]
    house.stop_workers()
    kept = {path.name for path in house.storage.results(ANNA.owner, batch.id).iterdir()}
    names = {item.output.name for item in ended.items if item.output}
    assert kept == names | {name.replace(".mp4", suffix) for name in names for suffix in (".srt", ".jpg")}


@pytest.mark.parametrize("end", ["SIGKILL", "SIGTERM"])
async def test_a_worker_that_ends_while_the_service_works_costs_no_second_task(
    house: House, services: list[FakeDuix], tmp_path: Path, end: str
) -> None:
    services[0].behave(work_s=2)
    victim = house.start_worker(**environment(*services[:1]))
    batch = await generated(house, tmp_path, 1)
    await accepted(house, services[0])
    if end == "SIGKILL":
        victim.kill()
    else:
        victim.terminate()
    assert victim.wait(10) == (-9 if end == "SIGKILL" else 0)
    house.start_worker(**environment(*services[:1]))

    item = (await house.ended(batch)).items[0]

    assert (item.state, item.fence, item.losses) == (ItemState.DONE, 2, int(end == "SIGKILL"))
    assert len(services[0].ledger().tasks) == 1
    house.stop_workers()
    assert services[0].files() == []


async def test_what_is_rendered_here_does_not_wait_for_a_service_nor_it_for_that(
    house: House, services: list[FakeDuix], tmp_path: Path
) -> None:
    """One worker: two items at two services and one in its own render process, all at the same time."""
    for service in services:
        service.behave(work_s=2)
    remote = await generated(house, tmp_path, 2)
    local = await house.generate(Script(generate=2.0), Script())
    house.start_worker(**environment(*services))

    async def together() -> bool:
        batches = await asyncio.gather(*(house.store.get(batch.id) for batch in (remote, local)))
        return [[item.state.value for item in batch.items] for batch in batches] == [
            ["running", "running"],
            ["running", "waiting"],
        ]

    await house.until(together)
    ended = await asyncio.gather(house.ended(remote), house.ended(local))
    assert [batch.state for batch in ended] == [BatchState.DONE, BatchState.DONE]
    house.stop_workers()


async def test_a_cancelled_item_stops_waiting_though_its_service_goes_on(
    house: House, services: list[FakeDuix], tmp_path: Path
) -> None:
    services[0].behave(work_s=60)
    house.start_worker(**environment(*services[:1]))
    batch = await generated(house, tmp_path, 1)
    await accepted(house, services[0])

    asked = time.time()
    await house.store.cancel(batch.id)
    ended = await house.ended(batch)

    assert ended.items[0].state is ItemState.CANCELLED
    assert ended.ended - asked < 3
    house.stop_workers()
    assert services[0].files() != []  # tidied up by the sweep when the service has ended it


async def test_without_a_service_a_batch_for_one_is_refused_before_anybody_waits(house: House, tmp_path: Path) -> None:
    house.start_worker()

    async def there() -> bool:
        return bool(await offers(house.redis))

    await house.until(there)
    with pytest.raises(HeygemError) as caught:
        await generated(house, tmp_path, 1)
    assert (caught.value.code, caught.value.params["engine"]) == (ErrorCode.ENGINE_UNAVAILABLE, "duix")
    house.stop_workers()
