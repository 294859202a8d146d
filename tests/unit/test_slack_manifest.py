"""config/slack-manifest.yaml: what Slack's schema asks, what it does not, and nothing that is not used."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.fakes.slack.table import METHODS
from tests.media import shared

ROOT = Path(__file__).parents[2]
# Commands of Slack's own (its help article "Use built-in slash commands"), older ones, and words it keeps back; one of
# them makes it refuse the whole manifest.
_KEPT = """
active apps archive away call canvas collapse dm dnd expand feed feedback files giphy hangouts help huddle invite
invite_people join kick leave list lists me msg mute open part people poll prefs pro remind reminders remove rename
search shortcuts shrug star status topic unarchive unmute who workflow zoom
"""
RESERVED = frozenset(_KEPT.split())
# Which scope each thing that we hear or call needs.
EVENT_SCOPES = {
    "app_home_opened": "",
    "app_mention": "app_mentions:read",
    "app_uninstalled": "",
    "file_deleted": "files:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "tokens_revoked": "",
}


@pytest.fixture
def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "config" / "slack-manifest.yaml").read_text())
    return loaded


def called_methods() -> set[str]:
    source = "".join(path.read_text() for path in (ROOT / "bot" / "slack").glob("*.py"))
    return set(re.findall(r'"([a-z]+\.[a-zA-Z.]+)"', source)) & set(METHODS)


def test_slack_accepts_it(manifest: dict[str, Any]) -> None:
    schema = json.loads(shared("specs/slack-manifest.schema.json").read_text())
    jsonschema.validate(manifest, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(manifest | {"display_information": {"name": "x" * 36}}, schema)


def test_no_command_has_a_name_that_slack_reserves(manifest: dict[str, Any]) -> None:
    commands = {command["command"] for command in manifest["features"]["slash_commands"]}
    assert commands == {"/batch", "/export"}
    assert {"status", "help", "remove"} <= RESERVED  # commands of ours elsewhere, which can't be registered here
    assert not {command.removeprefix("/").lower() for command in commands} & RESERVED
    assert all(re.fullmatch(r"/[a-z0-9_-]{1,31}", command) for command in commands)


def test_it_asks_for_what_is_used_and_nothing_else(manifest: dict[str, Any]) -> None:
    events = set(manifest["settings"]["event_subscriptions"]["bot_events"])
    assert events == set(EVENT_SCOPES)
    needed = {EVENT_SCOPES[event] for event in events} - {""} | {"commands"}
    called = called_methods()
    assert {"chat.postMessage", "chat.update", "files.info", "users.info", "views.publish"} <= called
    needed |= {scope for method in called for scope in METHODS[method].scopes}
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == needed
    assert "user" not in manifest["oauth_config"]["scopes"]


def test_it_works_without_an_address_of_ours(manifest: dict[str, Any]) -> None:
    settings = manifest["settings"]
    assert settings["socket_mode_enabled"] is True
    assert settings["interactivity"] == {"is_enabled": True}
    assert settings["token_rotation_enabled"] is False  # a token that expires would end the bot
    assert manifest["features"]["app_home"]["messages_tab_read_only_enabled"] is False
