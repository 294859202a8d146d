"""How requests reach the bot, and how it bears Slack's bad days."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator
from itertools import pairwise
from urllib.parse import urlencode

import aiohttp
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from bot.chat.inbox import Envelope, Inbox
from bot.chat.retry import Policy
from bot.slack import PLATFORM, door, screen
from bot.slack.arrival import Arrival
from bot.slack.arrival import read as read_arrival
from bot.slack.door import Door
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.batches.model import Person
from heygem.redis import keys
from heygem.redis.connection import connect, reply
from heygem.redis.server import EmbeddedRedis
from tests.fakes.slack import delivery
from tests.fakes.slack.delivery import HttpMode
from tests.fakes.slack.people import MENTION, Human, envelope
from tests.fakes.slack.server import SlackFake
from tests.fakes.slack.workspace import BOT, Json
from tests.patience import PATIENCE_SECONDS
from tests.ports import free_port
from tests.slacking import Team, at_work, read, settings_for, words_are_media
from tests.uploading import until

__all__ = ["words_are_media"]

pytestmark = pytest.mark.usefixtures("words_are_media")


@pytest.fixture
def chosen(slack: SlackFake, settings: Settings) -> Settings:
    return settings_for(slack, settings)


@pytest.fixture
async def team(slack: SlackFake, redis: Redis, chosen: Settings) -> Team:
    return await Team.of(slack, redis, chosen)


def said_event(person: Human, text: str, ts: str = "1700000000.000001") -> Json:
    event = {"type": "message", "channel": person.direct.id, "channel_type": "im", "user": person.user.id}
    return envelope({**event, "text": text, "ts": ts}, 1)


async def kept(redis: Redis, arrival: Arrival) -> bool:
    return await Inbox(redis, PLATFORM).put(Envelope(arrival.id, arrival.model_dump_json()))


async def test_a_message_delivered_again_is_answered_once(team: Team, chosen: Settings) -> None:
    async with at_work(chosen, team.slack):
        said = team.anna.say(team.anna.direct, "help")
        sent = team.anna.drop(team.anna.direct, team.anna.file("face.mp4", b"video 4"))
        await team.hears("1. face.mp4", team.anna.direct)
        again = [team.anna.again(said), team.anna.again(sent)]
        await team.slack.until(lambda: all(each.acked for each in again))
        team.anna.say(team.anna.direct, "history")
        await team.hears("Your batches, newest first:", team.anna.direct)
        await team.handled()
    helped = [
        each for each in team.slack.workspace.ours(team.anna.direct.id) if "/batch generate – start" in read(each)
    ]
    assert len(helped) == 1
    batch = await team.room.store.history(_person(team.anna))
    assert [len(each.items) for each in batch] == [1]


async def test_a_command_that_somebody_replays_is_done_once(team: Team, chosen: Settings) -> None:
    async with at_work(chosen, team.slack):
        first = team.anna.command(team.channel, "/batch")
        await team.hears("New batch")
        replayed = team.slack.deliverer.deliver("slash_commands", first.payload)
        await team.slack.until(lambda: replayed.acked)
        team.anna.command(team.channel, "/batch help")
        await team.hears("/batch generate – start", who=team.anna)
        await team.handled()
    assert len(team.heads()) == 1


async def test_what_was_acknowledged_before_a_crash_is_answered_after_it(
    team: Team, chosen: Settings, redis: Redis
) -> None:
    body = said_event(team.anna, "help")
    arrival = read_arrival(body, BOT)
    assert arrival is not None
    assert await kept(redis, arrival)
    async with at_work(chosen, team.slack):
        await team.hears("/batch generate – start", team.anna.direct)
        team.slack.deliverer.deliver("events_api", body)
        await team.handled()
    assert len(team.slack.workspace.ours(team.anna.direct.id)) == 1
    assert await Inbox(redis, PLATFORM).left() == []


async def test_what_an_earlier_version_had_acknowledged_is_answered_after_the_update(
    team: Team, chosen: Settings, redis: Redis
) -> None:
    arrival = read_arrival(said_event(team.anna, "help"), BOT)
    assert arrival is not None
    entry = json.dumps({"at": time.time(), "arrival": arrival.model_dump(mode="json")})
    await reply(redis.hset("heygem:slack:inbox", arrival.id, entry))
    await reply(redis.hset("heygem:slack:tries", arrival.id, "1"))
    async with at_work(chosen, team.slack):
        await team.hears("/batch generate – start", team.anna.direct)
        await team.handled()
    assert not await redis.exists("heygem:slack:inbox", "heygem:slack:tries")


async def test_a_batch_opened_just_before_a_crash_is_opened_once(team: Team, chosen: Settings, redis: Redis) -> None:
    async with at_work(chosen, team.slack):
        head = await team.opened()
        await team.handled()
    batch = await team.batch(head)
    arrival = read_arrival(team.slack.deliverer.log[0].payload, BOT)
    assert arrival is not None
    await redis.delete(keys.inbox_seen(PLATFORM, arrival.id))
    assert await kept(redis, arrival)  # the crash came before it was crossed out
    async with at_work(chosen, team.slack):
        team.anna.command(team.channel, "/batch help")
        await team.hears("/batch generate – start", who=team.anna)
        await team.handled()
    assert len(team.heads()) == 1
    assert (await team.batch(head)).id == batch.id
    assert [each.id for each in await team.room.store.history(_person(team.anna))] == [batch.id]


@pytest.mark.parametrize("acts", [True, False])
async def test_a_batch_is_opened_once_where_the_answer_to_its_message_is_lost(
    team: Team, chosen: Settings, *, acts: bool
) -> None:
    async with at_work(chosen, team.slack):
        team.slack.fault("chat.postMessage", "", status=500, acts=acts)
        await team.opened()
        await team.handled()
    assert len(team.heads()) == 1
    assert "request" in team.heads()[0].metadata["event_payload"]


async def test_where_slack_takes_no_message_nobody_is_told_to_invite_the_bot(team: Team, chosen: Settings) -> None:
    async with at_work(chosen, team.slack):
        team.slack.fault("chat.postMessage", "", status=500, times=2)
        team.anna.command(team.channel, "/batch")
        await team.hears("Slack does not take my messages at the moment.", who=team.anna)
        await team.handled()
    assert team.heads() == []


async def test_a_redelivery_whose_first_attempt_died_unwritten_is_answered(team: Team, chosen: Settings) -> None:
    team.anna.say(team.anna.direct, "help")  # nobody is there
    delivery = team.slack.deliverer.log[0]
    async with at_work(chosen, team.slack):
        await team.hears("/batch generate – start", team.anna.direct)
    assert delivery.acked


async def test_without_redis_slack_is_asked_to_come_again_and_at_last_the_person_is_told(settings: Settings) -> None:
    nowhere = settings.model_copy(update={"redis_url": SecretStr("unix:///nowhere/redis.sock")})
    handled: list[str] = []

    async def handle(arrival: Arrival) -> None:
        handled.append(arrival.kind)

    redis = connect(nowhere)
    door = Door(Inbox(redis, PLATFORM), handle, handle, BOT, lambda reason: None)
    event = envelope({"type": "message", "channel": "D1", "user": "U1", "text": "help", "ts": "1.1"}, 1)
    command = {"command": "/batch", "user_id": "U1", "channel_id": "D1", "trigger_id": "1"}
    statuses = [(await door.receive(body, retry)).status for body, retry in ((event, 0), (event, 2), (command, 0))]
    assert statuses == [503, 200, 200]
    await door.leave()
    assert handled == ["message", "command"]
    await redis.aclose()


async def test_a_redis_that_was_away_costs_a_redelivery_and_nothing_else(
    slack: SlackFake, chosen: Settings, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "ACK_SECONDS", 3.0)
    with EmbeddedRedis(tmp_path_factory.mktemp("own")) as server:
        own = chosen.model_copy(update={"redis_url": SecretStr(f"unix://{server.socket}")})
        redis: Redis = connect(own)
        team = await Team.of(slack, redis, own)
        async with at_work(own, slack):
            head = await team.ready()
            server.stop()
            team.anna.drop(team.channel, team.anna.file("late.mp4", b"video 9"), thread=head.ts)
            await slack.until(lambda: slack.deliverer.log[-1].attempts > 1)
            server.start()
            await slack.until(lambda: "2. late.mp4" in read(head))
            team.anna.press(head, "Generate")
            await team.hears("Off we go: 2 videos", who=team.anna)
            await team.room.work()
            await team.hears("Done! Your 2 videos are ready.")
        await redis.aclose()
    assert sum("Done!" in text for text in team.thread(head.ts)) == 1


async def test_what_was_left_is_answered_once_redis_is_there_and_what_nobody_can_read_stops_nothing(
    slack: SlackFake, chosen: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with EmbeddedRedis(tmp_path_factory.mktemp("own")) as server:
        own = chosen.model_copy(update={"redis_url": SecretStr(f"unix://{server.socket}")})
        redis: Redis = connect(own)
        team = await Team.of(slack, redis, own)
        arrival = read_arrival(said_event(team.anna, "help"), BOT)
        assert arrival is not None
        assert await kept(redis, arrival)
        assert await Inbox(redis, PLATFORM).put(Envelope("odd", '{"kind": "of another version"}'))
        server.stop()
        async with at_work(own, slack):
            await slack.until(lambda: slack.made("auth.test"))
            server.start()
            await team.hears("/batch generate – start", team.anna.direct)
            await team.handled()
        await redis.aclose()


async def test_what_was_written_down_though_redis_was_slow_to_say_so_is_answered_when_it_comes_again(
    redis: Redis, redis_server: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "_WRITE_S", 0.2)  # only for as long as Redis stands still
    handled: list[str] = []

    async def handle(arrival: Arrival) -> None:
        handled.append(arrival.kind)

    async def written() -> bool:
        return bool(await Inbox(redis, PLATFORM).left())

    body = envelope({"type": "message", "channel": "D1", "user": "U1", "text": "help", "ts": "1.1"}, 1)
    hall = Door(Inbox(redis, PLATFORM), handle, handle, BOT, lambda reason: None)
    assert redis_server.pid is not None
    await redis.ping()
    os.kill(redis_server.pid, signal.SIGSTOP)
    try:
        refused = await hall.receive(body, 0)
    finally:
        os.kill(redis_server.pid, signal.SIGCONT)
    monkeypatch.setattr(door, "_WRITE_S", PATIENCE_SECONDS)
    assert refused.status == 503
    await until(written)
    statuses = [(await hall.receive(body, retry)).status for retry in (1, 2)]
    await hall.leave()
    assert (statuses, handled) == ([200, 200], ["message"])
    assert await Inbox(redis, PLATFORM).left() == []


async def test_a_storm_of_refusals_is_waited_out_and_the_end_is_shown(team: Team, chosen: Settings) -> None:
    async with at_work(chosen, team.slack):
        head = await team.ready()
        calls: list[float] = []

        async def note(_: Json) -> None:
            calls.append(time.monotonic())

        team.slack.before["chat.update"] = note
        team.slack.fault("chat.update", retry_after=1, times=3)
        team.slack.fault("chat.postMessage", retry_after=1, times=2)
        team.slack.fault("chat.postEphemeral", retry_after=1, times=1)
        team.anna.press(head, "Generate")
        await team.room.work()
        await team.slack.until(lambda: (team.room.redis is not None and "Waiting" in read(head)) or len(calls) > 2)
        await team.room.work()
        await team.slack.until(lambda: "Your video is ready" in read(head))
        end = await team.hears("Done! Your video is ready.")
    assert end.thread == head.ts
    gaps = [later - earlier for earlier, later in pairwise(calls)][:3]
    assert min(gaps) >= 1
    assert sum("Done!" in text for text in team.thread(head.ts)) == 1
    assert team.slack.limits.refused == []


async def test_a_status_that_was_deleted_is_posted_anew_though_edits_are_rationed(
    team: Team, chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "_UPDATES_AT_ONCE", 1)
    monkeypatch.setattr(screen, "_UPDATES_PER_MINUTE", 300)
    async with at_work(chosen, team.slack):
        head = await team.ready()
        head.deleted = True
        team.anna.drop(team.channel, team.anna.file("late.mp4", b"video 9"), thread=head.ts)
        status = await team.hears("2. late.mp4")
    assert status.thread == head.ts


async def test_a_layout_that_slack_refuses_still_arrives_as_text(team: Team, chosen: Settings) -> None:
    async with at_work(chosen, team.slack):
        head = await team.opened()
        team.slack.fault("chat.postMessage", "invalid_blocks")
        team.anna.drop(team.channel, team.anna.file("bad.mp4", b"noise"), thread=head.ts)
        said = await team.hears("is neither sound nor video")
    assert said.blocks == []


async def test_an_answer_that_slack_can_not_take_for_a_while_is_said_when_it_can(
    team: Team, chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.answers._ANSWERING", Policy(pauses=(0.05,), longest=PATIENCE_SECONDS))
    async with at_work(chosen, team.slack):
        head = await team.opened()
        for _ in range(4):
            team.slack.fault("chat.postMessage", "", status=500)
        team.anna.drop(team.channel, team.anna.file("bad.mp4", b"noise"), thread=head.ts)
        await team.hears("is neither sound nor video")
        team.slack.fault("chat.postEphemeral", "", status=503)
        team.anna.press(head, "Options")
        await team.hears("Options of this batch", who=team.anna)


async def test_an_announcement_whose_answer_is_lost_is_sent_once_more(
    team: Team, chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chat.follower._UNCERTAIN_S", 0.1)
    async with at_work(chosen, team.slack):
        head = await team.ready()
        team.anna.press(head, "Generate")
        await team.hears("Off we go", who=team.anna)
        team.slack.fault("chat.postMessage", "", status=500, acts=True)
        await team.room.work()
        await team.slack.until(lambda: "Your video is ready" in read(head) and "Done!" in "".join(team.thread(head.ts)))
        await team.slack.until(lambda: sum("Done!" in text for text in team.thread(head.ts)) == 2)
        await team.shown()
    assert sum("Done!" in text for text in team.thread(head.ts)) == 2


@pytest.mark.parametrize("event", [{"type": "tokens_revoked", "tokens": {"bot": [BOT]}}, {"type": "app_uninstalled"}])
async def test_a_revoked_token_ends_the_bot_with_a_sentence(team: Team, chosen: Settings, event: Json) -> None:
    async with at_work(chosen, team.slack) as bot:
        team.slack.deliverer.deliver("events_api", envelope(event, 7))
        with pytest.raises(HeygemError) as refused:
            await asyncio.wait_for(bot, PATIENCE_SECONDS)
    assert refused.value.code is ErrorCode.TOKEN_REFUSED


async def test_a_token_that_dies_meanwhile_ends_the_bot_too(team: Team, chosen: Settings) -> None:
    async with at_work(chosen, team.slack) as bot:
        team.slack.dead_token = "account_inactive"  # noqa: S105 (no token)
        team.anna.say(team.anna.direct, "help")
        with pytest.raises(HeygemError, match="account_inactive"):
            await asyncio.wait_for(bot, PATIENCE_SECONDS)


async def test_a_persons_own_revoked_token_is_not_ours(team: Team, chosen: Settings) -> None:
    async with at_work(chosen, team.slack):
        event = {"type": "tokens_revoked", "tokens": {"oauth": ["U0ANNA"]}}
        delivery = team.slack.deliverer.deliver("events_api", envelope(event, 8))
        await team.slack.until(lambda: delivery.acked)
        team.anna.say(team.anna.direct, "help")
        await team.hears("/batch generate – start", team.anna.direct)


async def test_another_workspace_is_not_answered_with_our_token(
    team: Team, chosen: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    other = {"team_id": "T0OTHER", "authorizations": [{"enterprise_id": "E1", "team_id": "T0OTHER", "user_id": "U9"}]}
    command = {"command": "/batch", "user_id": "U9", "channel_id": team.channel.id, "trigger_id": "1.2"}
    async with at_work(chosen, team.slack):
        deliver = team.slack.deliverer.deliver
        foreign = [
            deliver("events_api", said_event(team.anna, "help") | other),
            deliver("events_api", envelope({"type": "app_uninstalled"}, 9) | other),
            deliver("slash_commands", command | {"team_id": "T0OTHER"}),
            deliver("slash_commands", command),
        ]
        await team.slack.until(lambda: all(each.acked for each in foreign))
        shared = said_event(team.anna, "history", "1700000000.000002") | {"team_id": "T0OTHER"}
        deliver("events_api", shared)  # happened in their workspace, and our installation may see it
        await team.hears("No batches yet.", team.anna.direct)
        await team.handled()
    assert len(team.slack.workspace.messages) == 1
    assert sum("T0OTHER too, which this bot does not serve" in record.message for record in caplog.records) == 1


async def test_a_new_connection_takes_over_when_slack_asks_for_it(team: Team, chosen: Settings) -> None:
    async with at_work(chosen, team.slack):
        await team.slack.socket.refresh()
        await team.slack.until(lambda: len(team.slack.made("apps.connections.open")) > 1)
        team.anna.say(team.anna.direct, "help")
        await team.hears("/batch generate – start", team.anna.direct)


# over HTTP


@pytest.fixture
async def over_http(team: Team, chosen: Settings) -> AsyncIterator[HttpMode]:
    port = free_port()
    url = f"http://127.0.0.1:{port}/slack/events"
    update = {"events_url": url, "events_port": port}
    listening = chosen.model_copy(update={"slack": chosen.slack.model_copy(update=update), "slack_app_token": None})
    way = team.slack.over_http(url)
    async with at_work(listening, team.slack):
        await _answering(way)
        yield way


async def test_over_http_the_same_job_is_done(team: Team, over_http: HttpMode) -> None:
    head = await team.ready()
    team.anna.press(head, "Generate")
    await team.hears("Off we go: 1 video", who=team.anna)
    await team.room.work()
    await team.hears("Done! Your video is ready.")
    team.anna.say(team.channel, f"{MENTION} export", thread=head.ts)
    await team.hears("Here is your video.")
    assert all(each.acked and each.attempts == 1 for each in team.slack.deliverer.log)


async def test_requests_that_slack_did_not_sign_are_refused(team: Team, over_http: HttpMode) -> None:
    body, kind = json.dumps(said_event(team.anna, "help")), {"Content-Type": "application/json"}
    assert (await over_http.send(body, kind, forged=True))[0] == 401
    assert (await over_http.send(body, kind, age=301))[0] == 401
    assert (await over_http.send(body, kind | {"X-Slack-Request-Timestamp": "soon"}))[0] == 401
    assert (await over_http.send(body, kind | {"X-Slack-Signature": "v0=00"}))[0] == 401
    command = urlencode({"command": "/batch", "user_id": team.anna.user.id, "channel_id": team.channel.id})
    assert (await over_http.send(command, {"Content-Type": "application/x-www-form-urlencoded"}, age=400))[0] == 401
    assert (await over_http.send(" " * 2_100_000, kind))[0] == 413
    assert team.slack.workspace.messages == []


async def test_a_signed_request_that_is_replayed_changes_nothing(team: Team, over_http: HttpMode) -> None:
    body, kind = json.dumps(said_event(team.anna, "help")), {"Content-Type": "application/json"}
    for _ in range(3):
        assert (await over_http.send(body, kind))[0] == 200
    await team.hears("/batch generate – start", team.anna.direct)
    await team.handled()
    assert len(team.slack.workspace.ours(team.anna.direct.id)) == 1


async def test_slack_verifies_the_address(over_http: HttpMode) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB", "token": "x"})
    status, answer = await over_http.send(body, {"Content-Type": "application/json"})
    assert (status, json.loads(answer)) == (200, {"challenge": "3eZbrw1aB"})


async def _answering(way: HttpMode) -> None:
    async with aiohttp.ClientSession() as session:
        for _ in range(1500):
            try:
                async with session.get(way.url):
                    return
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.02)
    raise AssertionError("nobody answers")


def _person(human: Human) -> Person:
    return Person(platform="slack", id=human.user.id)
