"""`python -m bot console` as a process: scripts, live terminals, and what goes wrong."""

import asyncio
import json
import os
import pty
import re
import sys
import termios
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from heygem.base.settings import Settings
from heygem.base.tasks import end
from tests.chatting import Room
from tests.media import make_video, make_voice
from tests.patience import PATIENCE_SECONDS


@pytest.fixture
def room(redis: Redis, settings: Settings) -> Room:
    return Room(redis, settings)


@pytest.fixture
def cast(tmp_path: Path) -> Path:
    make_voice(tmp_path / "hello.wav", 1.0)
    make_video(tmp_path / "my face.mp4", 1.0)
    return tmp_path


def environment(settings: Settings, **more: str) -> dict[str, str]:
    assert settings.redis_url is not None
    ours = {"HEYGEM_DATA_DIR": str(settings.data_dir), "HEYGEM_REDIS_URL": settings.redis_url.get_secret_value()}
    return os.environ | ours | {"LC_ALL": "C.UTF-8", "PROMPT_TOOLKIT_NO_CPR": "1", "TERM": "xterm"} | more


@asynccontextmanager
async def working(room: Room) -> AsyncIterator[None]:
    """A worker that ends whatever comes."""

    async def work() -> None:
        while True:
            await room.work()
            await asyncio.sleep(0.05)

    task = asyncio.create_task(work())
    try:
        yield
    finally:
        await end([task])


async def script(
    folder: Path, settings: Settings, *lines: str, options: tuple[str, ...] = (), **more: str
) -> tuple[int, str]:
    """Exit code and what was printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "console", *options),
        cwd=Path(__file__).parents[2],
        env=environment(settings, **more),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            output, _ = await process.communicate("\n".join(lines).encode())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, output.decode()


def events(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


async def test_a_script_goes_from_files_to_the_link(cast: Path, room: Room, settings: Settings) -> None:
    said = (f"{cast}/hello.wav", f"'{cast}/my face.mp4' {cast}/none.mp4", "/batch", "1", "/wait", "/export")
    async with working(room):
        code, output = await script(cast, settings, *said, options=("--json-events", str(cast / "events")))
    assert code == 0, output
    steps = ("Ready to generate", "[1] Generate", "Off we go: 1 video of 0:01", "Your video is ready")
    assert all(step in output for step in steps), output
    places = [output.index(step) for step in (*steps[:-1], "Done! Your video is ready.", "Here is your video.")]
    assert places == sorted(places)
    assert f"There is no file {cast}/none.mp4." in output.replace("\n", "")
    told = events(cast / "events")
    assert [event["event"] for event in told].count("announcement") == 1
    assert told[-1]["event"] == "say"
    assert told[-1]["url"].startswith("http://127.0.0.1:8080/b/")
    assert told[-1]["url"] in output
    last = [event for event in told if event["event"] == "status"][-1]
    assert (last["state"], last["done"], last["total"]) == ("done", 1, 1)
    assert (cast / "events").stat().st_mode & 0o077 == 0


async def test_the_end_of_a_script_waits_for_what_runs(cast: Path, room: Room, settings: Settings) -> None:
    said = (f"{cast}/hello.wav '{cast}/my face.mp4'", "/generate")
    async with working(room):
        code, output = await script(cast, settings, *said, options=("--language", "zh"))
    assert code == 0, output
    assert output.index("开始了：1 个视频") < output.index("好了！视频已完成。")
    assert "查看视频: http://127.0.0.1:8080/b/" in output


async def test_the_original_may_change_after_it_was_sent(cast: Path, room: Room, settings: Settings) -> None:
    await script(cast, settings, f"{cast}/hello.wav")
    before = next(room.storage.owners.rglob("files/*")).read_bytes()
    with (cast / "hello.wav").open("r+b") as file:
        file.write(b"something else")
    assert next(room.storage.owners.rglob("files/*")).read_bytes() == before


async def test_a_template_gets_its_own_voice_by_number(cast: Path, room: Room, settings: Settings) -> None:
    said = (f"'{cast}/my face.mp4'", f"@1 {cast}/hello.wav", f"@7 {cast}/hello.wav", "9")
    code, output = await script(cast, settings, *said)
    assert code == 0
    assert "number 1, “my face.mp4”, speaks “hello.wav”." in output
    assert "There is no template number 7 in this batch." in output
    assert "There is no choice 9 at the moment." in output


async def test_without_a_queue_it_says_so_in_one_sentence(cast: Path, settings: Settings, tmp_path: Path) -> None:
    code, output = await script(cast, settings, "/help", HEYGEM_REDIS_URL=f"unix://{tmp_path}/none.sock")
    assert code == 1
    assert output.strip() == "The queue can't be reached at the moment. Please try again soon. (queue_unreachable)"


async def test_a_live_terminal_shows_progress_below_the_prompt_and_leaves_cleanly(
    cast: Path, room: Room, settings: Settings
) -> None:
    keyboard, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (40, 120))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "console"),
        cwd=Path(__file__).parents[2],
        env=environment(settings),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    screen = Terminal(keyboard)
    try:
        await screen.shows("Ctrl-D leaves.")
        screen.type(f"{cast}/hello.wav '{cast}/my face.mp4'\r")
        screen.type(f"{await screen.offers('Generate')}\r")
        await screen.shows("No machine is at work right now")
        screen.type("half a li")
        async with working(room):
            await screen.shows("Open the videos:")
        await screen.leaves()
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert await process.wait() == 0
    finally:
        screen.close()
        if process.returncode is None:
            process.kill()
            await process.wait()


class Terminal:
    """The other side of a pseudo terminal; what was printed is kept as text."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._printed = b""
        asyncio.get_running_loop().add_reader(descriptor, self._read)

    def type(self, text: str) -> None:
        os.write(self._descriptor, text.encode())

    @property
    def printed(self) -> str:
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self._printed.decode(errors="replace"))

    async def shows(self, text: str) -> None:
        await self._until(lambda: text in self.printed)

    async def offers(self, label: str) -> str:
        """The number of a choice, which depends on how much was shown between two of the files."""
        shown = re.compile(rf"\[(\d+)\] {label}")
        await self._until(lambda: shown.search(self.printed) is not None)
        return str(shown.findall(self.printed)[-1])

    async def leaves(self) -> None:
        """Clear the line, then Ctrl-D; once more where the kernel took it, as it does while something is printed."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while "Bye." not in self.printed:
                self.type("\x15\x04")
                await asyncio.sleep(1)

    async def _until(self, there: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not there():
            assert time.monotonic() < deadline, self.printed
            await asyncio.sleep(0.02)

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)
        os.close(self._descriptor)

    def _read(self) -> None:
        try:
            self._printed += os.read(self._descriptor, 65536)
        except OSError:  # the other side is gone
            asyncio.get_running_loop().remove_reader(self._descriptor)
