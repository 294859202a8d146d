"""`heygem doctor`: what is present, what is missing, how to get it."""

import importlib.metadata
import json as jsonlib
import platform
import re
import shutil
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

import httpx
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from heygem.batches.reachable import look
from heygem.batches.server import find_server
from heygem.cli.port import require_port
from heygem.cli.progress import say, tick
from heygem.cli.trial import try_in_child
from heygem.engines import available
from heygem.engines.models import FILES
from heygem.errors import ErrorCode, HeygemError
from heygem.media.fonts import fonts_for, runs
from heygem.sentences import explain_error
from heygem.settings import Settings, load_settings

Grade = Literal["ok", "optional", "missing"]
_MARKS: Mapping[Grade, Literal["done", "open", "failed"]] = {"ok": "done", "optional": "open", "missing": "failed"}


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


_INSTALL = "in the checkout: pip install -e '.[{}]'"
_EXTRA = _INSTALL.format("mesh")


def _engines(settings: Settings) -> Iterator[Finding]:
    engines = list(available())
    chosen = dict([*engines, ("auto", None)]).get(settings.engine, "there is no such engine")
    if chosen:
        yield Finding("HEYGEM_ENGINE", "missing", f"{settings.engine} can't run", chosen)
    findings = [_engine(settings, name, missing) for name, missing in engines]
    wanted = {settings.engine} if settings.engine in dict(engines) else set(dict(engines))
    runs = any(found.grade == "ok" for found in findings if found.name.removeprefix("engine ") in wanted)
    for found in findings:
        yield found if runs or found.grade == "ok" else replace(found, grade="missing")


def _engine(settings: Settings, name: str, missing: str | None) -> Finding:
    if missing is not None:
        return Finding(f"engine {name}", "optional", "can't run", _remedy(name, missing))
    say(f"Trying the engine {name} …")
    tried = try_in_child(settings, name)
    if tried.error is None:
        return Finding(f"engine {name}", "ok", f"rendered one second in {tried.seconds:.1f} s")
    return Finding(f"engine {name}", "optional", "does not render", _cure(tried.error))


def _remedy(engine: str, missing: str) -> str:
    if engine not in FILES:
        return missing
    # A file has a folder, a package has none.
    return f"{missing}: " + (f"heygem models pull {engine}" if "/" in missing else _INSTALL.format("mesh,gpu"))


# Which Debian package has a library that others are linked with, where the name does not say it.
_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libGLESv2.so.2": "libgles2",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libSM.so.6": "libsm6",
    "libXext.so.6": "libxext6",
    "libgomp.so.1": "libgomp1",
}


def _cure(error: HeygemError) -> str:
    missing = str(error.params.get("missing", ""))
    if error.code is ErrorCode.ENGINE_UNAVAILABLE and ".so" in missing:
        package = _LIBRARIES.get(missing)
        return f"{missing} is missing: " + (f"apt-get install {package}" if package else "install what has it")
    if error.code is ErrorCode.ENGINE_UNAVAILABLE:
        return f"{missing} is missing: {_EXTRA}"
    return explain_error(error, door="local")


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
        seen = look(settings.redis_url.get_secret_value())
        if seen.state == "fine":
            yield Finding("Redis", "ok", f"{seen.version} at HEYGEM_REDIS_URL")
        else:
            yield Finding("Redis", "missing", "can't be used", explain_error(seen.refusal, door="local"))
        return
    try:
        yield Finding("Redis", "ok", f"embedded, {find_server().name}")
    except HeygemError as error:
        yield Finding("Redis", "missing", "can't be used", explain_error(error, door="local"))


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
    where = urlsplit(settings.web.model_copy(update={"public_url": ""}).base_url).netloc
    try:
        require_port(settings)
    except HeygemError as error:
        taken = error.code is ErrorCode.PORT_TAKEN
        yield Finding("web page", "optional" if taken else "missing", where, explain_error(error, door="local"))
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
    name = "Telegram"
    if settings.telegram_token is None:
        return Finding(name, "optional", "no token", "docs/telegram.md says how to get one")
    if _version("python-telegram-bot") is None:
        return Finding(name, "optional", "python-telegram-bot is not installed", _INSTALL.format("telegram"))
    token = settings.telegram_token.get_secret_value()
    if not re.fullmatch(r"\d+:[\w-]+", token):
        return Finding(name, "optional", "HEYGEM_TELEGRAM_TOKEN is no token", "copy it from @BotFather again")
    base = settings.telegram.base_url
    address = base.format(token=token) if "{token}" in base else base + token
    try:
        answer = httpx.get(f"{address}/getMe", timeout=_ASK_S).json()
    except (httpx.HTTPError, ValueError):
        return Finding(name, "optional", "does not answer", "look whether this machine reaches api.telegram.org")
    if not answer.get("ok"):
        return Finding(name, "optional", "refuses HEYGEM_TELEGRAM_TOKEN", "copy it from @BotFather again")
    way = "webhook" if settings.telegram.webhook_url else "long polling"
    return Finding(name, "ok", f"@{answer['result'].get('username', '?')}, {way}")


