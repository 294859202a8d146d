"""The fake Slack is as strict as the published descriptions of its methods say."""

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.fakes.slack.server import APP_TOKEN, BOT_TOKEN, SlackFake, slack_fake
from tests.fakes.slack.table import METHODS
from tests.media import shared

TIERS = {"t2": 20, "t3": 50, "t4": 100, "t5": 300}


@pytest.fixture
async def slack() -> AsyncIterator[SlackFake]:
    async with slack_fake() as fake:
        yield fake


async def call(slack: SlackFake, method: str, token: str = BOT_TOKEN, **arguments: Any) -> dict[str, Any]:
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"} if token else {}) as session,
        session.post(slack.api_url + method, json=arguments) as answer,
    ):
        told: dict[str, Any] = await answer.json()
        return told | {"status": answer.status, "retry": answer.headers.get("Retry-After")}


@pytest.mark.parametrize("name", sorted(METHODS))
def test_methods_take_what_is_published(name: str) -> None:
    published = json.loads(shared(f"specs/slack-methods/{name}.json").read_text())
    method, arguments = METHODS[name], published["args"]
    assert method.required == set(arguments["required"])
    assert method.required | method.optional == set(arguments["properties"])
    assert method.json == published.get("json_input_supported", False)
    assert method.scopes == set(published["scope"].get("bot", []))
    if method.per_minute:
        assert method.per_minute == TIERS[published["rate_limits"]]


async def error(slack: SlackFake, method: str, token: str = BOT_TOKEN, **arguments: Any) -> object:
    return (await call(slack, method, token, **arguments)).get("error")


async def test_it_refuses_what_slack_refuses(slack: SlackFake) -> None:
    anna, boris = (slack.workspace.person(name) for name in ("anna", "boris"))
    channel = slack.workspace.channel("studio", anna).id
    hall = slack.workspace.channel("hall", anna, bot=False).id
    secret = slack.workspace.channel("secret", anna, kind="group", bot=False).id
    text = {"channel": channel, "text": "x"}
    posted = await call(slack, "chat.postMessage", **text)
    edit = {"channel": channel, "ts": posted["ts"]}
    answers = {
        "unknown_method": await error(slack, "chat.shout", **text),
        "not_authed": await error(slack, "auth.test", token=""),
        "invalid_auth": await error(slack, "auth.test", token="xoxb-else"),  # noqa: S106
        "not_allowed_token_type": await error(slack, "apps.connections.open"),
        "invalid_arguments": await error(slack, "chat.postMessage", **text, colour="red"),
        "channel_not_found": await error(slack, "chat.postMessage", channel=secret, text="x"),
        "not_in_channel": await error(slack, "chat.postMessage", channel=hall, text="x"),
        "thread_not_found": await error(slack, "chat.postMessage", **text, thread_ts="1.1"),
        "no_text": await error(slack, "chat.update", **edit),
        "invalid_blocks": await error(slack, "chat.update", **edit, blocks=[{"type": "x"}]),
        "msg_too_long": await error(slack, "chat.update", **edit, text="x" * 4001),
        "message_not_found": await error(slack, "chat.update", channel=channel, ts="1.1", text="x"),
        "user_not_in_channel": await error(slack, "chat.postEphemeral", **text, user=boris.id),
        "user_not_found": None,
    }
    del answers["user_not_found"]
    assert {word: word for word in answers} == answers
    assert await error(slack, "chat.postMessage", text="x") == "invalid_arguments"
    assert await error(slack, "files.info", file="F1") == "invalid_arguments"  # takes no JSON
    assert await error(slack, "apps.connections.open", token=APP_TOKEN) is None
    slack.scopes.discard("chat:write")
    assert await error(slack, "chat.update", **edit, text="x") == "missing_scope"


async def test_it_limits_edits_per_minute_and_messages_per_channel(slack: SlackFake) -> None:
    channel = slack.workspace.channel("studio").id
    posts = [await call(slack, "chat.postMessage", channel=channel, text="x") for _ in range(5)]
    assert [post["status"] for post in posts] == [200, 200, 200, 429, 429]
    assert 1 <= int(posts[-1]["retry"]) <= 4
    edit = {"channel": channel, "ts": posts[0]["ts"], "text": "y"}
    statuses = [(await call(slack, "chat.update", **edit))["status"] for _ in range(52)]
    assert statuses == [200] * 50 + [429] * 2


async def test_a_file_without_the_right_header_is_a_login_page(slack: SlackFake) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{slack.url}/files-pri/T-F1/x.mp4") as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
        assert "Sign in" in await answer.text()
