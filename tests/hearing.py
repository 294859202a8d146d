"""A program of a person's that webhooks are sent to; for tests of them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Heard:
    headers: dict[str, str]
    body: str

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def read(self, secret: str) -> dict[str, Any]:
        """What was said, if its signature and its time are right."""
        said: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return said


@dataclass
class Ear:
    """Answers with `statuses`, one after another, and then always with 204. While `open` is not set it hangs."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    open: threading.Event = field(default_factory=threading.Event)

    @property
    def origin(self) -> str:
        return self.url.rpartition("/")[0]


@contextmanager
def listening() -> Iterator[Ear]:
    ear = Ear()
    ear.open.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            ear.heard.append(Heard({name.lower(): value for name, value in self.headers.items()}, body))
            ear.open.wait()
            self.send_response(ear.statuses.pop(0) if ear.statuses else 204)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who asks may be killed
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ear.url = f"http://127.0.0.1:{server.server_port}/hook"
        yield ear
        ear.open.set()
        server.shutdown()


def kinds(ear: Ear, secret: str) -> list[str]:
    """What was said, each time it was."""
    return [json.loads(each.body)["type"] for each in ear.heard if each.read(secret)]
