"""The connection over which Slack reaches us: lost, silent, refused, and what the bot's health says meanwhile."""

import asyncio
from itertools import pairwise

import pytest
from redis.asyncio import Redis

from bot.slack import line, socket
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.sentences import LANGUAGES, explain_error
from heygem.base.settings import Settings
from heygem.health import alive
from heygem.redis import heartbeat
from heygem.redis.handles import handles
from tests.fakes.slack import delivery
from tests.fakes.slack.server import SlackFake
from tests.fakes.slack.workspace import Json
from tests.patience import PATIENCE_SECONDS
from tests.slacking import Team, at_work, settings_for, words_are_media
from tests.uploading import until

__all__ = ["words_are_media"]

pytestmark = pytest.mark.usefixtures("words_are_media", "short_waits")


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "_BEAT_S", 0.2)
    monkeypatch.setattr(socket, "_PAUSE_S", (0.05, 0.1))
    monkeypatch.setattr(line, "_PATIENCE_S", 0.3)
    monkeypatch.setattr(heartbeat, "BEAT_S", 0.05)
    monkeypatch.setattr(delivery, "ACK_SECONDS", 1.0)


@pytest.fixture
async def team(slack: SlackFake, redis: Redis, settings: Settings) -> Team:
    return await Team.of(slack, redis, settings_for(slack, settings))


def opened(team: Team) -> int:
    return len(team.slack.made("apps.connections.open"))


async def ill(team: Team) -> HeygemError:
    """What the bot's health says, once it says something bad."""

    async def look() -> HeygemError | None:
        try:
            await alive("bot", team.room.settings)
        except HeygemError as error:
            return error
        return None

    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while (said := await look()) is None:
        assert asyncio.get_running_loop().time() < deadline, "the bot is healthy"
        await asyncio.sleep(0.02)
    return said


async def well(team: Team) -> None:
    async def look() -> bool:
        try:
            return await alive("bot", team.room.settings)
        except HeygemError:
            return False

    await until(look)


async def test_what_the_app_is_called_is_known_to_the_pages(team: Team, redis: Redis) -> None:
    async def told() -> bool:
        return await handles(redis, ["slack"]) == {"slack": "bot"}

    async with at_work(team.room.settings, team.slack):
        await until(told)


async def test_a_gateway_that_is_away_for_a_while_costs_no_message_and_the_health_says_so(team: Team) -> None:
    async with at_work(team.room.settings, team.slack):
        await well(team)
        team.slack.socket.closed = True
        await team.slack.socket.drop()
        team.anna.say(team.anna.direct, "help")
        lost = await ill(team)
        tries = opened(team)
        await team.slack.until(lambda: opened(team) > tries + 1)
        team.slack.socket.closed = False
        await team.hears("/batch generate – start", team.anna.direct)
        await well(team)
    assert lost.code is ErrorCode.CONNECTION_LOST
    assert explain_error(lost).startswith("Nothing is heard from Slack: the connection has been lost for ")
    assert all(explain_error(lost, language) for language in LANGUAGES)


async def test_a_connection_that_dies_without_a_word_is_noticed_and_replaced(team: Team) -> None:
    async with at_work(team.room.settings, team.slack):
        await well(team)
        team.slack.socket.silence()
        said = team.anna.say(team.anna.direct, "help")
        await team.slack.until(lambda: opened(team) == 2)
        await team.hears("/batch generate – start", team.anna.direct)
        await team.handled()
    assert said.text == "help"
    assert len(team.slack.workspace.ours(team.anna.direct.id)) == 1


async def test_slack_is_asked_for_addresses_as_slowly_as_it_wants(team: Team) -> None:
    asked: list[float] = []

    async def note(_: Json) -> None:
        asked.append(asyncio.get_running_loop().time())

    async with at_work(team.room.settings, team.slack):
        team.slack.before["apps.connections.open"] = note
        team.slack.fault("apps.connections.open", retry_after=1, times=2)
        await team.slack.socket.drop()
        await team.slack.until(lambda: len(asked) == 3)
        team.anna.say(team.anna.direct, "help")
        await team.hears("/batch generate – start", team.anna.direct)
    assert all(later - earlier >= 1 for earlier, later in pairwise(asked))


async def test_an_app_token_that_is_revoked_ends_the_bot_with_a_sentence(team: Team) -> None:
    async with at_work(team.room.settings, team.slack) as bot:
        await well(team)
        team.slack.dead_app_token = "token_revoked"  # noqa: S105 (no token)
        await team.slack.socket.drop()
        with pytest.raises(HeygemError) as refused:
            await asyncio.wait_for(bot, PATIENCE_SECONDS)
    assert explain_error(refused.value) == "Slack refuses the token in HEYGEM_SLACK_APP_TOKEN: token_revoked."
    assert opened(team) == 2, "it is not asked again"


async def test_a_bot_that_cannot_reach_slack_at_its_start_says_so(team: Team) -> None:
    team.slack.fault("auth.test", retry_after=1, times=1)
    said = asyncio.create_task(ill(team))
    async with at_work(team.room.settings, team.slack):
        assert (await said).code is ErrorCode.CONNECTION_LOST
        await well(team)
