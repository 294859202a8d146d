"""`heygem up` and `heygem chat` before they start anything."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.sentences import explain_error
from heygem.base.settings import Settings, Slack, Telegram, Web
from heygem.cli import port, processes
from tests.ports import free_port

TOKEN = SecretStr("123456:AAFake")


@pytest.fixture
def refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., HeygemError]:
    """How a command ends with these settings, where it must start nothing."""

    def start(command: Callable[[], None] = processes.up, **changed: Any) -> HeygemError:
        monkeypatch.setattr(processes, "load_settings", lambda: settings.model_copy(update=changed))
        monkeypatch.setattr(processes, "running", pytest.fail)
        monkeypatch.setattr(port, "_ASK_S", 0.3)
        with pytest.raises(HeygemError) as caught:
            command()
        return caught.value

    return start


@pytest.fixture(params=["127.0.0.1", "::1"])
def taken(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    """An address that another program listens at."""
    host: str = request.param
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as other:
        yield host, other.getsockname()[1]


@pytest.mark.parametrize("command", [processes.up, processes.chat])
def test_an_engine_that_there_is_not_is_refused_before_anything_starts(
    command: Callable[[], None], refused: Callable[..., HeygemError]
) -> None:
    error = refused(command, engine="magic")
    assert (error.code, error.params["engine"]) == (ErrorCode.ENGINE_UNKNOWN, "magic")


@pytest.mark.parametrize(
    ("variable", "settings_at"),
    [
        ("HEYGEM_WEB__PORT", lambda host, port: {"web": Web(host=host, port=port)}),
        (
            "HEYGEM_TELEGRAM__WEBHOOK_PORT",
            lambda host, port: {
                "web": Web(port=free_port()),
                "telegram_token": TOKEN,
                "telegram": Telegram(webhook_url="https://example.org/t", webhook_host=host, webhook_port=port),
            },
        ),
        (
            "HEYGEM_SLACK__EVENTS_PORT",
            lambda host, port: {
                "web": Web(port=free_port()),
                "slack_bot_token": TOKEN,
                "slack_signing_secret": TOKEN,
                "slack": Slack(events_url="https://example.org/s", events_host=host, events_port=port),
            },
        ),
    ],
)
def test_a_taken_port_is_told_with_its_setting_before_anything_starts(
    refused: Callable[..., HeygemError],
    taken: tuple[str, int],
    variable: str,
    settings_at: Callable[[str, int], dict[str, Any]],
) -> None:
    error = refused(**settings_at(*taken))
    assert error.code is ErrorCode.PORT_TAKEN
    assert f"{taken[1]}" in explain_error(error)
    assert f"set {variable}" in explain_error(error)
    assert error.params["holder"] == "another program"


def test_a_chat_whose_links_would_open_at_another_program_does_not_start(
    refused: Callable[..., HeygemError], taken: tuple[str, int]
) -> None:
    error = refused(processes.chat, web=Web(host=taken[0], port=taken[1]))
    assert error.code is ErrorCode.PORT_TAKEN


def test_one_port_for_two_of_ours_is_told_as_that(refused: Callable[..., HeygemError]) -> None:
    both = free_port()
    webhook = Telegram(webhook_url="https://example.org/t", webhook_port=both)
    error = refused(web=Web(port=both), telegram_token=TOKEN, telegram=webhook)
    assert (error.code, error.params["holder"]) == (ErrorCode.PORT_TAKEN, "the web page")


def test_a_webhook_that_is_not_set_needs_no_port(settings: Settings, taken: tuple[str, int]) -> None:
    telegram = Telegram(webhook_host=taken[0], webhook_port=taken[1])
    port.require_ports(settings.model_copy(update={"telegram_token": TOKEN, "telegram": telegram, "web": Web(port=0)}))


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        ({"slack_bot_token": TOKEN}, "HEYGEM_SLACK_APP_TOKEN"),
        ({"slack_app_token": TOKEN}, "HEYGEM_SLACK_BOT_TOKEN"),
        ({"slack_bot_token": TOKEN, "slack": Slack(events_url="https://a.org")}, "HEYGEM_SLACK_SIGNING_SECRET"),
    ],
)
def test_one_of_slacks_two_secrets_alone_is_told_before_anything_starts(
    refused: Callable[..., HeygemError], given: dict[str, Any], lacking: str
) -> None:
    error = refused(**given)
    assert (error.code, error.params["setting"]) == (ErrorCode.BAD_SETTING, lacking)
