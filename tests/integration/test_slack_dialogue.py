"""A person and a team talk to the bot on Slack: real Bolt over Socket Mode, real Redis, the strict fake."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from heygem.settings import Settings
from tests.fakes.slack.blocks import buttons
from tests.fakes.slack.server import SlackFake, slack_fake
from tests.slacking import Team, at_work, read, settings_for, words_are_media

__all__ = ["words_are_media"]

pytestmark = pytest.mark.usefixtures("words_are_media")


@pytest.fixture
async def slack() -> AsyncIterator[SlackFake]:
    async with slack_fake() as fake:
        yield fake


@pytest.fixture
async def team(slack: SlackFake, redis: Redis, settings: Settings) -> AsyncIterator[Team]:
    chosen = settings_for(slack, settings)
    made = await Team.of(slack, redis, chosen)
    async with at_work(chosen, slack):
        yield made
    assert slack.refusals == []


async def test_from_a_command_to_the_link_in_four_actions(team: Team) -> None:
    head = await team.opened()  # 1: /batch
    assert "Drop the voice and the videos into this message's thread." in read(head)
    voice = team.anna.file("hello.m4a", b"voice 2", subtype="slack_audio", mimetype="video/mp4")
    team.anna.drop(team.channel, voice, thread=head.ts)  # 2: a voice that claims to be a video
    faces = [team.anna.file(f"face {number}.mp4", f"video 4 {number}".encode()) for number in (1, 2, 3)]
    team.anna.drop(team.channel, *faces, thread=head.ts)  # 3: the videos
    await team.slack.until(lambda: "Ready to generate" in read(head) and "3. face 3.mp4" in read(head))
    assert "Voice: hello.m4a, 0:02" in read(head)
    team.anna.press(head, "Generate")  # 4
    await team.slack.until(lambda: "Waiting in line" in read(head))
    await team.room.work()
    await team.slack.until(lambda: "Your 3 videos are ready" in read(head))
    assert "[Open the videos]" in read(head)
    end = await team.hears("Done! Your 3 videos are ready.")
    assert end.thread == head.ts
    assert end.arguments["unfurl_links"] is False
    urls = [button["url"] for _, button in buttons(end.blocks)]
    assert len(urls) == 1
    assert urls[0].startswith("http://127.0.0.1:8080/b/")
    assert len(team.heads()) == 1