_ASK_S = 10.0
_SLACK_KINDS = {"HEYGEM_SLACK_BOT_TOKEN": "xoxb-", "HEYGEM_SLACK_APP_TOKEN": "xapp-"}


def _slack(settings: Settings) -> Finding:
    name = "Slack"
    http = bool(settings.slack.events_url)
    second = settings.slack_signing_secret if http else settings.slack_app_token
    setting = "HEYGEM_SLACK_SIGNING_SECRET" if http else "HEYGEM_SLACK_APP_TOKEN"
    if settings.slack_bot_token is None and second is None:
        return Finding(name, "optional", "no token", "docs/slack.md says how to get one")
    if _version("slack-bolt") is None:
        return Finding(name, "optional", "slack-bolt is not installed", _INSTALL.format("slack"))
    if settings.slack_bot_token is None or second is None:
        lacking = "HEYGEM_SLACK_BOT_TOKEN" if settings.slack_bot_token is None else setting
        return Finding(name, "optional", f"{lacking} is not set", f"set {lacking}; docs/slack.md says where it is")
    asked = [("HEYGEM_SLACK_BOT_TOKEN", settings.slack_bot_token, "auth.test")]
    if not http:
        asked.append((setting, second, "apps.connections.open"))
    for variable, token, method in asked:
        if trouble := _slack_refusal(settings, variable, token.get_secret_value(), method):
            return Finding(name, "optional", *trouble)
    return Finding(name, "ok", "HTTP" if http else "Socket Mode")


def _slack_refusal(settings: Settings, variable: str, token: str, method: str) -> tuple[str, str] | None:
    """What is wrong with a token, and what to do; None if Slack takes it."""
    begins = _SLACK_KINDS[variable]
    if not token.startswith(begins):
        other = next((name for name, start in _SLACK_KINDS.items() if token.startswith(start)), None)
        remedy = f"it belongs into {other}; put the one that begins with {begins} here" if other else f"it is {begins}…"
        return f"{variable} is another kind of token", remedy
    try:
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.post(f"{settings.slack.api_url}{method}", headers=headers, timeout=_ASK_S).json()
    except (httpx.HTTPError, ValueError):
        return "does not answer", "look whether this machine reaches slack.com"
    if answer.get("ok"):
        return None
    return f"refuses {variable}: {answer.get('error', '?')}", "copy it from the app's page again"


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
        table.add_column(heading, overflow="fold")
    for finding in findings:
        table.add_row(tick(_MARKS[finding.grade]), *map(Text, (finding.name, finding.found, finding.remedy)))
    console = Console()
    console.print(table)
    bad = Text.assemble(("The main job can't run yet; see ", "red"), tick("failed"), (" above.", "red"))
    console.print(Text("Ready: try `heygem demo`.", "green") if healthy else bad)
