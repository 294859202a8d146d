"""Bad input through Slack, probed for real: the right sentence, in both languages, and the batch as it was."""

from pathlib import Path

import numpy as np
import pytest
from redis.asyncio import Redis

from heygem.base.errors import ErrorCode, Param
from heygem.base.limits import Limits
from heygem.base.sentences import Language, explain
from heygem.base.settings import Quotas, Settings
from tests.fakes.slack.people import MENTION, Human
from tests.fakes.slack.server import slack_fake
from tests.media import make_video, make_voice
from tests.slacking import Team, at_work, settings_for

LIMITS = Limits(file_mb=1, template_seconds=2, megapixels=0.1)


def bad_files(folder: Path, face: bytes) -> dict[str, tuple[bytes, ErrorCode, dict[str, Param]]]:
    """What is sent, and what is to be said about it."""
    huge = make_video(folder / "huge.mp4", 0.5, size=(640, 480))
    return {
        "letter.txt": (b"just words", ErrorCode.NOT_MEDIA, {}),
        "cut.mp4": (face[: len(face) // 2], ErrorCode.BROKEN_MEDIA, {}),
        "twin.mp4": (face, ErrorCode.DUPLICATE_TEMPLATE, {"number": 1}),
        "long.mp4": (
            make_video(folder / "long.mp4", 3.0).read_bytes(),
            ErrorCode.TOO_LONG,
            {"actual_s": 3, "limit_s": 2},
        ),
        "huge.mp4": (
            huge.read_bytes(),
            ErrorCode.TOO_MANY_PIXELS,
            {"width": 640, "height": 480, "limit_mp": 0.1},
        ),
        "big.mp4": (bytes(1_500_000), ErrorCode.TOO_LARGE, {"actual_mb": 2, "limit_mb": 1}),
        "hush.wav": (
            make_voice(folder / "hush.wav", sound=np.zeros((1, 48_000), np.float32)).read_bytes(),
            ErrorCode.SILENT_VOICE,
            {"actual_s": 1},
        ),
    }


@pytest.mark.parametrize(("language", "locale"), [("en", "en-US"), ("zh", "zh-CN")])
async def test_each_bad_thing_gets_its_sentence_and_the_batch_stays(
    language: Language, locale: str, redis: Redis, settings: Settings, tmp_path: Path
) -> None:
    small = settings.model_copy(update={"limits": LIMITS, "quotas": Quotas(templates_per_batch=2)})
    face = make_video(tmp_path / "face.mp4", 1.0).read_bytes()
    bad = bad_files(tmp_path, face)
    async with slack_fake() as slack:
        chosen = settings_for(slack, small)
        team = await Team.of(slack, redis, chosen)
        mei = Human(slack, slack.workspace.person("mei", locale))
        team.channel.members.add(mei.user.id)
        async with at_work(chosen, slack):
            mei.say(team.channel, MENTION)
            mei.drop(team.channel, mei.file("face.mp4", face), thread=(head := await opened(team)))
            for name, (content, code, params) in bad.items():
                mei.drop(team.channel, mei.file(name, content), thread=head)
                await team.hears(explain(code, {"name": name, **params}, language))
            mei.say(team.channel, f"{MENTION} generate", thread=head)
            await team.hears(explain(ErrorCode.VOICE_MISSING, {}, language))
            mei.say(team.channel, f"{MENTION} export", thread=head)
            await team.hears(explain(ErrorCode.NOTHING_TO_EXPORT, {}, language))
            mei.drop(
                team.channel, mei.file("second.mp4", make_video(tmp_path / "2.mp4", 1.2).read_bytes()), thread=head
            )
            mei.drop(team.channel, mei.file("third.mp4", make_video(tmp_path / "3.mp4", 1.4).read_bytes()), thread=head)
            await team.hears(explain(ErrorCode.BATCH_FULL, {"limit": 2}, language))
        batch = await team.room.store.latest(team.place(head))
    assert batch is not None
    assert ([item.template.name for item in batch.items], batch.voice) == (["face.mp4", "second.mp4"], None)
    assert len(list(team.room.storage.owners.rglob("files/*"))) == 2, "nothing half-kept"
    assert not list(team.room.storage.incoming.glob("*"))
    assert slack.refusals == []


async def opened(team: Team) -> str:
    """The thread in which the batch's status was posted."""
    return await team.slack.until(
        lambda: next((each.thread for each in team.slack.workspace.ours(team.channel.id) if each.thread), "")
    )
