"""Webhook instead of polling; a Bot API server of one's own instead of the cloud; the bot as a process."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from redis.asyncio import Redis

from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Settings
from heygem.redis import heartbeat
from heygem.redis.handles import handles
from tests.chatting import Room
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram.state import USERNAME
from tests.media import make_video, make_voice
from tests.patience import PATIENCE_SECONDS
from tests.ports import free_port
from tests.telegramming import Desk, bot_process, hurry, pointed_at, running_bot
from tests.uploading import until

TOKEN = "HEYGEM_TELEGRAM_TOKEN"  # noqa: S105 (its name)
PUBLIC = "https://bot.example.org"


async def test_updates_come_through_a_webhook_and_only_from_telegram(quiet_desk: Desk) -> None:
    port, telegram = free_port(), quiet_desk.telegram
    telegram.state.routes[PUBLIC] = f"http://127.0.0.1:{port}"
    settings = pointed_at(telegram, quiet_desk.room.settings, webhook_url=f"{PUBLIC}/telegram/hook", webhook_port=port)
    async with running_bot(telegram, settings):
        anna = await quiet_desk.anna()
        anna.say("/help")
        await quiet_desk.says(anna, "/batch – open")
        await quiet_desk.ready(anna)
        forged = {"update_id": 1, "message": anna.say("/cancel")["message"]}
        async with httpx.AsyncClient(trust_env=False) as http:
            for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "guessed"}):
                answer = await http.post(f"http://127.0.0.1:{port}/telegram/hook", json=forged, headers=headers)
                assert answer.status_code == 403
    assert telegram.calls("getUpdates") == []
    assert len(telegram.state.webhook["secret"]) >= 32


async def test_what_the_bot_is_called_is_known_to_the_pages(
    quiet_desk: Desk, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "BEAT_S", 0.05)

    async def told() -> bool:
        return await handles(redis, ["telegram", "slack"]) == {"telegram": USERNAME}

    async with running_bot(quiet_desk.telegram, quiet_desk.room.settings):
        await until(told)
    assert await told(), "it is being deployed"


async def test_after_a_webhook_polling_works_again(quiet_desk: Desk) -> None:
    quiet_desk.telegram.state.webhook = {"url": f"{PUBLIC}/old", "secret": "", "allowed": None}
    async with running_bot(quiet_desk.telegram, quiet_desk.room.settings):
        anna = await quiet_desk.anna()
        anna.say("/help")
        await quiet_desk.says(anna, "/batch – open")


async def test_a_webhook_that_telegram_does_not_take_is_said_with_the_reason(
    quiet_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.listen._WEBHOOK_TRIES", 0)
    settings = pointed_at(
        quiet_desk.telegram, quiet_desk.room.settings, webhook_url="http://bot.example.org/x", webhook_port=free_port()
    )
    with pytest.raises(HeygemError) as refusal:
        async with running_bot(quiet_desk.telegram, settings):
            pass
    assert refusal.value.code is ErrorCode.BAD_SETTING
    assert "https" in str(refusal.value.params["reason"])


async def test_a_server_of_ones_own_hands_files_over_on_the_disk(
    redis: Redis, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    with FakeTelegram(local=tmp_path / "server") as telegram:
        ours = pointed_at(telegram, settings, local_mode=True)
        desk = Desk(telegram, Room(redis, ours), tmp_path)
        async with running_bot(telegram, ours):
            anna = await desk.anna()
            anna.video(desk.file("video", "large.mp4"), size=300_000_000)
            batch = await desk.batch(anna, 1, voice=False)
        template = batch.items[0].template
        kept = desk.room.storage.file(template.owner, template.sha256)
        source = next((tmp_path / "server").rglob("file_*"))
        assert telegram.state.downloads == []
        assert kept.samefile(source), "linked, not copied"


async def test_a_server_of_ones_own_reads_finished_videos_from_the_disk(
    redis: Redis, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    monkeypatch.setattr("bot.telegram.videos._CLOUD_BYTES", 1)  # of no account there
    with FakeTelegram(local=tmp_path / "server") as telegram:
        ours = pointed_at(telegram, settings, local_mode=True, send_videos=True)
        desk = Desk(telegram, Room(redis, ours), tmp_path)
        async with running_bot(telegram, ours):
            anna = await desk.anna()
            await desk.ready(anna, 2)
            await desk.offers(anna, "Generate")
            anna.press("Generate")
            await desk.says(anna, "Off we go")
            await desk.room.work()
            await telegram.until(lambda: len([sent for sent in telegram.sent(anna) if sent.album]) == 2)
        (album,) = telegram.calls("sendMediaGroup")
        assert all(each["media"].startswith("file:///") for each in album.parameters["media"])


async def test_where_links_are_not_possible_the_file_is_copied(
    redis: Redis, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    hurry(monkeypatch)
    monkeypatch.setattr("bot.telegram.files.os.link", no_links)
    with FakeTelegram(local=tmp_path / "server") as telegram:
        ours = pointed_at(telegram, settings, local_mode=True)
        desk = Desk(telegram, Room(redis, ours), tmp_path)
        async with running_bot(telegram, ours):
            anna = await desk.anna()
            anna.video(desk.file("video", "one.mp4"))
            await desk.batch(anna, 1, voice=False)


async def test_a_server_of_ones_own_whose_disk_we_do_not_see_is_told(
    redis: Redis, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch)
    monkeypatch.setattr("pathlib.Path.write_bytes", lambda self, content: 0)
    with FakeTelegram(local=tmp_path / "server") as telegram:
        ours = pointed_at(telegram, settings, local_mode=True)
        desk = Desk(telegram, Room(redis, ours), tmp_path)
        async with running_bot(telegram, ours):
            anna = await desk.anna()
            anna.video(desk.file("video", "one.mp4"))
            await desk.says(anna, "“one.mp4” could not be fetched from Telegram.")


async def test_the_process_says_when_it_listens_and_stops_cleanly(
    telegram: FakeTelegram, redis: Redis, settings: Settings, tmp_path: Path
) -> None:
    log = tmp_path / "bot.log"
    with bot_process(settings, telegram, log) as bot:
        await telegram.until(lambda: "Telegram: @heygem_test_bot" in log.read_text())
        assert bot.terminate() == 0
    assert "Traceback" not in log.read_text()


def test_a_wrong_token_is_one_sentence_and_a_code(telegram: FakeTelegram, settings: Settings) -> None:
    code, said = once(telegram, settings, **{TOKEN: "123456:AAwrong-but-long-enough-to-be-a-real-token"})
    assert code == 1
    assert said.startswith("Telegram refuses the token in HEYGEM_TELEGRAM_TOKEN: ")
    assert said.strip().endswith("(token_refused)")
    assert len(said.strip().splitlines()) == 1
    assert "AAwrong" not in said


def test_without_a_token_it_says_what_is_missing(telegram: FakeTelegram, settings: Settings) -> None:
    code, said = once(telegram, settings, **{TOKEN: ""})
    assert code == 1
    assert "HEYGEM_TELEGRAM_TOKEN" in said
    assert "(bad_setting)" in said


def once(telegram: FakeTelegram, settings: Settings, **more: str) -> tuple[int, str]:
    """Exit code and stderr of a bot that ends by itself."""
    environment = {
        **os.environ,
        "HEYGEM_DATA_DIR": str(settings.data_dir),
        "HEYGEM_TELEGRAM__BASE_URL": telegram.base_url,
        **more,
    }
    done = subprocess.run(
        [sys.executable, "-m", "bot", "telegram"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    return done.returncode, done.stderr


async def test_no_token_and_no_link_reaches_the_log_at_debug(
    telegram: FakeTelegram, redis: Redis, settings: Settings, tmp_path: Path
) -> None:
    log = tmp_path / "bot.log"
    desk = Desk(telegram, Room(redis, settings), tmp_path)
    voice, face = make_voice(tmp_path / "v.ogg", 1.0), make_video(tmp_path / "f.mp4", 1.0)
    with bot_process(settings, telegram, log) as bot:
        anna = await desk.anna()
        telegram.fault("getMe", code=500)
        telegram.fault("file", code=404, times=3)
        telegram.fault("sendMessage", retry_after=1)
        telegram.fault("editMessageText", drop=True)
        anna.voice(voice)
        await desk.says(anna, "could not be fetched")
        anna.voice(voice)
        anna.video(face)
        anna.video(face, size=30_000_000)
        upload = await desk.offers(anna, "Open the upload page")
        await desk.batch(anna, 1)
        await desk.offers(anna, "Generate")
        anna.press("Generate")
        await desk.says(anna, "Off we go")
        await desk.room.work()
        done = await desk.says(anna, "Done!")
        telegram.revoke_token()
        assert bot.wait() == 1
    written = log.read_text()
    assert "DEBUG" in written
    secret = telegram.token.partition(":")[2]
    for hidden in (secret, telegram.token, *(url.rpartition("/")[2] for url in (*done.urls, *upload.urls))):
        assert hidden not in written
    assert "(token_refused)" in written
