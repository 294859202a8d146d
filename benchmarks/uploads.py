"""Large files into the upload page side by side, with a SIGKILL of the web server halfway; and into nginx alone.

    python -m benchmarks.uploads [--files 40] [--megabytes 300]

Each file is a real video that many bytes of nothing follow. Clients, servers and Redis share the machine.
"""

import argparse
import asyncio
import http.client
import json
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from bot.web.upload.desk import PIECE_BYTES
from heygem.base.settings import Quotas, Settings
from heygem.batches.store import Store
from heygem.redis.connection import connect
from heygem.redis.server import EmbeddedRedis
from heygem.storage.layout import Storage
from tests.media import make_video
from tests.nginx import NGINX
from tests.served import WebServer, web_server
from tests.uploading import Inviting

MB = 1_000_000
PER_BATCH = 10
PORT = 18_473
_LOOK_S = 0.2
_AGAIN_S = 0.5

_NGINX = """
worker_processes 1; daemon off; error_log {folder}/error.log; pid {folder}/nginx.pid; {user}
events {{ worker_connections 256; }}
http {{
    access_log off; client_body_temp_path {folder}/body; client_max_body_size 0;
    server {{ listen 127.0.0.1:{port}; root {folder}/put; location / {{ dav_methods PUT; }} }}
}}
"""


@dataclass
class Sent:
    """What clients did, all together."""

    bytes: int = 0
    broken: int = 0  # connections
    busy: int = 0  # told to come again
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, **counts: int) -> None:
        with self.lock:
            for name, count in counts.items():
                setattr(self, name, getattr(self, name) + count)


@dataclass(frozen=True)
class Content:
    """The same video each time, told apart by a number behind it."""

    video: bytes
    filler: memoryview
    number: int

    @property
    def size(self) -> int:
        return len(self.video) + 16 + len(self.filler)

    def piece(self, start: int, length: int) -> list[memoryview]:
        head = self.video + struct.pack(">I4sQ", 16 + len(self.filler), b"free", self.number)
        parts = [memoryview(head)[start : start + length]]
        behind = max(0, start - len(head))
        parts.append(self.filler[behind : behind + length - len(parts[0])])
        return parts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--megabytes", type=int, default=300, help="of each file")
    options = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        video = make_video(folder / "video.mp4", 2).read_bytes()
        filler = memoryview(bytes(options.megabytes * MB - len(video) - 16))
        contents = [Content(video, filler, number) for number in range(options.files)]
        table = Table("", "seconds", "MB/s", "sent twice", "connections broken", "told to wait", "server's memory")
        if NGINX is not None:
            table.add_row("nginx (PUT)", *_into_nginx(folder, contents))
        for kill in (False, True):
            table.add_row("upload page" + (", killed halfway" if kill else ""), *_into_the_page(folder, contents, kill))
        if NGINX is not None:
            table.add_row("nginx (PUT)", *_into_nginx(folder, contents))
    console.print(table)


def _into_nginx(folder: Path, contents: list[Content]) -> list[str]:
    with tempfile.TemporaryDirectory(dir=folder) as name, _nginx(Path(name)) as process:
        sent, memory = Sent(), Memory(process.pid)
        began = time.monotonic()
        _side_by_side(contents, lambda content: _put(content, sent))
        return _row(contents, time.monotonic() - began, sent, memory)


@contextmanager
def _nginx(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    (folder / "put").mkdir()
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=folder, port=PORT, user="user root;"))
    process = subprocess.Popen([str(NGINX), "-p", folder, "-c", config])
    try:
        time.sleep(1)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def _put(content: Content, sent: Sent) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=600)
    _send(connection, "PUT", f"/{content.number}.mp4", content, 0, content.size, {}, sent)
    answer = connection.getresponse()
    answer.read()
    assert answer.status in (201, 204), answer.status
    connection.close()


