"""The same voice and videos through each door make the same batch, the same videos and the same manifest."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from bot.dialogue import files
from heygem.archive.manifest import manifest
from heygem.base.settings import Settings
from heygem.batches.model import Batch
from heygem.batches.store import Store
from heygem.media.probe import probe
from tests.calling import begun, program
from tests.chatting import Room
from tests.fakes.slack.server import SlackFake
from tests.fakes.telegram import Chat
from tests.media import make_picture, make_video, make_voice
from tests.served import web_server
from tests.slacking import Team, at_work, read, settings_for
from tests.telegramming import Desk

WORDS = "one two three four five six"
OPTIONS = {"resolution": "720p", "lip_strength": "1.2", "engine": "mesh"}
FAILS = 2


@dataclass(frozen=True)
class Media:
    voice: Path
    templates: list[Path]


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Media:
    folder = tmp_path_factory.mktemp("media")
    faces = [make_video(folder / "anna.mp4", 1), make_video(folder / "boris.mp4", 2)]
    return Media(make_voice(folder / "hello.wav", 2), [*faces, make_picture(folder / "讲师.png", (320, 240))])


def record(batch: Batch) -> dict[str, Any]:
    """What a batch has become, without its own id, place, owner and times."""
    told = json.loads(manifest(batch, lambda item: f"{item.number:03}.mp4", lambda _: None))
    assert batch.voice is not None
    kept = [batch.voice, *(item.template for item in batch.items)]
    own = {name: value for name, value in told.items() if name not in ("batch", "created", "ended")}
    return own | {"sha256": [file.sha256 for file in kept], "transcript": batch.transcript}


async def ended(store: Store, room: Room, batch_id: str) -> Batch:
    await room.work(FAILS)
    return await store.get(batch_id)


async def in_telegram(desk: Desk, chat: Chat, media: Media) -> Batch:
    direct = chat.id > 0
    if not direct:
        chat.say("/batch@heygem_test_bot")
        await desk.batch(chat, 0, voice=False)
    for name, value in OPTIONS.items():
        chat.say(f"/settings{'' if direct else '@heygem_test_bot'} {name} {value}")
    chat.document(media.voice, "audio/x-wav", caption=f"“{WORDS}”")
    for template in media.templates:
        chat.document(template)
    batch = await desk.batch(chat, len(media.templates))
    await desk.offers(chat, "Generate")
    chat.press("Generate")
    await desk.says(chat, "Off we go")
    return await ended(desk.store, desk.room, batch.id)


async def in_slack(team: Team, media: Media) -> Batch:
    for name, value in OPTIONS.items():
        team.anna.command(team.channel, f"/batch settings {name} {value}")
        await team.slack.until(lambda value=value: any(value in said for said in team.anna.reads(team.channel)))  # type: ignore[misc]
    head = await team.opened()
    voice = team.anna.file(media.voice.name, media.voice.read_bytes())
    team.anna.drop(team.channel, voice, text=f"“{WORDS}”", thread=head.ts)
    faces = [team.anna.file(path.name, path.read_bytes()) for path in media.templates]
    team.anna.drop(team.channel, *faces, thread=head.ts)
    await team.slack.until(lambda: "Ready to generate" in read(head) and "讲师.png" in read(head))
    team.anna.press(head, "Generate")
    await team.slack.until(lambda: "Waiting in line" in read(head))
    return await ended(team.room.store, team.room, (await team.batch(head)).id)


async def over_http(http: httpx.AsyncClient, room: Room, media: Media) -> Batch:
    options = {"resolution": "720p", "lip_strength": 1.2}
    address = await begun(http, options=options, engine="mesh", language="en")
    named = {"name": media.voice.name, "transcript": WORDS}
    answers = [await http.post(f"{address}/voice", params=named, content=media.voice.read_bytes())]
    for path in media.templates:
        answers.append(await http.post(f"{address}/templates", params={"name": path.name}, content=path.read_bytes()))
    answers.append(await http.post(f"{address}/generate"))
    assert [answer.status_code for answer in answers] == [201, 201, 201, 201, 202]
    return await ended(room.store, room, address.rpartition("/")[2])


@pytest.fixture
async def team(slack: SlackFake, redis: Redis, settings: Settings) -> AsyncIterator[Team]:
    chosen = settings_for(slack, settings)
    made = await Team.of(slack, redis, chosen)
    async with at_work(chosen, slack):
        yield made


@pytest.fixture
async def http(redis: Redis, settings: Settings, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    with web_server(settings, tmp_path / "web.log") as server:
        async with program(server, redis) as client:
            yield client


async def test_four_doors_lead_to_one_batch(
    desk: Desk, team: Team, http: httpx.AsyncClient, media: Media, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "probe", probe)  # the real one again
    group = await desk.welcome(desk.telegram.group(desk.telegram.person("Boris"), admin=True, forum=True))
    journeys = {
        "telegram": await in_telegram(desk, await desk.anna(), media),
        "telegram topic": await in_telegram(desk, group.topic(), media),
        "slack thread": await in_slack(team, media),
        "http": await over_http(http, desk.room, media),
    }
    assert len({(batch.place.platform, batch.place.chat) for batch in journeys.values()}) == 4
    records = {door: record(batch) for door, batch in journeys.items()}
    first = records["telegram"]
    assert [item["state"] for item in first["items"]] == ["done", "failed", "done"]
    assert (first["transcript"], first["options"]["resolution"]) == (WORDS, "720p")
    for door, made in records.items():
        assert made == first, door
