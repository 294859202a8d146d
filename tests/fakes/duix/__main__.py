"""`python -m tests.fakes.duix FOLDER [PORT]`: prints its port, then serves until it is killed."""

import ctypes
import json
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.fakes.duix.behaviour import Behaviour
from tests.fakes.duix.tasks import Tasks


class Handler(BaseHTTPRequestHandler):
    tasks: Tasks

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/renew":
            Handler.tasks.close()
            Handler.tasks = Tasks(Handler.tasks.folder)
            return self._say({})
        if self.path == "/behave":
            self.tasks.behaviour = Behaviour.model_validate_json(body)
            return self._say({})
        if self.path != "/easy/submit":
            return self.send_error(404)
        if self.headers.get_content_type() != "application/json":
            self.tasks.ledger.violations.append("not JSON")
        try:
            request = json.loads(body)
        except ValueError:
            request = None
        return self._say(self.tasks.submit(request))

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/ledger":
            return self._say(self.tasks.ledger.model_dump())
        if url.path != "/easy/query":
            return self.send_error(404)
        return self._say(self.tasks.query(parse_qs(url.query).get("code", [None])[0]))

    def _say(self, answer: dict[str, Any]) -> None:
        nonsense = self.tasks.behaviour.nonsense and self.path.startswith("/easy")
        body = b"<html>502</html>" if nonsense else json.dumps(answer, ensure_ascii=False).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def main() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # dies with the thread that started it
    Handler.tasks = Tasks(Path(sys.argv[1]))
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    with HTTPServer(("127.0.0.1", port), Handler) as server:
        print(server.server_port, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
