"""The bot is killed while it collects, while a worker renders, and around the final message."""

import asyncio
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from heygem.base.settings import Settings
from heygem.batches.model import BatchState
from heygem.redis import keys
from heygem.redis.connection import reply
from tests.chatting import Room
from tests.fakes.telegram import Chat, FakeTelegram
from tests.faults.house import House
from tests.media import make_video, make_voice
from tests.telegramming import BotProcess, Desk, bot_process
from tests.uploading import until


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    with FakeTelegram() as telegram:
        yield telegram


@pytest.fixture
def desk(telegram: FakeTelegram, redis: Redis, settings: Settings, tmp_path: Path) -> Desk:
    return Desk(telegram, Room(redis, settings), tmp_path)


@pytest.fixture
def bot(desk: Desk) -> Iterator[BotProcess]:
    with bot_process(desk.room.settings, desk.telegram, desk.folder / "bot.log") as bot:
        yield bot


def clips(folder: Path, count: int) -> list[Path]:
    """Short real videos, each different."""
    return [make_video(folder / f"face {number}.mp4", 0.4 + 0.04 * number) for number in range(1, count + 1)]


async def generated(desk: Desk, anna: Chat, templates: int = 2) -> None:
    anna.voice(make_voice(desk.folder / "voice.ogg", 1.0))
    for clip in clips(desk.folder, templates):
        anna.video(clip)
    await desk.batch(anna, templates)
    await desk.offers(anna, "Generate")
    anna.press("Generate")
    await desk.says(anna, "Off we go")


async def ended_well(desk: Desk, anna: Chat, announcements: tuple[int, ...] = (1,)) -> None:
    """The status stands in its terminal state with the link, and the final message came as often as it may have."""
    status = await desk.says(anna, "videos are ready\n")
    assert status.urls, "the terminal state has the link"
    await desk.settled(anna, 1.0)
    assert len([sent for sent in desk.telegram.sent(anna) if "Done!" in sent.text]) in announcements
    latest = await desk.store.latest(desk.place(anna))
    assert latest is not None
    assert latest.state is BatchState.DONE
    assert str(status.id) == latest.status_message


async def test_a_download_cut_off_by_a_kill_is_taken_up_again(desk: Desk, bot: BotProcess) -> None:
    anna, gate = await desk.anna(), threading.Event()
    first, second = clips(desk.folder, 2)
    anna.video(first, hold=gate)
    anna.video(second)
    await desk.telegram.until(lambda: desk.telegram.state.downloads)
    await desk.telegram.until(lambda: not desk.telegram.state.updates)  # Telegram believes that they arrived
    bot.kill()
    gate.set()
    bot.start()
    batch = await desk.batch(anna, 2, voice=False)
    assert [item.template.name for item in batch.items] == ["face 1.mp4", "face 2.mp4"]


async def crossed_out(desk: Desk, said: str) -> bool:
    """Whether it is answered for good: a kill between an answer and this has it answered again."""
    redis = desk.room.redis
    inboxes = [key async for key in redis.scan_iter(match=keys.inbox("telegram:*"))]
    kept = [entry for inbox in inboxes for entry in await reply(redis.hvals(inbox))]
    return not any(said in entry for entry in kept)


async def test_what_waited_for_a_download_that_a_kill_cut_off_waits_for_it_again(desk: Desk, bot: BotProcess) -> None:
    anna, gate = await desk.anna(), threading.Event()
    first, second = clips(desk.folder, 2)
    anna.voice(make_voice(desk.folder / "voice.ogg", 1.0))
    anna.video(first, hold=gate)
    anna.video(second)
    anna.say("/generate")
    anna.say("/help")
    await desk.says(anna, "/batch – open a batch")
    await desk.telegram.until(lambda: len(desk.telegram.state.downloads) == 3)
    await until(lambda: crossed_out(desk, "/help"))
    bot.kill()
    bot.start()
    gate.set()
    await desk.says(anna, "Off we go: 2 videos")
    batch = await desk.store.latest(desk.place(anna))
    assert batch is not None
    assert [item.template.name for item in batch.items] == ["face 1.mp4", "face 2.mp4"]
    assert len([sent for sent in await desk.settled(anna) if "/batch – open" in sent.text]) == 1


async def test_kills_at_any_moment_of_collecting_lose_and_double_nothing(desk: Desk, bot: BotProcess) -> None:
    dice = random.Random(7)
    anna = await desk.anna()
    anna.voice(make_voice(desk.folder / "voice.ogg", 1.0))
    for clip in clips(desk.folder, 6):
        anna.video(clip)
    for _ in range(2):
        await asyncio.sleep(0.8 + dice.random())
        bot.kill()
        bot.start()
    batch = await desk.batch(anna, 6)
    assert [item.template.name for item in batch.items] == [f"face {number}.mp4" for number in range(1, 7)]
    await desk.offers(anna, "Generate")
    assert bot.terminate() == 0


