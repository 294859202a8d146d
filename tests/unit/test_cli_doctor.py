"""What the doctor finds wrong, and how it says so."""

import contextlib
import errno
import io
import os
import socket
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from pydantic import SecretStr

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings, Slack, Telegram, Web
from heygem.base.streams import show_anything
from heygem.cli import doctor, port, trial
from heygem.cli.finding import Finding
from heygem.cli.trial import Tried, try_in_child
from heygem.media.fonts import Font
from tests.fakes.impostor import listener, saying
from tests.fakes.slack.server import APP_TOKEN, SIGNING_SECRET
from tests.ports import free_port


@pytest.fixture(autouse=True)
def ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every engine that is tried renders; `tests/acceptance` has it done in earnest."""
    monkeypatch.setattr(doctor, "try_in_child", lambda *_: Tried(1.5, None))
    monkeypatch.setattr(port, "_ASK_S", 0.3)


def found(settings: Settings, name: str) -> list[Finding]:
    return [finding for finding in doctor.examine(settings) if finding.name == name]


@pytest.mark.parametrize("engine", ["magic", "duix"])
def test_an_engine_that_is_chosen_and_cannot_run_keeps_the_main_job_from_running(
    settings: Settings, engine: str
) -> None:
    (finding,) = found(settings.model_copy(update={"engine": engine}), "HEYGEM_ENGINE")
    assert finding.grade == "missing"
    assert engine in finding.found
    assert finding.remedy


@pytest.mark.parametrize("engine", ["auto", "mesh"])
def test_an_engine_that_can_run_is_no_finding(settings: Settings, engine: str) -> None:
    assert found(settings.model_copy(update={"engine": engine}), "HEYGEM_ENGINE") == []


def lacking(missing: str) -> HeygemError:
    return HeygemError(ErrorCode.ENGINE_UNAVAILABLE, engine="mesh", missing=missing)


@pytest.mark.parametrize(
    ("tried", "remedy"),
    [
        (Tried(0.1, lacking("libGL.so.1")), "apt-get install libgl1 libglib2.0-0"),
        (Tried(0.1, lacking("libgthread-2.0.so.0")), "apt-get install libgl1 libglib2.0-0"),
        (Tried(0.1, lacking("libnew.so.3")), "libnew.so.3 is missing"),
        (Tried(0.1, lacking("ai_edge_litert")), "pip install -e '.[mesh]'"),
        (Tried(0.1, lacking("GPU")), "nvidia-smi"),
        (Tried(0.1, HeygemError(ErrorCode.ENGINE_FAILED, engine="mesh")), "heygem.log"),
        (Tried(0.1, HeygemError(ErrorCode.OUT_OF_MEMORY)), "Memory"),
        (Tried(0.0, HeygemError(ErrorCode.ENGINE_FAILED, engine="mesh"), "its process crashed"), "crashed"),
    ],
)
def test_an_engine_that_does_not_render_is_missing_with_what_brings_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tried: Tried, remedy: str
) -> None:
    monkeypatch.setattr(doctor, "try_in_child", lambda *_: tried)
    (finding,) = found(settings, "engine mesh")
    assert finding.grade == "missing"
    assert remedy in finding.remedy


@pytest.mark.parametrize(
    ("engine", "missing", "remedy"),
    [
        ("mesh", "ai_edge_litert, cv2", "pip install -e '.[mesh]'"),
        ("musetalk", "torch", "pip install -e '.[mesh,gpu]'"),
        ("musetalk", "musetalk/musetalkV15/unet.pth", "heygem models pull musetalk"),
        ("musetalk", "mesh/face_landmarker.task", "heygem models pull mesh"),
        ("duix", "duix.endpoints (settings)", "docs/engines.md"),
    ],
)
def test_what_an_engine_lacks_comes_with_the_command_that_brings_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, engine: str, missing: str, remedy: str
) -> None:
    monkeypatch.setattr(doctor, "available", lambda _: [(engine, missing)])
    (finding,) = found(settings, f"engine {engine}")
    assert finding.grade == "missing"
    assert missing in finding.remedy
    assert remedy in finding.remedy


def test_without_a_redis_server_the_doctor_says_what_brings_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> None:
        raise HeygemError(ErrorCode.REDIS_UNAVAILABLE, missing="redis-server")

    monkeypatch.setattr(doctor, "find_server", none)
    (finding,) = found(settings.model_copy(update={"redis_url": None}), "Redis")
    assert finding.grade == "missing"
    assert "apt-get install redis-server" in finding.remedy


@pytest.mark.parametrize(
    ("code", "fate"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "crashed (SIGSEGV)"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "memory runs out"),
        ("import sys; sys.exit('no voice')", "exit code 1"),
        ("import time; time.sleep(60)", "no answer in 1 s"),
    ],
)
def test_how_a_tried_engine_died_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, code: str, fate: str
) -> None:
    monkeypatch.setattr(trial, "python", lambda *_: [sys.executable, "-S", "-c", code])
    monkeypatch.setattr(trial, "_SECONDS", 1)
    tried = try_in_child(settings, "mesh")
    assert tried.error
    assert tried.error.code is ErrorCode.ENGINE_FAILED
    assert fate in tried.fate


@pytest.fixture
def taken() -> Iterator[int]:
    """A port of both families that another program has."""
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as other:
        yield other.getsockname()[1]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_that_another_program_has_is_missing_and_named_as_in_a_link(
    settings: Settings, taken: int, host: str
) -> None:
    (finding,) = found(settings.model_copy(update={"web": Web(host=host, port=taken)}), "web page")
    assert (finding.grade, finding.found) == ("missing", f"{'[::1]' if ':' in host else host}:{taken}")
    assert "HEYGEM_WEB__PORT" in finding.remedy


def test_the_ports_that_heygem_itself_has_are_no_trouble(
    settings: Settings, taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:1")  # what is on this machine is asked directly
    health = '{"ok": true, "redis": "ok"}'
    webhook = Telegram(webhook_url="https://example.org/t", webhook_port=taken)
    with listener(saying(f"HTTP/1.1 200 OK\r\ncontent-length: {len(health)}\r\n\r\n{health}")) as ours:
        up = {"web": Web(port=ours), "telegram": webhook, "telegram_token": SecretStr("asks nobody")}
        findings = list(doctor.examine(settings.model_copy(update=up)))
    held = {finding.name: finding.grade for finding in findings if "up already" in finding.found}
    assert held == {"web page": "ok", "Telegram webhook": "ok"}


def test_the_ports_at_which_telegram_and_slack_reach_us_are_looked_at_too(settings: Settings, taken: int) -> None:
    set_ = settings.model_copy(
        update={
            "telegram_token": SecretStr("no token, so that nobody is asked"),
            "telegram": Telegram(webhook_url="https://example.org/t", webhook_port=taken),
            "slack_bot_token": SecretStr(APP_TOKEN),
            "slack_signing_secret": SecretStr(SIGNING_SECRET),
            "slack": Slack(events_url="https://example.org/s", events_host="::1", events_port=taken),
        }
    )
    (webhook,) = found(set_, "Telegram webhook")
    (endpoint,) = found(set_, "Slack endpoint")
    assert (webhook.grade, endpoint.grade) == ("missing", "missing")
    assert "HEYGEM_TELEGRAM__WEBHOOK_PORT" in webhook.remedy
    assert "HEYGEM_SLACK__EVENTS_PORT" in endpoint.remedy


@pytest.mark.parametrize("host", ["203.0.113.1", "2001:db8::1", "no.such.invalid"])
def test_an_address_that_is_not_this_machines_is_missing(settings: Settings, host: str) -> None:
    (finding,) = found(settings.model_copy(update={"web": Web(host=host, port=0)}), "web page")
    assert finding.grade == "missing"
    assert "web.host" in finding.remedy


def test_a_port_that_this_user_may_not_have_is_told_as_the_port(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> socket.socket:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(socket, "create_server", refuse)
    (finding,) = found(settings.model_copy(update={"web": Web(port=80)}), "web page")
    assert finding.grade == "missing"
    assert "web.port" in finding.remedy
    assert "Permission denied" in finding.remedy


@pytest.mark.parametrize(
    ("web", "only_here"),
    [
        (Web(), True),
        (Web(host="0.0.0.0"), True),  # noqa: S104 (nothing binds to it)
        (Web(public_url="http://localhost:8080"), True),
        (Web(host="192.168.1.5"), False),
        (Web(public_url="https://videos.example.org"), False),
    ],
)
def test_links_that_open_on_this_machine_only_are_told_once_there_is_a_bot(
    settings: Settings, web: Web, *, only_here: bool
) -> None:
    findings = found(settings.model_copy(update={"web": web, "telegram_token": SecretStr("asks nobody")}), "links")
    assert len(findings) == only_here
    assert all("HEYGEM_WEB__PUBLIC_URL" in finding.remedy for finding in findings)
    assert found(settings.model_copy(update={"web": web}), "links") == []


def test_a_machine_without_chinese_letters_is_told_which_fonts_to_install(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "fonts_for", lambda _: (Font("latin.ttf", 0, (0x20,), (0x7E,)),))
    (finding,) = found(settings, "fonts")
    assert (finding.grade, finding.found) == ("optional", "none for Chinese")
    assert "apt-get install fontconfig" in finding.remedy


@pytest.mark.parametrize("engine", ["mesh", "magic"])
def test_the_exit_code_says_whether_what_is_configured_can_run(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    chosen = settings.model_copy(update={"engine": engine, "web": Web(port=free_port())})
    monkeypatch.setattr(doctor, "load_settings", lambda: chosen)
    if engine == "mesh":
        doctor.doctor()
    else:
        with pytest.raises(typer.Exit) as ended:
            doctor.doctor()
        assert ended.value.exit_code == 1


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "gbk", "utf-8"])
def test_whatever_the_terminal_can_show_every_remedy_is_whole_on_a_line_of_its_own(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(doctor, "load_settings", lambda: settings)
    monkeypatch.setattr(doctor, "available", lambda _: [("musetalk", "torch, diffusers"), ("mesh", None)])
    out = io.TextIOWrapper(io.BytesIO(), encoding)
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding))
    show_anything()
    with contextlib.suppress(typer.Exit):
        doctor.doctor()
    out.seek(0)
    assert "   torch, diffusers: in the checkout: pip install -e '.[mesh,gpu]'\n" in out.read()
