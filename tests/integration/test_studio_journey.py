"""From the chat's link to the zip, in a real browser, with the real server and a real worker."""

import io
import os
import re
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from heygem.base.settings import Settings
from heygem.batches.model import BatchState, ItemState
from heygem.batches.store import Store
from heygem.engines import mannequin
from heygem.links.sign_in import SignIn, SignInLinks
from heygem.redis.server import EmbeddedRedis
from tests.chromium import browser, phone
from tests.factories import ANNA, place
from tests.media import make_video
from tests.patience import PATIENCE_SECONDS
from tests.served import web_server
from tests.uploading import until

TEMPLATES, FACELESS = 20, 7


@pytest.fixture
def settings(tmp_path: Path, redis_server: EmbeddedRedis) -> Settings:
    return Settings(data_dir=tmp_path / "data", redis_url=SecretStr(f"unix://{redis_server.socket}"))


@pytest.fixture
def worker(settings: Settings, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    assert settings.redis_url is not None
    ours = {"HEYGEM_DATA_DIR": str(settings.data_dir), "HEYGEM_REDIS_URL": settings.redis_url.get_secret_value()}
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "worker"], env=os.environ | ours, stderr=log)
    yield process
    process.terminate()
    process.wait(PATIENCE_SECONDS)


async def test_a_folder_becomes_a_zip_though_the_page_is_closed_and_the_download_is_cut(
    redis: Redis, settings: Settings, worker: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    folder = lesson(tmp_path / "lesson")
    link = await SignInLinks(redis, settings).create(SignIn(person=ANNA, place=place(), language="en"))
    with web_server(settings, tmp_path / "web.log") as server, browser(tmp_path / "profile") as devtools:
        async with phone(devtools) as tab:
            await tab.open(server.url + link.url.removeprefix(settings.web.base_url))
            await tab.click("form .button")
            await tab.until("location.pathname === '/studio' && document.readyState === 'complete'")
            await tab.drop("[data-drop]", folder)
            await tab.until(f"document.querySelectorAll('.file[data-state=added]').length === {TEMPLATES + 1}")
            await tab.until("document.querySelector('button[value^=\"gen:\"]') !== null")
            await tab.click("button[value^='gen:']")
            await tab.until("document.querySelector('button[value^=\"can:\"]') !== null")
            await tab.open("about:blank")  # the laptop is closed

            await ended(Store(redis, settings))
            assert worker.poll() is None

            await tab.open(f"{server.url}/studio")
            shown = await tab.value("document.querySelector('[data-part=past]').innerText")
            assert f"{TEMPLATES - 1} of {TEMPLATES} videos are ready" in shown
            await tab.click("button[value^='exp:']")
            url = await tab.until("document.querySelector('.answer a')?.href")
            path = re.sub(r"^https?://[^/]+", "", url)
            await tab.open(server.url + path)
            assert await tab.value("document.querySelectorAll('video').length") >= TEMPLATES - 1
            assert "No face was found" in await tab.value("document.querySelector('.failures').innerText")
        archive = await cut_and_resumed(f"{server.url}/download/batch?token={path.rpartition('/')[2]}")

    with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
        assert zipped.testzip() is None
        videos = [name for name in zipped.namelist() if name.endswith(".mp4")]
    assert videos == [f"{n:03}_face {n}.mp4" for n in range(1, TEMPLATES + 1) if n != FACELESS]


def lesson(folder: Path) -> Path:
    """A voice and templates, in one of which there is nobody; no two files are equal."""
    folder.mkdir()
    mannequin.record(folder / "a voice.wav")
    mannequin.film(folder / "face 1.mp4")
    film = (folder / "face 1.mp4").read_bytes()
    for number in range(2, TEMPLATES + 1):
        own = f"{number:08}".encode()
        (folder / f"face {number}.mp4").write_bytes(film + struct.pack(">I4s", len(own) + 8, b"free") + own)
    make_video(folder / f"face {FACELESS}.mp4")
    return folder


async def ended(store: Store) -> None:
    async def it_has() -> bool:
        return (await store.history(ANNA))[0].state.terminal

    await until(it_has)
    (batch,) = await store.history(ANNA)
    assert batch.state is BatchState.DONE
    assert [item.number for item in batch.items if item.state is ItemState.FAILED] == [FACELESS]


async def cut_and_resumed(url: str) -> bytes:
    """The zip by a client whose connection breaks in the middle, and which goes on where it was."""
    async with httpx.AsyncClient() as client:
        async with client.stream("GET", url) as answer:
            size, etag = int(answer.headers["content-length"]), answer.headers["etag"]
            had = b""
            async for block in answer.aiter_raw(4096):
                had += block
                if len(had) >= size // 2:
                    break
        rest = await client.get(url, headers={"range": f"bytes={len(had)}-", "if-range": etag})
        assert rest.status_code == 206
        assert len(had) + len(rest.content) == size
        return had + rest.content
