"""Bad input through Telegram, probed for real: the right sentence, in both languages, and the batch as it was."""

from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.dialogue import files
from heygem.base.limits import Limits
from heygem.base.settings import Quotas, Settings
from heygem.media.probe import probe
from tests.chatting import Room
from tests.fakes.telegram import Chat, FakeTelegram
from tests.media import make_video, make_voice
from tests.telegramming import Desk, hurry, pointed_at, running_bot

SENTENCES = {
    "en": {
        "not media": "“letter.docx” is neither sound nor video nor a picture.",
        "broken": "“cut.mp4” is broken or cut off; it can't be read to the end. Please send it again.",
        "mute voice": "“mute.mp4” has no sound, so it can't be the voice.",
        "too long": "“long.mp4” lasts 3 s; the limit is 2 s.",
        "too many pixels": "“huge.mp4” is 640x480; the limit is 0.1 megapixels.",
        "too large": "“big.mp4” has 6 MB; the limit is 5 MB.",
        "duplicate": "“again.mp4” is already in this batch as number 1.",
        "full": "This batch is full: 2 templates at most.",
        "voice": "The voice is still missing. Send a voice note or an audio file.",
        "export": "Nothing is finished yet, so there is nothing to export.",
    },
    "zh": {
        "not media": "“letter.docx”既不是音频、视频，也不是图片。",
        "broken": "“cut.mp4”已损坏或不完整，无法完整读取，请重新发送。",
        "mute voice": "“mute.mp4”没有声音，不能用作配音。",
        "too long": "“long.mp4”长 3 秒，上限为 2 秒。",
        "too many pixels": "“huge.mp4”的尺寸为 640x480，上限为 0.1 百万像素。",
        "too large": "“big.mp4”有 6 MB，上限为 5 MB。",
        "duplicate": "“again.mp4”已在本批次中，是第 1 个。",
        "full": "本批次已满，最多 2 个模板。",
        "voice": "还缺少配音，请发送一条语音或一个音频文件。",
        "export": "还没有完成的视频，无法导出。",
    },
}


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_each_bad_thing_gets_its_sentence_and_the_batch_stays(
    language: str, redis: Redis, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    monkeypatch.setattr(files, "probe", probe)
    limits = Limits(template_seconds=2, megapixels=0.1, file_mb=5)
    small = settings.model_copy(update={"limits": limits, "quotas": Quotas(templates_per_batch=2)})
    said = SENTENCES[language]
    with FakeTelegram() as telegram:
        ours = pointed_at(telegram, small)
        desk = Desk(telegram, Room(redis, ours), tmp_path)
        async with running_bot(telegram, ours):
            chat = await desk.anna(language)
            face = make_video(tmp_path / "face.mp4", 1.0)
            chat.video(face)
            await desk.batch(chat, 1, voice=False)
            send_bad(chat, tmp_path, face)
            for name in ("not media", "broken", "mute voice", "too long", "too many pixels", "too large"):
                await desk.says(chat, said[name])
            await desk.says(chat, said["duplicate"])
            chat.say("/generate")
            await desk.says(chat, said["voice"])
            chat.say("/export")
            await desk.says(chat, said["export"])
            batch = await desk.batch(chat, 1, voice=False)
            assert batch.items[0].template.name == "face.mp4"

            chat.voice(make_voice(tmp_path / "voice.ogg", 1.0))
            chat.video(make_video(tmp_path / "second.mp4", 1.2))
            await desk.batch(chat, 2)
            chat.video(make_video(tmp_path / "third.mp4", 1.4))
            await desk.says(chat, said["full"])
    kept = {item.template.sha256 for item in batch.items}
    assert kept <= {path.name for path in desk.room.storage.owners.rglob("files/*")}
    assert len(list(desk.room.storage.owners.rglob("files/*"))) == 3, "nothing half-kept"
    assert list(desk.room.storage.incoming.iterdir()) == []


def send_bad(chat: Chat, folder: Path, face: Path) -> None:
    (folder / "letter.docx").write_bytes(b"PK\x03\x04 a letter " * 50)
    chat.document(folder / "letter.docx", "application/msword")
    (folder / "cut.mp4").write_bytes(make_video(folder / "whole.mp4", 1.5).read_bytes()[:3000])
    chat.video(folder / "cut.mp4")
    chat.video(make_video(folder / "mute.mp4", 1.0, audio=False), caption="voice")
    chat.video(make_video(folder / "long.mp4", 3.0))
    chat.video(make_video(folder / "huge.mp4", 0.5, size=(640, 480)))
    (folder / "big.mp4").write_bytes(b"\0" * 100)
    chat.video(folder / "big.mp4", size=6_000_000)
    (folder / "again.mp4").write_bytes(face.read_bytes())
    chat.video(folder / "again.mp4")
