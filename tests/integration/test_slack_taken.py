"""What was taken has a tick, and what is deleted before the start leaves its batch."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from heygem.base.settings import Settings
from heygem.batches.model import BatchState
from heygem.redis.connection import reply
from tests.fakes.slack.server import SlackFake
from tests.fakes.slack.workspace import Json
from tests.patience import PATIENCE_SECONDS
from tests.slacking import Team, at_work, read, settings_for, words_are_media

__all__ = ["words_are_media"]

pytestmark = pytest.mark.usefixtures("words_are_media")


@pytest.fixture
async def team(slack: SlackFake, redis: Redis, settings: Settings) -> AsyncIterator[Team]:
    chosen = settings_for(slack, settings)
    made = await Team.of(slack, redis, chosen)
    async with at_work(chosen, slack):
        yield made


async def test_a_message_whose_file_was_taken_has_a_tick_and_no_other(team: Team) -> None:
    head = await team.opened()
    files = [team.anna.file("face.mp4", b"video 4"), team.anna.file("bad.mp4", b"noise")]
    good, mixed = (team.anna.drop(team.channel, *each, thread=head.ts) for each in ([files[0]], files[::-1]))
    bad = team.anna.drop(team.channel, team.anna.file("worse.mp4", b"noise"), thread=head.ts)
    asked = team.anna.say(team.anna.direct, "status")
    await team.slack.until(lambda: good.reactions)
    await team.hears("“worse.mp4”")
    await team.handled()
    assert good.reactions == ["white_check_mark"]
    assert (mixed.reactions, bad.reactions, asked.reactions) == ([], [], []), "twice the same face, and no faces"


@pytest.mark.parametrize("trouble", ["no permission", "away"])
async def test_where_no_tick_can_be_put_files_are_taken_all_the_same(team: Team, trouble: str) -> None:
    if trouble == "away":
        team.slack.fault("reactions.add", "", status=500, times=100)
    else:
        team.slack.scopes.discard("reactions:write")
    head = await team.ready(2)
    late = team.anna.drop(team.channel, team.anna.file("late.mp4", b"video 9"), thread=head.ts)
    await team.slack.until(lambda: "3. late.mp4" in read(head))
    await team.handled()
    assert late.reactions == []
    assert len(team.slack.made("reactions.add")) == (2 if trouble == "away" else 1), "asked for in vain once"


async def test_what_is_deleted_before_the_start_leaves_the_batch_and_the_status_follows(team: Team) -> None:
    head = await team.opened()
    first, second, third = (team.anna.file(f"face {number}.mp4", f"video 4 {number}".encode()) for number in (1, 2, 3))
    both = team.anna.drop(team.channel, first, second, thread=head.ts)
    alone = team.boris.drop(team.channel, third, thread=head.ts)
    voice = team.anna.drop(team.channel, team.anna.file("hello.m4a", b"voice 2"), thread=head.ts)
    await team.slack.until(lambda: "3. face 3.mp4" in read(head) and "Voice: hello.m4a" in read(head))
    team.boris.delete(alone)
    await team.slack.until(lambda: "face 3.mp4" not in read(head))
    team.anna.delete_file(first)
    await team.slack.until(lambda: "1. face 2.mp4" in read(head))
    again, words = team.anna.file("again.m4a", b"voice 3"), "“Good morning to all of you.”"
    earlier = team.anna.drop(team.channel, again, thread=head.ts, text=words)
    await team.slack.until(lambda: "Voice: again.m4a" in read(head))
    await team.hears("I take your caption as the words being spoken.")
    team.anna.delete(voice)
    team.anna.delete(both)
    await team.slack.until(lambda: "face 2.mp4" not in read(head))
    assert "Voice: again.m4a" in read(head), "a later voice had taken its place"
    team.anna.delete(earlier)
    await team.slack.until(lambda: "Voice:" not in read(head))
    assert (await team.batch(head)).transcript == (await team.batch(head)).caption == "", "its words go with it"
    assert team.heads() == [head]
    assert not any("face" in text for text in team.thread(head.ts))


async def test_what_is_deleted_while_another_file_is_fetched_leaves_after_it(team: Team) -> None:
    head, gate, asked = await team.opened(), asyncio.Event(), asyncio.Event()
    sent = [
        team.anna.drop(team.channel, team.anna.file(f"face {number}.mp4", f"video 4 {number}".encode()), thread=head.ts)
        for number in (1, 2)
    ]
    await team.slack.until(lambda: "2. face 2.mp4" in read(head))
    await team.handled()

    async def hold(_: Json) -> None:
        asked.set()
        await gate.wait()

    team.slack.before["download"] = hold
    late = team.anna.drop(team.channel, team.anna.file("late.mp4", b"video 9"), thread=head.ts)
    await asyncio.wait_for(asked.wait(), PATIENCE_SECONDS)
    gone = [team.anna.delete(message) for message in (*sent, late)]
    await team.slack.until(lambda: all(each.acked for each in gone))
    gate.set()
    await team.handled()
    assert (await team.batch(head)).items == []


async def test_an_own_voice_goes_alone_and_in_a_direct_message_a_template_with_its_answers(team: Team) -> None:
    place = team.anna.direct
    face = team.anna.drop(place, team.anna.file("face.mp4", b"video 4"))
    await team.hears("1. face.mp4", place)
    own = team.anna.drop(place, team.anna.file("own.m4a", b"voice 3"), thread=face.ts)
    await team.hears("own.m4a", place)
    team.anna.delete(own)
    await team.handled()
    batch = (await team.room.store.history(team.person(team.anna)))[0]
    assert [(item.template.name, item.voice) for item in batch.items] == [("face.mp4", None)]
    team.anna.say(place, "thanks", thread=face.ts)
    team.anna.delete(face)
    await team.handled()
    assert (await team.room.store.get(batch.id)).items == []


async def test_what_is_deleted_after_the_start_stays_in_the_batch(team: Team) -> None:
    head = await team.opened()
    sent = team.anna.drop(
        team.channel, team.anna.file("hello.m4a", b"voice 2"), team.anna.file("face.mp4", b"video 4"), thread=head.ts
    )
    await team.slack.until(lambda: "Ready to generate" in read(head))
    team.anna.press(head, "Generate")
    await team.hears("Off we go", who=team.anna)
    team.anna.delete(sent)
    await team.handled()
    batch = await team.batch(head)
    assert (batch.state, len(batch.items), batch.voice is None) == (BatchState.QUEUED, 1, False)


async def test_what_is_remembered_for_a_deletion_names_nothing(team: Team) -> None:
    head = await team.opened()
    team.anna.drop(team.channel, team.anna.file("secret plan.mp4", b"video 4"), thread=head.ts, text="hush hush")
    await team.slack.until(lambda: "1. secret plan.mp4" in read(head))
    redis, kept = team.room.redis, set[str]()
    async for key in redis.scan_iter(match="heygem:slack:sent:*"):
        kept |= await reply(redis.smembers(key))
    assert kept
    assert not [entry for entry in kept if any(word in entry for word in ("secret", "hush", "http"))]
