"""What a desk has beside files: a voice recorded, a portrait taken, rows that are dragged, and sound dropped on one.

Chromium's own microphone beeps once a second, and its camera shows the time at the top left.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic import SecretStr
from redis.asyncio import Redis

from heygem.base.settings import Settings
from heygem.batches.model import Batch
from heygem.batches.store import Store
from heygem.engines import mannequin
from heygem.links.sign_in import SignIn, SignInLinks
from heygem.redis.server import EmbeddedRedis
from heygem.storage.layout import Storage
from tests.chromium import Tab, phone
from tests.factories import ANNA, media_file, place
from tests.served import WebServer, web_server
from tests.uploading import recording

LONGEST_S = 4.0  # of a voice
NAMES = ("anna.mp4", "boris.mp4", "chen.mp4")
MOMENT = "document.querySelector('[data-recorder]').dataset.moment"
CAMERA = "document.querySelector('[data-camera]').dataset.moment"
MICROPHONE_TOLD = "document.querySelector('[data-microphone-told]').textContent"
CAMERA_TOLD = "document.querySelector('[data-camera-told]').textContent"
ROWS = "[...document.querySelectorAll('.rows li')].map((row) => row.dataset.name).join('|')"
STREAMS = """
  window.streams = [];
  const {mediaDevices} = navigator, open = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (asked) => (streams.push(await open(asked)), streams.at(-1));