def _into_the_page(folder: Path, contents: list[Content], kill: bool) -> list[str]:
    with tempfile.TemporaryDirectory(dir=folder) as name, EmbeddedRedis(Path(name) / "redis") as redis:
        settings = Settings(
            data_dir=Path(name) / "data",
            redis_url=SecretStr(f"unix://{redis.socket}"),
            quotas=Quotas(stored_mb=1_000_000, open_batches=1000),
        )
        pages = asyncio.run(_invited(settings, -(-len(contents) // PER_BATCH)))
        sent, half = Sent(), sum(content.size for content in contents) / 2
        with ExitStack() as servers:
            first = _served(servers, settings, Path(name)).process
            memory = Memory(first.pid)
            ended = threading.Event()

            def kill_halfway() -> None:
                while sent.bytes < half and not ended.wait(_LOOK_S / 10):
                    pass
                first.kill()
                first.wait()
                memory.pid = _served(servers, settings, Path(name)).process.pid

            began = time.monotonic()
            killer = threading.Thread(target=kill_halfway)
            if kill:
                killer.start()
            try:
                _side_by_side(contents, lambda content: _upload(pages[content.number // PER_BATCH], content, sent))
                took = time.monotonic() - began
            finally:
                ended.set()
                if kill:
                    killer.join()
        _require_whole(settings, pages, contents)
        return _row(contents, took, sent, memory)


def _served(servers: ExitStack, settings: Settings, folder: Path) -> WebServer:
    return servers.enter_context(web_server(settings, folder / "web.log", port=PORT))


async def _invited(settings: Settings, count: int) -> list[Inviting]:
    redis = connect(settings)
    pages = [await Inviting.of(redis, settings) for _ in range(count)]
    await redis.aclose()
    return pages


def _upload(page: Inviting, content: Content, sent: Sent) -> None:
    """As the page's script does: ask where to go on, send a piece, and come back whenever something breaks."""
    address = ""
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=600)
        try:
            address = address or _begun(connection, page, content)
            while (offset := _offset(connection, address)) < content.size:
                length = min(PIECE_BYTES, content.size - offset)
                _send(connection, "PATCH", address, content, offset, length, {"Upload-Offset": str(offset)}, sent)
                answer = connection.getresponse()
                answer.read()
                if answer.status == 503:
                    sent.add(busy=1)
                    time.sleep(_AGAIN_S)
            if _added(connection, address):
                return
            time.sleep(_AGAIN_S)
        except (OSError, http.client.HTTPException):
            sent.add(broken=1)
            time.sleep(_AGAIN_S)
        finally:
            connection.close()


def _begun(connection: http.client.HTTPConnection, page: Inviting, content: Content) -> str:
    wanted = json.dumps({"name": f"{content.number}.mp4", "size": content.size, "modified": content.number})
    connection.request("POST", f"{page.path}/files", wanted)
    answer = connection.getresponse()
    told = json.loads(answer.read())
    assert answer.status == 201, told
    return f"{page.path}/files/{told['id']}"


def _offset(connection: http.client.HTTPConnection, address: str) -> int:
    connection.request("HEAD", address)
    answer = connection.getresponse()
    answer.read()
    return int(answer.headers["upload-offset"])


def _added(connection: http.client.HTTPConnection, address: str) -> bool:
    connection.request("GET", address)
    told = json.loads(connection.getresponse().read())
    assert told["state"] in ("arriving", "added"), told
    return bool(told["state"] == "added")


def _send(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    content: Content,
    start: int,
    length: int,
    headers: dict[str, str],
    sent: Sent,
) -> None:
    connection.putrequest(method, path)
    for name, value in {**headers, "Content-Length": str(length)}.items():
        connection.putheader(name, value)
    connection.endheaders()
    for part in content.piece(start, length):
        for block in range(0, len(part), MB):
            connection.send(part[block : block + MB])
            sent.add(bytes=len(part[block : block + MB]))


def _side_by_side(contents: list[Content], do: Callable[[Content], None]) -> None:
    with ThreadPoolExecutor(len(contents)) as clients:
        list(clients.map(do, contents))


def _require_whole(settings: Settings, pages: list[Inviting], contents: list[Content]) -> None:
    """Every file is in a batch once, with the bytes that it has."""

    async def items() -> list[str]:
        redis = connect(settings)
        batches = [await Store(redis, settings).get(page.batch_id) for page in pages]
        await redis.aclose()
        return [item.template.sha256 for batch in batches for item in batch.items]

    kept = asyncio.run(items())
    assert len(set(kept)) == len(kept) == len(contents), (len(kept), len(contents))
    storage = Storage(settings.data_dir)
    sizes = {path.stat().st_size for path in storage.owners.rglob("files/*")}
    assert sizes == {contents[0].size}


class Memory:
    """The most that a process held, looked at all the time (resident, without its children)."""

    def __init__(self, pid: int) -> None:
        self.most = self.least = 0
        self.pid = pid
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while True:
            with suppress(OSError, StopIteration):
                lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
                held = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
                self.most, self.least = max(self.most, held), min(self.least or held, held)
            time.sleep(_LOOK_S)


def _row(contents: list[Content], took: float, sent: Sent, memory: Memory) -> list[str]:
    total = sum(content.size for content in contents)
    return [
        f"{took:.1f}",
        f"{total / took / MB:.0f}",
        f"{(sent.bytes - total) / MB:.1f} MB",
        str(sent.broken),
        str(sent.busy),
        f"{memory.least / 1000:.0f}-{memory.most / 1000:.0f} MB",
    ]


if __name__ == "__main__":
    main()
