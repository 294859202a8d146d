"""`heygem demo`: the whole product in one go, as a person would use it.

Real Redis, a real arq worker process, a real web server and the console conversation, on embedded defaults and in a
folder of their own; then the zip is fetched through its link, verified and left behind.
"""

import json
import shutil
import socket
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from heygem.base import extras, process
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import load_settings
from heygem.cli.demo_voice import VOICE
from heygem.cli.leavings import in_place_of_earlier
from heygem.cli.progress import STDERR, say
from heygem.cli.supervisor import Process, running
from heygem.engines.failure import lacking
from heygem.redis.server import EmbeddedRedis

_CHAT_S = 900.0
_START_S = 60.0


def demo(
    out: Annotated[
        Path, typer.Option("--out", help="Where to leave what was made: a folder without other files.")
    ] = Path("demo-output"),
) -> None:
    """One voice, three faces, one zip: the scripted chat on embedded defaults."""
    from heygem.cli import proof  # as below: what only the demo needs, no other command waits for

    load_settings()  # what is wrong with them its processes would say into their logs only
    extras.require("heygem demo", "mesh,demo", "skimage", "cv2", "ai_edge_litert")
    started = time.monotonic()
    with in_place_of_earlier(out):
        voice, templates = _cast(out / "sent")
        with tempfile.TemporaryDirectory(prefix="heygem-demo-") as folder, house(Path(folder)) as environment:
            events = Path(folder) / "events.jsonl"
            _chat(environment, events, [voice, *templates], out / "transcript.txt")
            archive = _download(_link(events), out)
        videos = _unpack(archive, out / "videos")
        voice_seconds = proof.duration(voice)
        for video in videos:
            proof.require_whole(video, voice_seconds)
        sheet = proof.contact_sheet(videos, out / "contact-sheet.png")
    say("")
    say(f"{len(videos)} videos of {voice_seconds:.1f} s in {time.monotonic() - started:.0f} s. Look at:", "done")
    for path, what in ((archive, "the zip"), (out / "videos", "the videos"), (sheet, "all of them in one picture")):
        say(f"  {path}  ({what})")
    say("Talk to it yourself: heygem chat")


def _cast(folder: Path) -> tuple[Path, list[Path]]:
    """The voice that the package ships and three templates made now."""
    from heygem.cli.portrait import make_templates

    folder.mkdir(parents=True, exist_ok=True)
    voice = folder / "voice.ogg"
    shutil.copyfile(VOICE, voice)
    with STDERR.status("filming three templates"):
        try:
            return voice, make_templates(folder)
        except ImportError as error:  # the packages are there, a library of the system is not
            raise HeygemError(ErrorCode.ENGINE_UNAVAILABLE, engine="mesh", missing=lacking(error)) from error


@contextmanager
def house(folder: Path) -> Iterator[dict[str, str]]:
    """Redis, worker and web on a data folder and a port of their own, whatever is configured; yields their environment.

    In a Redis of theirs the demo's worker would take people's items, whose files it hasn't got.
    """
    redis, port = EmbeddedRedis(folder / "data"), _free_port()
    environment = {
        "HEYGEM_DATA_DIR": str(folder / "data"),
        "HEYGEM_REDIS_URL": f"unix://{redis.socket}",
        "HEYGEM_WEB__HOST": "127.0.0.1",
        "HEYGEM_WEB__PORT": str(port),
        "HEYGEM_WEB__PUBLIC_URL": f"http://127.0.0.1:{port}",  # an empty one would leave that of .env
        "HEYGEM_WEB__NGINX": "false",
        "HEYGEM_ENGINE": "mesh",
        "HEYGEM_LOG_LEVEL": "WARNING",
    }
    services = [
        Process("worker", ("worker",), environment, log=folder / "worker.log"),
        Process("web", ("bot", "web"), environment, log=folder / "web.log"),
    ]
    with redis, running(services):
        _wait_for_web(f"http://127.0.0.1:{port}/healthz")
        yield environment


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_web(url: str) -> None:
    import httpx

    deadline = time.monotonic() + _START_S
    with STDERR.status("starting Redis, worker and web page"):
        while time.monotonic() < deadline:
            try:
                if httpx.get(url, timeout=2, trust_env=False).is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
    raise HeygemError(ErrorCode.INTERNAL)


def _chat(environment: dict[str, str], events: Path, files: list[Path], transcript: Path) -> None:
    """Say to the bot what a person would say; what it answers goes to the terminal and into `transcript`."""
    lines = [*map(str, files), "/generate", "/wait", "/export", ""]
    script = events.with_name("script.txt")
    script.write_text("\n".join(lines), encoding="utf-8")
    command = process.python("bot", "console", "--json-events", str(events))
    with transcript.open("w", encoding="utf-8") as record, script.open("rb") as said:
        console = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
            command, env=process.environment() | environment, stdin=said, stdout=subprocess.PIPE, text=True
        )
        for line in console.stdout or ():
            typer.echo(line, nl=False)
            record.write(line)
    if console.wait(_CHAT_S) != 0:
        raise HeygemError(ErrorCode.INTERNAL)


def _link(events: Path) -> str:
    """The last link that the bot gave."""
    links = [event["url"] for event in map(json.loads, events.read_text().splitlines()) if event.get("url")]
    if not links:
        raise HeygemError(ErrorCode.NOTHING_TO_EXPORT)
    return str(links[-1])


def _download(link: str, out: Path) -> Path:
    """The zip behind the page at `link`, checked member by member."""
    import httpx

    base, _, token = link.rpartition("/b/")
    with httpx.stream(
        "GET", f"{base}/download/batch", params={"token": token}, timeout=60, trust_env=False
    ) as response:
        response.raise_for_status()
        name = response.headers["content-disposition"].split('filename="')[1].split('"')[0]
        archive = out / Path(name).name
        with archive.open("wb") as file:
            for block in response.iter_bytes(1 << 20):
                file.write(block)
    with zipfile.ZipFile(archive) as opened:
        if opened.testzip() is not None:
            raise HeygemError(ErrorCode.BROKEN_MEDIA, name=archive.name)
    return archive


def _unpack(archive: Path, folder: Path) -> list[Path]:
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)  # our own archive: its names are sanitised
    return sorted(folder.glob("*.mp4"))
