"""nginx as a process of its own, with the shipped configuration."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.patience import PATIENCE_SECONDS

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
_CONFIG = Path(__file__).parents[1] / "config" / "nginx.conf"
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@contextmanager
def nginx(folder: Path, upstream: str, data: Path, bots: str = "127.0.0.1:1") -> Iterator[Path]:
    """The Unix socket that it listens on. Logs are in `folder`. Only what is marked "adapt" is changed, and paths.

    `bots` is where both bots are called.
    """
    assert NGINX is not None
    config = folder / "nginx.conf"
    config.write_text(_adapted(_CONFIG.read_text(), folder, upstream, data, bots))
    process = subprocess.Popen([NGINX, "-p", folder, "-c", config, "-g", "daemon off;"], stderr=subprocess.PIPE)
    try:
        _wait_for(folder / "nginx.sock")
        yield folder / "nginx.sock"
    finally:
        process.terminate()
        process.communicate(timeout=10)


def _adapted(text: str, folder: Path, upstream: str, data: Path, bots: str) -> str:
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in _TEMPORARY)
    for old, new in {
        "worker_processes auto;": ("user root;\n" if os.geteuid() == 0 else "") + "worker_processes 1;",
        "listen 8080;": f"listen unix:{folder}/nginx.sock;",
        "server web:8080;": f"server {upstream};",
        "server slack:8090;": f"server {bots};",
        "server telegram:8443;": f"server {bots};",
        "alias /data/;": f"alias {data}/;",
        "/var/log/nginx/": f"{folder}/",
        "/run/nginx.pid": f"{folder}/nginx.pid",
        "sendfile on;": f"sendfile on;\n{temporary}",
    }.items():
        assert old in text, f"{old!r} has gone from config/nginx.conf"
        text = text.replace(old, new)
    return text


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not path.exists():
        assert time.monotonic() < deadline, f"no {path.name}"
        time.sleep(0.02)
