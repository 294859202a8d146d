"""Finished videos in the thread: several in a message, each once, and never at the cost of the link."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from heygem.base.settings import Settings, Web
from tests.fakes.slack.server import SlackFake
from tests.fakes.slack.workspace import Message
from tests.slacking import Team, at_work, read, settings_for, words_are_media

__all__ = ["words_are_media"]

pytestmark = pytest.mark.usefixtures("words_are_media")

PUBLIC = Web(public_url="https://videos.example.org")


@pytest.fixture
def chosen(slack: SlackFake, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr("bot.slack.videos._MOST", 2)
    monkeypatch.setattr("bot.slack.videos._RETRY_S", 0.1)
    monkeypatch.setattr("bot.chat.outbox._PAUSE_S", 0.1)
    return settings_for(slack, settings, send_videos=True).model_copy(update={"web": PUBLIC})


@pytest.fixture
async def team(slack: SlackFake, redis: Redis, chosen: Settings) -> AsyncIterator[Team]:
    made = await Team.of(slack, redis, chosen)
    async with at_work(chosen, slack):
        yield made


async def done(team: Team, templates: int) -> Message:
    head = await team.ready(templates)
    team.anna.press(head, "Generate")
    await team.hears("Off we go", who=team.anna)
    await team.room.work()
    await team.hears("Done!")
    return head


async def test_they_come_behind_the_final_message_several_in_one(team: Team) -> None:
    head = await done(team, 3)
    await team.shown()
    assert team.videos(head.ts) == [["1. face 0.mp4", "2. face 1.mp4"], ["3. face 2.mp4"]]
    said = [message for message in team.slack.workspace.ours(team.channel.id) if message.thread == head.ts]
    assert "Done!" in read(said[0])
    sent = [team.slack.workspace.files[each] for message in said for each in message.files]
    assert {(file.name[-4:], file.content) for file in sent} == {(".mp4", b"a video")}
    assert team.slack.refusals == []


async def test_in_a_direct_message_they_come_below(team: Team) -> None:
    place = team.anna.direct
    team.anna.drop(place, team.anna.file("hello.m4a", b"voice 2"), team.anna.file("face.mp4", b"video 4"))
    await team.hears("Ready to generate", place)
    team.anna.say(place, "generate")
    await team.hears("Off we go", place)
    await team.room.work()
    await team.slack.until(lambda: [each for each in team.slack.workspace.ours(place.id) if each.files])


@pytest.mark.parametrize(
    ("method", "acts"),
    [
        ("files.getUploadURLExternal", False),
        ("upload", False),
        ("files.completeUploadExternal", False),
        ("files.completeUploadExternal", True),
    ],
)
async def test_an_answer_that_is_lost_loses_and_doubles_nothing(team: Team, method: str, acts: bool) -> None:
    team.slack.fault(method, "", status=500, acts=acts)
    head = await done(team, 3)
    await team.shown()
    assert team.videos(head.ts) == [["1. face 0.mp4", "2. face 1.mp4"], ["3. face 2.mp4"]]


async def test_without_the_permission_the_link_is_there_all_the_same(team: Team) -> None:
    team.slack.scopes.discard("files:write")
    head = await done(team, 1)
    await team.shown()
    assert "[Open the videos]" in read(head)
    assert [name for name, error, _ in team.slack.refusals if error == "missing_scope"] == [
        "files.getUploadURLExternal"
    ]


async def test_what_is_larger_than_slack_takes_is_named(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.slack.videos._MOST_BYTES", 3)
    head = await done(team, 1)
    await team.hears("Too large to be sent here")
    await team.shown()
    assert team.videos(head.ts) == []


@pytest.mark.parametrize(("web", "come"), [(PUBLIC, False), (Web(), True)])
async def test_if_not_told_otherwise_they_come_where_the_link_opens_on_the_bots_machine_only(
    slack: SlackFake, redis: Redis, settings: Settings, web: Web, come: bool
) -> None:
    chosen = settings_for(slack, settings, send_videos="auto").model_copy(update={"web": web})
    team = await Team.of(slack, redis, chosen)
    async with at_work(chosen, slack):
        head = await done(team, 1)
        await team.shown()
    assert bool(team.videos(head.ts)) is come
