"""What the doctor finds wrong."""

import socket

import pytest
from pydantic import SecretStr

from heygem.cli import doctor
from heygem.cli.doctor import Finding, examine
from heygem.media.fonts import Font
from heygem.settings import Settings, Web

TOKEN = SecretStr("123456:AAFake")


def found(settings: Settings, name: str) -> list[Finding]:
    return [finding for finding in examine(settings) if finding.name == name]


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


def test_a_taken_port_may_be_heygem_itself(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        (finding,) = found(settings.model_copy(update={"web": Web(port=other.getsockname()[1])}), "web page")
    assert finding.grade == "optional"


@pytest.mark.parametrize("host", ["203.0.113.1", "no.such.invalid"])
def test_an_address_that_is_not_this_machines_is_missing(settings: Settings, host: str) -> None:
    (finding,) = found(settings.model_copy(update={"web": Web(host=host, port=0)}), "web page")
    assert finding.grade == "missing"


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
    findings = found(settings.model_copy(update={"web": web, "telegram_token": TOKEN}), "links")
    assert len(findings) == only_here
    assert all("HEYGEM_WEB__PUBLIC_URL" in finding.remedy for finding in findings)
    assert found(settings.model_copy(update={"web": web}), "links") == []


def test_a_machine_without_chinese_letters_is_told_which_fonts_to_install(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "fonts_for", lambda _: (Font("latin.ttf", 0, (0x20,), (0x7E,)),))
    (finding,) = found(settings, "fonts")
    assert (finding.grade, finding.found) == ("optional", "none for Chinese")
    assert "fontconfig" in finding.remedy
