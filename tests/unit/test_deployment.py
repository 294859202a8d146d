"""docker-compose.yml, the Dockerfile and .env.example: nothing here can start them, so they are held to the code."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from heygem.base.setting_names import names, variable
from heygem.base.settings import Settings, Slack, Telegram

ROOT = Path(__file__).parents[2]
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
EXAMPLE = (ROOT / ".env.example").read_text()
NAMES = re.findall(r"^([A-Z_]+)=", EXAMPLE, re.MULTILINE)


SETTINGS = {variable(name) for name in names(Settings)}  # as environment variables
SECRETS = {name for name in SETTINGS if "TOKEN" in name or "SECRET" in name}
# What the containers have of their own, whatever .env says for the machine around them.
FIXED = {
    "HEYGEM_REDIS_URL": "redis://redis:6379/0",
    "HEYGEM_DATA_DIR": "/data",
    "HEYGEM_MODELS_DIR": "/models",
    "HEYGEM_WEB__HOST": "0.0.0.0",  # noqa: S104 (inside its container)
    "HEYGEM_WEB__PORT": "8080",
    "HEYGEM_WEB__NGINX": "true",
    "HEYGEM_TELEGRAM__WEBHOOK_HOST": "0.0.0.0",  # noqa: S104
    "HEYGEM_TELEGRAM__WEBHOOK_PORT": "8443",
    "HEYGEM_SLACK__EVENTS_HOST": "0.0.0.0",  # noqa: S104
    "HEYGEM_SLACK__EVENTS_PORT": "8090",
}


def interpolated(text: str) -> set[str]:
    return set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", text))


def test_only_nginx_is_published() -> None:
    assert [name for name, service in SERVICES.items() if service.get("ports")] == ["nginx"]
    assert not [name for name, service in SERVICES.items() if service.get("network_mode") or service.get("expose")]


def test_what_runs_without_a_profile_is_the_whole_product() -> None:
    usual = {name for name, service in SERVICES.items() if not service.get("profiles")}

    assert usual == {"redis", "worker", "telegram", "slack", "web", "nginx"}


def test_every_profile_is_explained() -> None:
    for service in SERVICES.values():
        for profile in service.get("profiles", []):
            assert re.search(rf"^#   {profile} ", COMPOSE_TEXT, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_that_stays_has_a_health_check_and_starts_again(name: str) -> None:
    if name == "duix-folder":
        return
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_what_a_service_needs_is_there(name: str) -> None:
    service = SERVICES[name]
    needed = service.get("depends_on", {})
    assert set(needed) <= set(SERVICES)
    profiles = set(service.get("profiles", []))
    for other in needed:
        assert set(SERVICES[other].get("profiles", [])) <= profiles, f"{name} starts without {other}"
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        if source.startswith("./"):
            assert (ROOT / source).is_file(), source
        elif not source.startswith("${"):
            assert source in COMPOSE["volumes"], source


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_setting_reaches_every_container_of_ours(name: str) -> None:
    given: dict[str, str | None] = OURS[name]["environment"]

    assert {outer for outer in given if outer.startswith("HEYGEM_")} - SECRETS == SETTINGS - SECRETS
    assert {outer: value for outer, value in given.items() if outer in FIXED} == FIXED
    for outer, value in given.items():
        assert outer in FIXED or value is None or value.startswith(f"${{{outer}:-")


def test_what_the_containers_have_of_their_own_comes_before_a_whole_group(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in FIXED.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HEYGEM_WEB", '{"host": "127.0.0.1", "port": 9000, "upload_hours": 5}')
    web = Settings(_env_file=None).web

    assert (web.host, web.port, web.nginx, web.upload_hours) == ("0.0.0.0", 8080, True, 5)  # noqa: S104


def test_a_token_reaches_the_one_service_that_needs_it() -> None:
    secret = re.compile(r"TOKEN|SECRET|API_HASH")
    holders = {
        variable: name
        for name, service in SERVICES.items()
        for variable in service.get("environment", {})
        if secret.search(variable)
    }

    assert holders == {
        "HEYGEM_TELEGRAM_TOKEN": "telegram",
        "HEYGEM_SLACK_BOT_TOKEN": "slack",
        "HEYGEM_SLACK_APP_TOKEN": "slack",
        "HEYGEM_SLACK_SIGNING_SECRET": "slack",
        "TELEGRAM_API_HASH": "bot-api",
    }
    for secret_name in holders:
        assert f"{secret_name}: ${{{secret_name}:-}}" in COMPOSE_TEXT, "a value is written into the file"


@pytest.mark.parametrize(
    ("name", "port", "setting"),
    [
        ("slack", Slack().events_port, "HEYGEM_SLACK__EVENTS_"),
        ("telegram", Telegram().webhook_port, "HEYGEM_TELEGRAM__WEBHOOK_"),
    ],
)
def test_nginx_hands_a_called_bot_what_it_is_called_for(name: str, port: int, setting: str) -> None:
    config = (ROOT / "config" / "nginx.conf").read_text()

    assert f"server {name}:{port};" in config
    assert FIXED[f"{setting}PORT"] == str(port)
    assert FIXED[f"{setting}HOST"] == "0.0.0.0"  # noqa: S104
    assert name in SERVICES["nginx"]["depends_on"], "nginx does not start without the name"


@pytest.mark.parametrize("name", ["telegram", "slack"])
def test_a_bot_without_its_token_waits_instead_of_failing_for_ever(name: str) -> None:
    shell, option, script = OURS[name]["command"]

    assert (shell, option) == ("sh", "-c")
    assert f"&& exec python -m bot {name}" in script
    assert script.strip().endswith("exec sleep infinity")


def test_ours_run_as_an_ordinary_user_without_privileges() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"^USER (\S+)", dockerfile, re.MULTILINE) == ["heygem"]
    for service in OURS.values():
        assert "user" not in service
        assert "privileged" not in service
        assert service["cap_drop"] == ["ALL"]


def test_the_bot_api_server_may_write_where_our_user_reads() -> None:
    uid = re.search(r"useradd .*--uid (\d+)", (ROOT / "Dockerfile").read_text())

    assert uid is not None
    assert SERVICES["bot-api"]["user"] == f"{uid[1]}:{uid[1]}"


def test_what_the_image_is_made_of_is_there_and_reaches_the_build() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    let_in = set(re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    copied = {source for line in re.findall(r"^COPY (.*)$", dockerfile, re.MULTILINE) for source in line.split()[:-1]}

    assert copied == let_in
    assert all((ROOT / source).exists() for source in copied)


def test_the_image_is_built_with_extras_that_exist() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    built = re.findall(r"EXTRAS[=:] ?\"?([a-z,]+)", (ROOT / "Dockerfile").read_text() + COMPOSE_TEXT)

    assert len(built) == 2
    for extra in {extra for each in built for extra in each.split(",")}:
        assert re.search(rf"^{extra} = \[", project, re.MULTILINE), extra


def test_what_the_guides_install_brings_the_bots_libraries() -> None:
    (installed,) = re.findall(r"\$\(PIP\) '\.\[(mesh[a-z,]+)\]'", (ROOT / "Makefile").read_text())

    for bot in ("telegram", "slack"):
        guide = (ROOT / "docs" / f"{bot}.md").read_text()
        assert f"the {bot.capitalize()} packages included" in guide
        assert bot in installed.split(",")


def test_the_example_has_every_name_and_no_value() -> None:
    assert interpolated(COMPOSE_TEXT) | {"COMPOSE_PROFILES"} <= set(NAMES)
    assert {name for name in NAMES if name.startswith("HEYGEM_")} <= SETTINGS
    assert set(NAMES) >= SECRETS
    assert not re.findall(r"^[A-Z_]+=.+$", EXAMPLE, re.MULTILINE)


def test_a_name_without_a_value_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the example can be copied as it is, and docker-compose can hand on what is not there."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HEYGEM_CONFIG", os.devnull)
    default = Settings(_env_file=None)
    for name in NAMES:
        monkeypatch.setenv(name, "")

    assert Settings(_env_file=ROOT / ".env.example") == default
    assert Settings(_env_file=None) == default
