"""`heygem doctor`: what is present, what is missing, how to get it."""

import errno
import importlib.metadata
import json as jsonlib
import platform
import re
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from heygem.batches.server import find_server
from heygem.engines import available
from heygem.engines.models import FILES
from heygem.errors import HeygemError
from heygem.media.fonts import fonts_for, runs
from heygem.sentences import explain_error
from heygem.settings import Settings, load_settings

Grade = Literal["ok", "optional", "missing"]
_MARKS: dict[Grade, str] = {"ok": "[green]✓[/]", "optional": "[yellow]–[/]", "missing": "[red]✗[/]"}


@dataclass(frozen=True)
class Finding:
    """`grade` missing keeps the main job from running; optional does not. `remedy` says how to get it."""

    name: str
    grade: Grade
    found: str
    remedy: str = ""


def doctor(json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")] = False) -> None:
    """Say what is present, what is missing and how to get it. Exit code 1 if the main job can't run."""
    findings = list(examine(load_settings()))
    healthy = all(finding.grade != "missing" for finding in findings)
    if json:
        typer.echo(jsonlib.dumps({"healthy": healthy, "findings": [asdict(finding) for finding in findings]}))
    else:
        _show(findings, healthy)
    if not healthy:
        raise typer.Exit(1)


def examine(settings: Settings) -> Iterator[Finding]:
    checks: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
        _python,
        _opencv,
        _engines,
        _services,
        _redis,
        _disk,
        _fonts,
        _port,
        _chats,
    )
    for check in checks:
        yield from check(settings)


def _python(_: Settings) -> Iterator[Finding]:
    fits = (3, 11) <= sys.version_info[:2] <= (3, 12)
    yield Finding(
        "Python", "ok" if fits else "missing", platform.python_version(), "" if fits else "install Python 3.11 or 3.12"
    )


def _opencv(_: Settings) -> Iterator[Finding]:
    names = ("opencv-python", "opencv-contrib-python", "opencv-python-headless")
    versions = {name: version for name in names if (version := _version(name))}
    shown = ", ".join(f"{name} {version}" for name, version in versions.items()) or "not installed"
    if len(set(versions.values())) > 1:
        yield Finding("OpenCV", "missing", shown, "they share one folder: install the same version of both, 4.11.0.86")
    else:
        yield Finding("OpenCV", "ok" if versions else "missing", shown, "" if versions else _EXTRA)


_EXTRA = "pip install 'heygem-bot[mesh]'"


def _engines(settings: Settings) -> Iterator[Finding]:
    engines = list(available())
    chosen = dict([*engines, ("auto", None)]).get(settings.engine, "there is no such engine")
    if chosen:
        yield Finding("HEYGEM_ENGINE", "missing", f"{settings.engine} can't run", chosen)
    runs = any(missing is None for _, missing in engines)
    for name, missing in engines:
        if missing is None:
            yield Finding(f"engine {name}", "ok", "can run")
        else:
            yield Finding(f"engine {name}", "optional" if runs else "missing", "can't run", _remedy(name, missing))


def _remedy(engine: str, missing: str) -> str:
    if engine not in FILES:
        return missing
    # A file has a folder, a package has none.
    return f"{missing}: " + (f"heygem models pull {engine}" if "/" in missing else "pip install 'heygem-bot[mesh,gpu]'")


def _services(settings: Settings) -> Iterator[Finding]:
    for endpoint in settings.duix.endpoints:
        where = f"{endpoint.url.host}:{endpoint.url.port}"
        if not endpoint.folder.expanduser().is_dir():
            yield Finding("duix service", "missing", where, f"there is no folder {endpoint.folder}")
        elif not _answers(endpoint.url.host or "", endpoint.url.port or 80):
            yield Finding("duix service", "missing", where, "it does not answer; start its container")
        else:
            yield Finding("duix service", "ok", f"{where} answers")


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=3).close()
    except OSError:
        return False
    return True


def _redis(settings: Settings) -> Iterator[Finding]:
    if settings.redis_url is not None:
        yield Finding("Redis", *_ping(settings.redis_url.get_secret_value()))
        return
    try:
        yield Finding("Redis", "ok", f"embedded, {find_server().name}")
    except HeygemError as error:
        yield Finding("Redis", "missing", "no server", explain_error(error, door="local"))


