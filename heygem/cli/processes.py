"""`heygem up`, `chat`, `worker`, `web`: the rooms as processes, on embedded defaults where nothing is configured."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from heygem.batches.server import EmbeddedRedis
from heygem.cli.progress import STDERR
from heygem.cli.supervisor import Process, running, supervise
from heygem.settings import Settings, load_settings


def up() -> None:
    """Run everything that is configured: Redis unless a URL is set, worker, web page, bots. Ctrl-C stops it."""
    settings = load_settings()
    with _redis(settings), running(_services(settings)) as processes, _until_stopped() as stop:
        STDERR.print(f"HeyGem Bot is up · {settings.web.base_url} · data in {settings.data_dir.resolve()}")
        STDERR.print("Talk to it with [bold]heygem chat[/] in another terminal. Ctrl-C stops everything.")
        supervise(processes, stop)


def chat() -> None:
    """The bot in this terminal. Joins a running `heygem up` on the same data folder, or starts what it needs."""
    settings = load_settings()
    with _redis(settings) as own, running(_services(settings, logged=True) if own else []) as processes:
        stop = threading.Event()
        keeper = threading.Thread(target=supervise, args=(processes, stop), daemon=True)
        keeper.start()
        try:
            code = subprocess.call([sys.executable, "-m", "bot", "console"])
        finally:
            stop.set()
            keeper.join()
    raise typer.Exit(code)


def worker() -> None:
    """One worker process; start as many as the machine can feed."""
    os.execv(sys.executable, [sys.executable, "-m", "worker"])  # noqa: S606


def web() -> None:
    """The web page and the downloads."""
    os.execv(sys.executable, [sys.executable, "-m", "bot", "web"])  # noqa: S606


def _services(settings: Settings, *, logged: bool = False) -> list[Process]:
    logs = settings.data_dir / "logs"
    rooms = {"worker": ("worker",), "web": ("bot", "web")}
    return [
        Process(name, modules, environment={}, log=logs / f"{name}.log" if logged else None)
        for name, modules in rooms.items()
    ]


@contextmanager
def _redis(settings: Settings) -> Iterator[bool]:
    """Redis for as long as the block; yields whether the services around it are ours to start."""
    if settings.redis_url is not None:
        yield True
        return
    with EmbeddedRedis(settings.data_dir) as server:
        yield server.owned


@contextmanager
def _until_stopped() -> Iterator[threading.Event]:
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
