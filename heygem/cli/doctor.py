"""`heygem doctor`: what is present, what is missing, how to get it."""

import json as jsonlib
import platform
import shutil
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.text import Text

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.sentences import explain_error
from heygem.base.settings import Settings, load_settings
from heygem.cli.finding import Finding, Grade, installed
from heygem.cli.port import OURSELVES, doors
from heygem.cli.progress import say, tick
from heygem.cli.remedy import SERVER, cure, install, remedy
from heygem.cli.trial import try_in_child
from heygem.engines import available
from heygem.media.fonts import fonts_for, runs
from heygem.redis.reachable import look
from heygem.redis.server import find_server

_MARKS: Mapping[Grade, Literal["done", "open", "failed"]] = {"ok": "done", "optional": "open", "missing": "failed"}


def doctor(json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")] = False) -> None:
    """Say what is present, what is missing and how to get it.

    Exit code 1 if the main job, or something that is configured, can't run.
    """
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
        _ports,
        _chats,
    )
    for check in checks:
        yield from check(settings)


def _python(_: Settings) -> Iterator[Finding]:
    fits = (3, 11) <= sys.version_info[:2] <= (3, 14)
    wanted = "" if fits else "install Python 3.11 to 3.14"
    yield Finding("Python", "ok" if fits else "missing", platform.python_version(), wanted)


def _opencv(_: Settings) -> Iterator[Finding]:
    names = ("opencv-python", "opencv-contrib-python", "opencv-python-headless")
    versions = {name: version for name in names if (version := installed(name))}
    shown = ", ".join(f"{name} {version}" for name, version in versions.items()) or "not installed"
    if len(set(versions.values())) > 1:
        yield Finding("OpenCV", "missing", shown, "they share one folder: keep opencv-python alone")
    else:
        yield Finding("OpenCV", "ok" if versions else "missing", shown, "" if versions else install("mesh"))


def _engines(settings: Settings) -> Iterator[Finding]:
    engines = list(available(settings))
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
        return Finding(f"engine {name}", "optional", "can't run", remedy(name, missing))
    say(f"Trying the engine {name}: one second of video")
    tried = try_in_child(settings, name)
    if tried.error is None:
        return Finding(f"engine {name}", "ok", f"rendered one second in {tried.seconds:.1f} s")
    return Finding(f"engine {name}", "optional", "does not render", tried.fate or cure(name, tried.error))


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
        yield Finding("Redis", "ok", f"embedded, {find_server()}")
    except HeygemError as error:
        yield Finding("Redis", "missing", explain_error(error, door="local"), SERVER)


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


_FONTS = "apt-get install fontconfig fonts-dejavu-core fonts-noto-cjk"


def _written(text: str) -> bool:
    try:
        return bool(runs(text, fonts_for(text)))
    except HeygemError:
        return False


def _ports(settings: Settings) -> Iterator[Finding]:
    """The web page comes first and says who it is. Where it is ours, so are the other doors, which say nothing."""
    ours = False
    for door in doors(settings):
        try:
            door.require_free()
        except HeygemError as error:
            ours = ours or error.params.get("holder") == OURSELVES
            if ours and error.code is ErrorCode.PORT_TAKEN:
                yield Finding(door.name, "ok", f"{door.address} has {OURSELVES}")
            else:
                yield Finding(door.name, "missing", door.address, explain_error(error, door="local"))
        else:
            yield Finding(door.name, "ok", f"{door.address} is free")


REACHABLE = "set HEYGEM_WEB__PUBLIC_URL to the address that people reach the web page by"


def _chats(settings: Settings) -> Iterator[Finding]:
    yield Finding("console chat", "ok", "heygem chat")
    from heygem.cli.tokens import slack, telegram  # httpx, which no other command waits for

    yield telegram(settings)
    yield slack(settings)
    if (settings.telegram_token or settings.slack_bot_token) and settings.web.only_here:
        yield Finding("links", "optional", f"{settings.web.base_url} opens on this machine only", REACHABLE)


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _show(findings: list[Finding], healthy: bool) -> None:
    """A remedy has lines of its own, which nothing of ours breaks: it is there to be copied."""
    console, width = Console(soft_wrap=True, highlight=False), max(len(finding.name) for finding in findings)
    for finding in findings:
        console.print(Text.assemble(_mark(finding), f" {finding.name:{width}}  {finding.found}"))
        if finding.remedy:
            console.print(Text(f"   {finding.remedy}", "bold"))
    bad = Text.assemble(("Something can't run yet; see ", "red"), tick("failed"), (" above.", "red"))
    console.print(Text("Ready: try `heygem demo`.", "green") if healthy else bad)


def _mark(finding: Finding) -> Text:
    mark = tick(_MARKS[finding.grade])
    mark.pad_right(2 - len(mark.plain))
    return mark
