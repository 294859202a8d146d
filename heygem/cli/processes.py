"""`heygem up`, `chat`, `worker`, `web`: the rooms as processes, on embedded defaults where nothing is configured."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType

import typer

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.process import environment, python
from heygem.base.settings import Settings, load_settings
from heygem.cli.doctor import REACHABLE
from heygem.cli.port import OURSELVES, doors, require_ports
from heygem.cli.progress import say
from heygem.cli.supervisor import Process, module, running, supervise
from heygem.engines import require_known
from heygem.redis.reachable import Seen, look
from heygem.redis.server import EmbeddedRedis

_LOOK_S = 0.5


def up() -> None:
    """Run everything that is configured: Redis unless a URL is set, worker, web page, bots. Ctrl-C stops it."""
    settings = load_settings()
    require_known(settings.engine)
    started = _services(settings) + (bots := _bots(settings))
    require_ports(settings)
    with redis_at_hand(settings) as redis:
        _require_alone(redis, settings)
        with running(started) as processes, _stop_signal() as stop:
            say(f"HeyGem Bot is up · {settings.web.base_url} · data in {settings.data_dir.resolve()}")
            say("Talk to it with `heygem chat` in another terminal. Ctrl-C stops everything.")
            if bots and settings.web.only_here:
                say(f"Links open on this machine only. For others, {REACHABLE}.")
            supervise(processes, redis, stop.is_set)


def chat() -> None:
    """The bot in this terminal. Joins a running `heygem up` on the same data folder, or starts what it needs."""
    settings = load_settings()
    require_known(settings.engine)
    with redis_at_hand(settings) as redis:
        joined = redis is not None and not redis.owned
        if not joined:
            _require_web(settings)
        with running([] if joined else _services(settings, logged=True)) as processes, _ignored_interrupts():
            console = subprocess.Popen(module("bot", "console"), env=environment())  # noqa: S603
            supervise(processes, redis, lambda: console.poll() is not None)
    raise typer.Exit(console.returncode)


def worker() -> None:
    """One worker process; start as many as the machine can feed."""
    _become("worker")


def web() -> None:
    """The web page and the downloads."""
    _become("bot", "web")


def _become(*words: str) -> None:
    command = python(*words)
    os.execve(command[0], command, environment())  # noqa: S606 (no shell, our own modules)


def _services(settings: Settings, *, logged: bool = False) -> list[Process]:
    logs = settings.data_dir / "logs"
    rooms = {"worker": ("worker",), "web": ("bot", "web")}
    return [
        Process(name, modules, environment={}, log=logs / f"{name}.log" if logged else None)
        for name, modules in rooms.items()
    ]


def _bots(settings: Settings) -> list[Process]:
    """The chat bots whose token is set. Raises BAD_SETTING where one of Slack's two is missing."""
    second, setting = settings.slack_app_token, "HEYGEM_SLACK_APP_TOKEN"
    if settings.slack.events_url:
        second, setting = settings.slack_signing_secret, "HEYGEM_SLACK_SIGNING_SECRET"
    if (settings.slack_bot_token is None) != (second is None):
        lacking = setting if settings.slack_bot_token else "HEYGEM_SLACK_BOT_TOKEN"
        raise HeygemError(ErrorCode.BAD_SETTING, setting=lacking, reason="Slack needs it too")
    tokens = {"telegram": settings.telegram_token, "slack": settings.slack_bot_token}
    return [Process(name, ("bot", name), environment={}) for name, token in tokens.items() if token]


@contextmanager
def redis_at_hand(settings: Settings) -> Iterator[EmbeddedRedis | None]:
    """The embedded Redis for as long as the block; None where another one is configured."""
    if settings.redis_url is not None:
        _require_redis(settings.redis_url.get_secret_value())
        yield None
        return
    with EmbeddedRedis(settings.data_dir) as server:
        yield server


def _require_redis(url: str) -> None:
    """Raise REDIS_REFUSED with what is wrong with a Redis that can't be used. One that reads its data is waited for."""
    seen = _read(url)
    if seen.state in ("away", "refuses"):
        raise seen.refusal
    if seen.state == "full":
        say(f"The Redis at HEYGEM_REDIS_URL can't take new work now: {seen.reason}.")


def _read(url: str) -> Seen:
    """The Redis once it has read its data, which takes a large one minutes after a start of the machine."""
    told = False
    while (seen := look(url)).state == "loading":
        if not told:
            say("The Redis at HEYGEM_REDIS_URL is still reading its data. Waiting for it.")
        told = True
        time.sleep(_LOOK_S)
    return seen


def _require_web(settings: Settings) -> None:
    """Raise PORT_TAKEN where links would open at another program; a web page of ours on the same Redis is as good."""
    try:
        next(doors(settings)).require_free()
    except HeygemError as error:
        if error.params.get("holder") != OURSELVES:
            raise


def _require_alone(redis: EmbeddedRedis | None, settings: Settings) -> None:
    """A second one would fight the first for the web page's port."""
    if redis is not None and not redis.owned:
        raise HeygemError(ErrorCode.ALREADY_UP, folder=str(settings.data_dir.resolve()))


@contextmanager
def _stop_signal() -> Iterator[threading.Event]:
    stop = threading.Event()
    with _handled(lambda *_: stop.set(), signal.SIGINT, signal.SIGTERM):
        yield stop


def _ignored_interrupts() -> AbstractContextManager[None]:
    """Ctrl-C belongs to the console, which shares our terminal; we end when it does."""
    return _handled(lambda *_: None, signal.SIGINT)


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], None], *numbers: signal.Signals) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