def _ping(url: str) -> tuple[Grade, str, str]:
    from redis import Redis, RedisError

    try:
        with closing(Redis.from_url(url, socket_timeout=3)) as redis:
            server: dict[str, str] = redis.info("server")  # type: ignore[assignment]  # redis-py types both clients at once
    except (RedisError, ValueError):
        return (
            "missing",
            "does not answer at HEYGEM_REDIS_URL",
            "start it, or unset HEYGEM_REDIS_URL for the embedded one",
        )
    return "ok", f"{server['redis_version']} at HEYGEM_REDIS_URL", ""


def _disk(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir.resolve()
    nearest = next(path for path in (folder, *folder.parents) if path.is_dir())
    free_gb = shutil.disk_usage(nearest).free / 1e9
    enough = free_gb > 2
    remedy = "" if enough else "free some space or set HEYGEM_DATA_DIR elsewhere"
    yield Finding("disk", "ok" if enough else "missing", f"{free_gb:.0f} GB free at {_short(folder)}", remedy)


def _fonts(_: Settings) -> Iterator[Finding]:
    """For subtitles in the picture."""
    lacking = [script for script, text in (("Latin", "voice"), ("Chinese", "声音")) if not _written(text)]
    if lacking:
        yield Finding("fonts", "optional", f"none for {', '.join(lacking)}", _FONTS)
    else:
        yield Finding("fonts", "ok", "Latin and Chinese, for burned-in subtitles")


_FONTS = "install fontconfig and fonts (Debian: fonts-dejavu-core, fonts-noto-cjk)"


def _written(text: str) -> bool:
    try:
        return bool(runs(text, fonts_for(text)))
    except HeygemError:
        return False


def _port(settings: Settings) -> Iterator[Finding]:
    where = f"{settings.web.host}:{settings.web.port}"
    try:
        socket.create_server((settings.web.host, settings.web.port)).close()
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        remedy = "heygem is up, or set HEYGEM_WEB__PORT to another" if taken else "set HEYGEM_WEB__HOST and _PORT"
        yield Finding("web page", "optional" if taken else "missing", f"{where}: {error.strerror}", remedy)
    else:
        yield Finding("web page", "ok", f"{where} is free")


REACHABLE = "set HEYGEM_WEB__PUBLIC_URL to the address that people reach the web page by"


def _chats(settings: Settings) -> Iterator[Finding]:
    yield Finding("console chat", "ok", "heygem chat")
    yield _telegram(settings)
    yield _slack(settings)
    if (settings.telegram_token or settings.slack_bot_token) and settings.web.only_here:
        yield Finding("links", "optional", f"{settings.web.base_url} opens on this machine only", REACHABLE)


def _telegram(settings: Settings) -> Finding:
    """Only what is set is looked at; whether Telegram takes the token, the bot says when it starts."""
    if settings.telegram_token is None:
        return Finding("Telegram", "optional", "no token", "docs/telegram.md says how to get one")
    if _version("python-telegram-bot") is None:
        missing = "python-telegram-bot is not installed"
        return Finding("Telegram", "optional", missing, "pip install 'heygem-bot[telegram]'")
    if not re.fullmatch(r"\d+:[\w-]+", settings.telegram_token.get_secret_value()):
        return Finding("Telegram", "optional", "HEYGEM_TELEGRAM_TOKEN is no token", "copy it from @BotFather again")
    return Finding("Telegram", "ok", "webhook" if settings.telegram.webhook_url else "long polling")


def _slack(settings: Settings) -> Finding:
    """Only what is set is looked at; whether Slack takes the tokens, the bot says when it starts."""
    name, second = "Slack", settings.slack_app_token
    if settings.slack_bot_token is None:
        return Finding(name, "optional", "no token", "docs/slack.md says how to get one")
    if _version("slack-bolt") is None:
        return Finding(name, "optional", "slack-bolt is not installed", "pip install 'heygem-bot[slack]'")
    way, setting = "Socket Mode", "HEYGEM_SLACK_APP_TOKEN"
    if settings.slack.events_url:
        way, setting, second = "HTTP", "HEYGEM_SLACK_SIGNING_SECRET", settings.slack_signing_secret
    return Finding(name, "ok", way) if second else Finding(name, "optional", f"{way} lacks a secret", f"set {setting}")


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _show(findings: list[Finding], healthy: bool) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "what", "found", "how to get it"):
        table.add_column(heading)
    for finding in findings:
        table.add_row(_MARKS[finding.grade], finding.name, finding.found, finding.remedy)
    console = Console()
    console.print(table)
    console.print(
        "[green]Ready: try `heygem demo`.[/]" if healthy else "[red]The main job can't run yet; see ✗ above.[/]"
    )