async def test_what_kills_the_bot_three_times_is_left_out_with_a_word_and_the_rest_is_answered(
    desk: Desk, bot: BotProcess
) -> None:
    anna, gate, downloads = await desk.anna(), threading.Event(), desk.telegram.state.downloads
    deadly, good = clips(desk.folder, 2)
    anna.video(deadly, hold=gate)
    for _ in range(3):
        await desk.telegram.until(lambda: downloads)
        bot.kill()
        downloads.clear()
        bot.start()
    anna.video(good)
    await desk.says(anna, "What you sent stopped this bot 3 times, so it is left out.")
    batch = await desk.batch(anna, 1, voice=False)
    assert [item.template.name for item in batch.items] == ["face 2.mp4"]
    assert bot.terminate() == 0
    bot.start()
    anna.say("/help")
    await desk.says(anna, "/batch – open a batch")
    assert len(downloads) == 1, "what was given up is not tried again"
    assert len([sent for sent in await desk.settled(anna) if "left out" in sent.text]) == 1


async def test_a_kill_while_rendering_is_followed_by_the_end_and_one_message(desk: Desk, bot: BotProcess) -> None:
    anna = await desk.anna()
    await generated(desk, anna)
    await desk.room.work(only=1)
    bot.kill()
    await desk.room.work()
    bot.start()
    await ended_well(desk, anna)


@pytest.mark.parametrize("seconds", [0.0, 0.5])
async def test_a_kill_around_the_final_message_loses_nothing_and_shows_the_end(
    desk: Desk, bot: BotProcess, seconds: float
) -> None:
    anna = await desk.anna()
    await generated(desk, anna)
    await desk.says(anna, "Waiting in line")  # below "Off we go", so that the next new message is the final one
    desk.telegram.fault("sendMessage", delay=0.5)  # it hangs in the air when the bot dies
    await desk.room.work()
    await desk.says(anna, "videos are ready\n")
    await asyncio.sleep(seconds)
    bot.kill()
    bot.start()
    await desk.says(anna, "Done!")
    await ended_well(desk, anna, (1, 2))


async def test_a_deploy_while_telegram_makes_the_final_message_wait_says_it_after(desk: Desk, bot: BotProcess) -> None:
    anna = await desk.anna()
    await generated(desk, anna)
    await desk.says(anna, "Waiting in line")
    desk.telegram.fault("sendMessage", retry_after=3)
    desk.telegram.fault("sendMessage", code=502)
    await desk.room.work()
    await desk.says(anna, "videos are ready\n")
    await desk.telegram.until(lambda: [c for c in desk.telegram.calls("sendMessage") if "Too Many" in c.answer])
    assert bot.terminate() == 0
    assert not [sent for sent in desk.telegram.sent(anna) if "Done!" in sent.text]
    bot.start()
    await desk.says(anna, "Done!")
    await ended_well(desk, anna)


async def test_a_kill_between_albums_is_followed_by_the_videos_that_had_not_come(desk: Desk, tmp_path: Path) -> None:
    """The second album hangs in the air when the bot dies: as its answer is lost, that one may come twice."""
    settings, telegram = desk.room.settings, desk.telegram
    with bot_process(settings, telegram, tmp_path / "bot.log", HEYGEM_TELEGRAM__SEND_VIDEOS="true") as bot:
        anna = await desk.anna()
        await generated(desk, anna, 24)
        await desk.room.work(only=23)
        await desk.says(anna, "23 of 24")
        telegram.fault("sendMediaGroup", times=1)
        telegram.fault("sendMediaGroup", delay=3.0)
        await desk.room.work()
        await telegram.until(lambda: len(telegram.calls("sendMediaGroup")) == 2)
        bot.kill()
        came = [sent.text for sent in telegram.sent(anna) if sent.video]
        assert len(came) == 10
        bot.start()
        await telegram.until(lambda: len([sent for sent in telegram.sent(anna) if sent.video]) >= 24)
        await ended_well(desk, anna)
    came = [sent.text for sent in telegram.sent(anna) if sent.video]
    assert [name for number, name in enumerate(came) if name not in came[:number]] == [
        f"{number}. face {number}.mp4" for number in range(1, 25)
    ]
    assert not set(came[:10]) & set(came[10:]), "what came is not sent again"


async def test_with_a_real_worker_four_actions_become_a_zip(
    house: House, telegram: FakeTelegram, tmp_path: Path
) -> None:
    house.start_worker(STUB_SECONDS="1")
    server = house.server.socket
    settings = house.settings.model_copy(update={"redis_url": SecretStr(f"unix://{server}")})
    desk = Desk(telegram, Room(house.redis, settings), tmp_path)
    with bot_process(settings, telegram, tmp_path / "bot.log", HEYGEM_ENGINE="stub") as bot:
        anna = await desk.anna()
        await generated(desk, anna, 3)
        await house.until_noted("generate")
        bot.kill()
        bot.start()
        await ended_well(desk, anna)
        done = await desk.says(anna, "Done! Your 3 videos are ready.")
        assert done.urls
        assert bot.terminate() == 0
    house.stop_workers()
