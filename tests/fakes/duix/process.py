"""The service as a process of its own, started and ended by a test."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from heygem.base.settings import DuixEndpoint
from tests.fakes.duix.behaviour import Behaviour, Ledger


class FakeDuix:
    """`data` is the host's side of the container's /code/data."""

    def __init__(self, data: Path) -> None:
        self.folder = data / "temp"
        self.folder.mkdir(parents=True)
        self._behaviour = Behaviour()
        self._start(0)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def endpoint(self, inside: str = "") -> DuixEndpoint:
        return DuixEndpoint.model_validate({"url": self.url, "folder": self.folder, "inside": inside})

    def behave(self, **changes: object) -> None:
        self._behaviour = Behaviour.model_validate(changes)
        self._post_behaviour()

    def ledger(self) -> Ledger:
        return Ledger.model_validate_json(httpx.get(f"{self.url}/ledger", timeout=20, trust_env=False).content)

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    def renew(self) -> None:
        """As if just started in an empty folder, and started if it was stopped."""
        if self._process.poll() is not None:
            self._start(0)
        self._behaviour = Behaviour()
        httpx.post(f"{self.url}/renew", timeout=20, trust_env=False).raise_for_status()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()

    def restart(self) -> None:
        """All state is lost; the files stay."""
        self.stop()
        self._start(self.port)
        self._post_behaviour()

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def _start(self, port: int) -> None:
        command = [sys.executable, "-m", "tests.fakes.duix", str(self.folder), str(port)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())

    def _post_behaviour(self) -> None:
        body = self._behaviour.model_dump_json()
        httpx.post(f"{self.url}/behave", content=body, timeout=20, trust_env=False).raise_for_status()


@contextmanager
def running(data: Path) -> Iterator[FakeDuix]:
    service = FakeDuix(data)
    try:
        yield service
    finally:
        service.stop()