"""
ALL_OFF = (
    "streams.length > 0 && streams.every((stream) => stream.getTracks().every((each) => each.readyState === 'ended'))"
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, redis_server: EmbeddedRedis) -> Settings:
    redis_url = SecretStr(f"unix://{redis_server.socket}")
    return Settings(data_dir=tmp_path_factory.mktemp("data"), redis_url=redis_url)


@pytest.fixture(scope="module")
def server(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HEYGEM_LIMITS__VOICE_SECONDS", str(LONGEST_S))
        with web_server(settings, tmp_path_factory.mktemp("log") / "web.log") as running:
            yield running


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    mannequin.film(path)
    return path.read_bytes()


async def test_a_voice_is_recorded_heard_and_used_for_all_or_for_one(
    devtools: str, server: WebServer, redis: Redis, settings: Settings, film: bytes
) -> None:
    await collected(redis, settings, film)
    async with phone(devtools) as tab:
        await sign_in(tab, server, redis, settings, STREAMS)
        await press(tab, "[data-record]")
        await tab.until(f"{MOMENT} === 'recording' && document.activeElement.matches('[data-stop]')")
        await tab.until("document.querySelector('[data-level]').value > 0.01")
        await tab.until(f"{MOMENT} === 'recorded'")
        assert await tab.value(MICROPHONE_TOLD) == "Stopped at 0:03: no voice may be longer."
        assert await tab.value(ALL_OFF)
        assert await tab.until("isFinite(document.querySelector('[data-listen]').duration)")
        assert 2.5 < await tab.value("document.querySelector('[data-listen]').duration") < LONGEST_S
        await press(tab, "[data-recorder] [data-use]")
        await tab.until("document.querySelectorAll('.file[data-state=added]').length === 1")
        assert (
            await tab.value("document.activeElement.matches('[data-record]') && document.querySelector('audio').src")
            == ""
        )
        batch = await the_batch(redis, settings)
        assert batch.voice is not None
        assert batch.voice.name.startswith("Recording 20")
        assert batch.voice.name.endswith(".webm")

        await record(tab)
        await tab.value(
            "document.querySelector('[data-whose]').value = document.querySelector('[data-whose]')[2].value = 'gone'"
        )
        await press(tab, "[data-recorder] [data-use]")
        assert await tab.value(MICROPHONE_TOLD) == "That video is in the batch no more. Whose voice is it?"
        await tab.value("document.querySelector('[data-whose]').selectedIndex = 2")
        await press(tab, "[data-recorder] [data-use]")
        await tab.until("document.querySelectorAll('.file[data-state=added]').length === 2")
        await record(tab)
        await drag_chip_to_row(tab, 3)
        await tab.until("document.querySelectorAll('.file[data-state=added]').length === 3")
        own = [bool(item.voice) for item in (await the_batch(redis, settings)).items]
        assert own == [False, True, True]

        await press(tab, "[data-record]")
        await tab.until(f"{MOMENT} === 'recording'")
        await press(tab, "[data-recorder] [data-close]")
        assert await tab.value(f"{ALL_OFF} && document.querySelector('[data-recorder]').hidden")
        assert [each for each in tab.console if '"source": "network"' not in each] == []


async def test_a_portrait_is_taken_as_others_see_one_and_the_camera_goes_off(
    devtools: str, server: WebServer, redis: Redis, settings: Settings
) -> None:
    async with phone(devtools) as tab:
        await sign_in(tab, server, redis, settings, STREAMS)
        await press(tab, "[data-portray]")
        await tab.until(f"{CAMERA} === 'live'")
        await press(tab, "[data-take]")
        assert await tab.value(ALL_OFF)
        await press(tab, "[data-camera] [data-again]")
        await tab.until(f"{CAMERA} === 'live'")
        assert await tab.value("getComputedStyle(document.querySelector('[data-camera] video')).transform") == (
            "matrix(-1, 0, 0, 1, 0, 0)"
        )
        await press(tab, "[data-take]")
        await press(tab, "[data-camera] [data-use]")
        await tab.until("document.querySelectorAll('.file[data-state=added]').length === 1")
        (item,) = (await the_batch(redis, settings)).items
        assert item.template.info.still
        assert item.template.name.startswith("Portrait 20")
        assert is_upright_with_its_clock_on_the_left(Storage(settings.data_dir).file(ANNA.owner, item.template.sha256))

        await press(tab, "[data-portray]")
        await tab.until(f"{CAMERA} === 'live'")
        await tab.value("Object.defineProperty(document, 'hidden', {value: true, configurable: true}) && 0")
        await tab.value("document.dispatchEvent(new Event('visibilitychange'))")
        assert await tab.value(ALL_OFF)
        assert await tab.value(CAMERA_TOLD) == "The camera is off, since this page was out of sight."
        assert [each for each in tab.console if '"source": "network"' not in each] == []


async def test_what_keeps_a_microphone_or_a_camera_away_is_said_and_a_button_that_can_not_work_stays_away(
    devtools: str, server: WebServer, redis: Redis, settings: Settings
) -> None:
    async with phone(devtools) as tab:
        await sign_in(tab, server, redis, settings)
        for name, told in (
            ("NotAllowedError", "The browser doesn't let this page use the microphone. Allow that beside its address."),
            ("NotFoundError", "There is no microphone here, so no voice can be recorded."),
            ("NotReadableError", "The microphone can't be used."),
        ):
            await tab.value(
                f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('', '{name}') }}, 0"
            )
            await tab.click("[data-record]")
            await tab.until(f"{MICROPHONE_TOLD}.startsWith({json.dumps(told)})")
            assert await tab.value("document.querySelector('[data-recorder]').hidden")

        await tab.value("navigator.mediaDevices.enumerateDevices = async () => [{kind: 'audioinput'}], 0")
        await tab.value("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
        await tab.until("document.querySelector('[data-portray]').hidden")
        assert await tab.value(CAMERA_TOLD) == "There is no camera here, so no portrait can be taken."
        assert not await tab.value("document.querySelector('[data-record]').hidden")

        plain = "Object.defineProperty(window, 'isSecureContext', {value: false})"
        await tab.do("Page.addScriptToEvaluateOnNewDocument", source=plain)
        await tab.open(f"{server.url}/studio")
        assert not await tab.value("document.querySelector('[data-insecure]').hidden")
        assert await tab.value("document.querySelectorAll('.makers button:not([hidden])').length") == 0


async def test_rows_are_dragged_moved_by_keys_and_renamed_in_their_place(
    devtools: str, server: WebServer, redis: Redis, settings: Settings, film: bytes
) -> None:
    await collected(redis, settings, film)
    async with phone(devtools) as tab:
        await tab.look(1280, dark=False)
        await sign_in(tab, server, redis, settings)
        await tab.value("window.same = true")
        await grab(tab, 1)
        await move_over(tab, 3)
        await tab.until(f"{ROWS} === '2. boris.mp4|3. chen.mp4|1. anna.mp4'")
        await tab.do("Input.dispatchKeyEvent", type="keyDown", key="Escape", windowsVirtualKeyCode=27)
        assert await tab.value(ROWS) == "1. anna.mp4|2. boris.mp4|3. chen.mp4"
        await let_go(tab, 3)

        await tab.value(
            "(fetching => window.fetch = (address, how) => how?.method !== 'POST' ? fetching(address, how)"
            " : (window.fetch = fetching, Promise.resolve(new Response('away', {status: 503}))))(window.fetch), 0"
        )
        await grab(tab, 1)
        await move_over(tab, 3)
        await let_go(tab, 3)
        await tab.until("!document.querySelector('[data-lost]').hidden")
        await tab.until(f"{ROWS} === '1. anna.mp4|2. boris.mp4|3. chen.mp4'")

        await grab(tab, 1)
        await move_over(tab, 3)
        await let_go(tab, 3)
        await tab.until(f"{ROWS} === '1. boris.mp4|2. chen.mp4|3. anna.mp4'")
        await press(tab, ".rows li:nth-child(3) button[data-stay^=up]")
        await tab.until(f"{ROWS} === '1. boris.mp4|2. anna.mp4|3. chen.mp4'")
        await press(tab, ":focus")
        await tab.until(f"{ROWS} === '1. anna.mp4|2. boris.mp4|3. chen.mp4'")
        assert await tab.value("document.activeElement.dataset.stay.startsWith('down')"), "up leads no further"

        await tab.click(".rows li:nth-child(2) summary")
        await tab.value("document.querySelector('.rows li:nth-child(2) input[name=name]').value = 'Dr. بوريس'")
        await tab.click(".rows li:nth-child(2) .renaming button")
        await tab.until(f"{ROWS} === '1. anna.mp4|2. Dr. بوريس|3. chen.mp4'")

        assert await tab.value("window.same"), "nothing loaded the page anew"
        names = [item.template.name for item in (await the_batch(redis, settings)).items]
        assert names == ["anna.mp4", "Dr. بوريس", "chen.mp4"]
        assert await tab.value("document.querySelectorAll('.file').length") == 0, "a row that is dragged is no file"


async def test_sound_dropped_on_a_row_is_that_templates_own_voice_and_anything_else_is_the_batchs(
    devtools: str, server: WebServer, redis: Redis, settings: Settings, film: bytes, tmp_path: Path
) -> None:
    await collected(redis, settings, film)
    sound, other, video = tmp_path / "own.wav", tmp_path / "all.wav", tmp_path / "dora.mp4"
    sound.write_bytes(recording(1.5))
    other.write_bytes(recording(2))
    video.write_bytes(film + b"dora")
    async with phone(devtools) as tab:
        await tab.look(1280, dark=False)
        await sign_in(tab, server, redis, settings)
        await tab.drag(".rows li:nth-child(2)", sound)
        assert await tab.value("document.querySelector('.rows .over').dataset.name") == "2. boris.mp4"
        assert not await tab.value("document.querySelector('[data-drop]').classList.contains('over')")
        await tab.drop(".rows li:nth-child(2)", sound)
        await tab.until("document.querySelectorAll('.file[data-state=added]').length === 1")
        assert await tab.value("document.querySelector('.file bdi').textContent") == "own.wav for 2. boris.mp4"
        assert await tab.value("document.querySelectorAll('.over, .sounding').length") == 0
        await tab.drop(".rows li:nth-child(1)", video)
        await tab.drop("[data-drop]", other)
        await tab.until("document.querySelectorAll('.file[data-state=added]').length === 3")

        batch = await the_batch(redis, settings)
        assert batch.voice is not None
        assert batch.voice.name == "all.wav"
        told = [(item.template.name, item.voice.name if item.voice else "") for item in batch.items]
        assert told == [("anna.mp4", ""), ("boris.mp4", "own.wav"), ("chen.mp4", ""), ("dora.mp4", "")]


async def collected(redis: Redis, settings: Settings, film: bytes) -> None:
    store, storage = Store(redis, settings), Storage(settings.data_dir)
    batch = await store.open(ANNA, place("home"), "en")
    for name in NAMES:
        await store.add_template(batch.id, media_file(storage, ANNA, name, content=film + name.encode()), name)


async def sign_in(tab: Tab, server: WebServer, redis: Redis, settings: Settings, script: str = "") -> None:
    link = await SignInLinks(redis, settings).create(SignIn(person=ANNA, place=place("home"), language="en"))
    await tab.do("Page.addScriptToEvaluateOnNewDocument", source=script)
    await tab.open(server.url + link.url.removeprefix(settings.web.base_url))
    await tab.click("form .button")
    await tab.until("location.pathname === '/studio' && document.readyState === 'complete'")
    await tab.until(
        "!document.querySelector('[data-record]').hidden && !document.querySelector('[data-portray]').hidden"
    )


async def record(tab: Tab) -> None:
    """Something, for a second."""
    await tab.click("[data-record]")
    clock = "document.querySelector('[data-clock]').textContent"
    await tab.until(f"{MOMENT} === 'recorded' || {MOMENT} === 'recording' && {clock} > '0:00'")
    await tab.click("[data-stop]")
    await tab.until(f"{MOMENT} === 'recorded'")


async def drag_chip_to_row(tab: Tab, number: int) -> None:
    await tab.value(
        "(() => { const dataTransfer = new DataTransfer(), how = {dataTransfer, bubbles: true, cancelable: true};"
        " document.querySelector('[data-chip]').dispatchEvent(new DragEvent('dragstart', how));"
        f" const row = document.querySelector('.rows li:nth-child({number})');"
        " row.dispatchEvent(new DragEvent('dragover', how)); row.dispatchEvent(new DragEvent('drop', how));"
        " document.querySelector('[data-chip]').dispatchEvent(new DragEvent('dragend', how)); })()"
    )


async def press(tab: Tab, selector: str) -> None:
    """With the keyboard."""
    await tab.value(f"document.querySelector({json.dumps(selector)}).focus()")
    for kind in ("keyDown", "keyUp"):
        await tab.do("Input.dispatchKeyEvent", type=kind, key="Enter", windowsVirtualKeyCode=13, text="\r")


async def grab(tab: Tab, number: int) -> None:
    await _mouse(tab, "mousePressed", f".rows li:nth-child({number}) [data-grip]")


async def move_over(tab: Tab, number: int) -> None:
    await _mouse(tab, "mouseMoved", f".rows li:nth-child({number})", below=10)


async def let_go(tab: Tab, number: int) -> None:
    await _mouse(tab, "mouseReleased", f".rows li:nth-child({number})", below=10)


async def _mouse(tab: Tab, kind: str, selector: str, below: int = 0) -> None:
    x, y = await tab.spot(selector)
    pressed = {"button": "left", "buttons": 1, "clickCount": 1}
    await tab.do("Input.dispatchMouseEvent", type=kind, x=x, y=y + below, **pressed)


async def the_batch(redis: Redis, settings: Settings) -> Batch:
    return (await Store(redis, settings).history(ANNA))[0]


def is_upright_with_its_clock_on_the_left(path: Path) -> bool:
    with Image.open(path) as picture:
        grey = np.asarray(picture.convert("L").resize((960, 540)), dtype=float)
    clock, across = grey[10:30, 60:170], grey[10:30, 790:900]
    return bool(clock.std() > 4 * across.std())
