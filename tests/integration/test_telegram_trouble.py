"""What goes wrong between the bot and Telegram, and what people see of it."""

import asyncio
import json
import threading

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from bot.chat.inbox import Envelope, Inbox
from bot.dialogue.access import Access
from bot.telegram import app
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.settings import Web
from heygem.redis.connection import connect, reply
from heygem.redis.server import EmbeddedRedis
from tests.chatting import Room
from tests.fakes.telegram import Chat, Sent
from tests.fakes.telegram.state import BOT_ID
from tests.patience import PATIENCE_SECONDS
from tests.telegramming import Desk, pointed_at, running_bot


async def started(desk: Desk, templates: int = 1) -> Chat:
    anna = await desk.anna()
    await desk.ready(anna, templates)
    await desk.offers(anna, "Generate")
    anna.press("Generate")
    await desk.says(anna, "Off we go")
    return anna


def videos(desk: Desk, chat: Chat) -> list[Sent]:
    return [sent for sent in desk.telegram.sent(chat) if sent.video]


async def test_what_was_left_is_taken_up_once_though_redis_goes_away_in_the_middle_of_it(
    quiet_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, gate, asked = quiet_desk, threading.Event(), []
    anna, inbox = await desk.anna(), Inbox(desk.room.redis, f"telegram:{BOT_ID}")
    for update in (anna.video(desk.file("video"), hold=gate), anna.say("/generate")):
        desk.telegram.state.updates.remove(update)
        assert await inbox.put(Envelope(str(update["update_id"]), json.dumps(update)))

    async def claim_code(*_: object) -> None:
        asked.append(1)
        if len(asked) == 1:
            raise HeygemError(ErrorCode.QUEUE_UNREACHABLE)

    monkeypatch.setattr(Access, "claim_code", claim_code)
    monkeypatch.setattr(app, "_REDIS_S", 0.05)
    async with running_bot(desk.telegram, desk.room.settings):
        await desk.telegram.until(lambda: len(asked) == 2)
        gate.set()
        await desk.says(anna, "The voice is still missing.")
        said = await desk.settled(anna)
    assert len([sent for sent in said if "The voice is still missing." in sent.text]) == 1
    assert len(desk.telegram.state.downloads) == 1


async def test_a_wait_is_obeyed_to_the_letter_and_then_the_newest_state_shown(desk: Desk) -> None:
    anna = await started(desk, 3)
    await desk.settled(anna)
    desk.telegram.fault("editMessageText", retry_after=2)
    desk.telegram.state.calls.clear()
    await desk.room.work(only=1)
    refused = await desk.telegram.until(lambda: [call for call in desk.telegram.state.calls if "retry" in call.answer])
    anna.say("/help")
    await desk.room.work()
    await desk.says(anna, "Done!")
    await desk.says(anna, "/batch – open a batch")
    into_chat = [
        call.at for call in desk.telegram.state.calls if call.parameters.get("chat_id") and call.at > refused[0].at
    ]
    assert min(into_chat) - refused[0].at >= 2
    assert await desk.says(anna, "Your 3 videos are ready\n")


async def test_one_chats_wait_is_not_the_others(desk: Desk) -> None:
    anna, boris = await desk.anna(), await desk.welcome(desk.telegram.private(desk.telegram.person("Boris")))
    desk.telegram.fault("sendMessage", retry_after=3, chat=anna.id)
    anna.say("/help")
    refused = await desk.telegram.until(lambda: [call for call in desk.telegram.state.calls if "retry" in call.answer])
    boris.say("/help")
    await desk.says(boris, "/batch – open")
    assert desk.telegram.sent(anna) == []
    await desk.says(anna, "/batch – open")
    into_chat = [call.at for call in desk.telegram.calls("sendMessage") if int(call.parameters["chat_id"]) == anna.id]
    assert into_chat[-1] - refused[0].at >= 3


async def test_a_storm_of_refusals_loses_no_answer_and_no_end(desk: Desk) -> None:
    desk.telegram.state.flood.per_second = 4
    chats = [await desk.welcome(desk.telegram.private(desk.telegram.person(f"Person {n}"))) for n in range(4)]
    await asyncio.gather(*(desk.ready(chat) for chat in chats))
    for chat in chats:
        await desk.offers(chat, "Generate")
        chat.press("Generate")
    for chat in chats:
        await desk.says(chat, "Off we go")
    await desk.room.work()
    for chat in chats:
        await desk.says(chat, "Done!")
        assert (await desk.says(chat, "Your video is ready\n")).urls
        assert len([sent for sent in desk.telegram.sent(chat) if "Done!" in sent.text]) == 1
    assert any(call.answer.startswith("Too Many Requests") for call in desk.telegram.state.calls)


async def test_a_status_that_somebody_deleted_is_posted_anew(desk: Desk) -> None:
    anna = await started(desk)
    status = await desk.says(anna, "Waiting in line")
    await desk.settled(anna)
    anna.delete(status.id)
    await desk.room.work()
    end = await desk.says(anna, "Your video is ready\n")
    assert end.id > status.id
    await desk.says(anna, "Done!")


async def test_who_blocked_the_bot_is_left_alone_and_served_again_when_they_come_back(desk: Desk) -> None:
    anna = await started(desk)
    await desk.settled(anna)
    anna.block()
    await desk.room.work()
    await desk.telegram.until(lambda: [call for call in desk.telegram.state.calls if "blocked" in call.answer])
    await desk.settled(anna)
    assert len([call for call in desk.telegram.state.calls if "blocked" in call.answer]) == 1
    anna.unblock()
    anna.say("/export")
    assert (await desk.says(anna, "Here is your video.")).urls


async def test_a_final_message_whose_answer_was_lost_is_said_once_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chat.follower._UNCERTAIN_S", 0.1)
    anna = await started(desk)
    await desk.settled(anna)
    desk.telegram.fault("sendMessage", lost=True)
    await desk.room.work()
    await desk.says(anna, "Done!")
    await desk.says(anna, "Your video is ready\n")
    await desk.settled(anna, 0.5)
    assert len([sent for sent in desk.telegram.sent(anna) if "Done!" in sent.text]) == 2


async def test_an_answer_that_telegram_refused_for_now_is_said_later(desk: Desk) -> None:
    anna = await desk.anna()
    desk.telegram.fault("sendMessage", code=500, times=2)
    anna.say("/help")
    await desk.says(anna, "/batch – open")
    assert len(desk.telegram.sent(anna)) == 1


async def test_an_answer_that_telegram_never_takes_is_given_up_and_the_chat_goes_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.telegram.speaker.ANSWER_S", 0.3)
    anna = await desk.anna()
    desk.telegram.fault("sendMessage", code=500, times=1_000_000)
    anna.say("/help")
    anna.say("/status")
    await desk.telegram.until(lambda: "an answer may not have arrived" in caplog.text)
    desk.telegram.state.faults.clear()
    await desk.says(anna, "There is no batch here")
    assert len(await desk.settled(anna)) == 1


async def test_an_edit_whose_answer_was_lost_is_repeated_in_peace(desk: Desk) -> None:
    anna = await started(desk)
    await desk.settled(anna)
    desk.telegram.fault("editMessageText", lost=True)
    await desk.room.work()
    await desk.says(anna, "Your video is ready\n")
    await desk.says(anna, "Done!")
    await desk.settled(anna)
    assert len([sent for sent in desk.telegram.sent(anna) if "Your video is ready\n" in sent.text]) == 1


async def test_a_token_that_is_revoked_ends_the_bot_with_its_reason(quiet_desk: Desk) -> None:
    async with running_bot(quiet_desk.telegram, quiet_desk.room.settings) as bot:
        quiet_desk.telegram.revoke_token()
        with pytest.raises(HeygemError) as refusal:
            await asyncio.wait_for(bot, PATIENCE_SECONDS)
    assert refusal.value.code is ErrorCode.TOKEN_REFUSED
    assert quiet_desk.telegram.token not in str(refusal.value.__context__ or "")


async def test_a_second_bot_with_the_same_token_is_told_in_a_sentence(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running_bot(desk.telegram, desk.room.settings):
        await desk.telegram.until(lambda: [call for call in desk.telegram.state.calls if "Conflict" in call.answer])
        for _ in range(200):
            if "token_in_use" in (said := capsys.readouterr().err):
                break
            await asyncio.sleep(0.02)
    assert "Another program receives this bot's messages from Telegram." in said


async def test_without_redis_the_bot_says_so_and_goes_on_when_it_is_back(
    quiet_desk: Desk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("own")
    with EmbeddedRedis(folder) as server:
        url = SecretStr(f"unix://{server.socket}")
        settings = quiet_desk.room.settings.model_copy(update={"redis_url": url})
        redis: Redis = connect(settings)
        desk = Desk(quiet_desk.telegram, Room(redis, settings), quiet_desk.folder)
        async with running_bot(desk.telegram, settings):
            anna = await desk.anna()
            await desk.ready(anna)
            await desk.offers(anna, "Generate")
            server.stop()
            anna.say("/status")
            await desk.says(anna, "The queue can't be reached at the moment")
            server.start()
            anna.press("Generate")
            await desk.says(anna, "Off we go: 1 video")
            await desk.room.work()
            await desk.says(anna, "Done!")
        await redis.aclose()


async def test_telegram_away_for_a_while_loses_nothing(desk: Desk) -> None:
    anna = await desk.anna()
    desk.telegram.fault("getUpdates", code=502, times=2)
    anna.say("/help")
    await desk.says(anna, "/batch – open")


async def test_what_an_earlier_version_had_not_answered_is_answered_after_the_update(quiet_desk: Desk) -> None:
    telegram, redis = quiet_desk.telegram, quiet_desk.room.redis
    anna = await quiet_desk.anna()
    left = anna.say("/help")
    telegram.state.updates.clear()  # Telegram believes that it arrived
    old = f"heygem:telegram:{telegram.token.partition(':')[0]}:waiting"
    await reply(
        redis.hset(old, mapping={str(left["update_id"]): json.dumps(left), "1": '{"update_id": 1, "message": 2}'})
    )
    async with running_bot(telegram, quiet_desk.room.settings):
        await quiet_desk.says(anna, "/batch – open a batch")
        await quiet_desk.settled(anna)
    assert not await redis.exists(old)


async def test_an_update_that_cannot_be_read_costs_nobody_else_an_answer(
    quiet_desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    telegram, people = quiet_desk.telegram, ("Anna", "Boris", "Carla")
    chats = [await quiet_desk.welcome(telegram.private(telegram.person(name))) for name in people]
    unread = []
    for chat in chats:
        chat.say("/help")
        unread.append(chat.service(poll={"id": "1", "question": "Whom do you love?", "options": []}))
    async with running_bot(telegram, quiet_desk.room.settings):
        for chat in chats:
            await quiet_desk.says(chat, "/batch – open a batch")
        await quiet_desk.settled(chats[0])
        chats[0].say("/history")
        await telegram.until(lambda: len(telegram.sent(chats[0])) == 2)
        assert len(telegram.calls("getUpdates")) <= 6
    told = [record.getMessage() for record in caplog.records if "can't be read" in record.getMessage()]
    assert told == [f"update {each['update_id']} can't be read and is left out: TypeError" for each in unread]
    assert "Whom do you love?" not in caplog.text


async def test_the_menu_is_shown_in_each_language_and_set_once(quiet_desk: Desk) -> None:
    telegram = quiet_desk.telegram
    async with running_bot(telegram, quiet_desk.room.settings):
        await telegram.until(lambda: ("short_description", "zh") in telegram.state.profile)
    for code, line in (("", "Open a batch or show the current one"), ("zh", "新建或查看当前批次")):
        commands = telegram.state.profile["commands", code]
        assert {"command": "batch", "description": line} in commands
        assert telegram.state.profile["description", code]
    before = len(telegram.calls("setMyCommands"))
    async with running_bot(telegram, quiet_desk.room.settings):
        await telegram.until(lambda: len(telegram.calls("getMyShortDescription")) >= 6)
    assert len(telegram.calls("setMyCommands")) == before


async def test_a_start_without_an_admin_shows_the_claim_code(
    quiet_desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running_bot(quiet_desk.telegram, quiet_desk.room.settings):
        said = ""
        while "/claim" not in said:
            said += capsys.readouterr().out
            await asyncio.sleep(0.02)
        eva = quiet_desk.telegram.private(quiet_desk.telegram.person("Eva"))
        eva.say(said[said.index("/claim") :].splitlines()[0])
        await quiet_desk.says(eva, "You are the admin now.")
    async with running_bot(quiet_desk.telegram, quiet_desk.room.settings):
        await quiet_desk.settled(eva)
    assert "/claim" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wanted", "address", "told"),
    [(True, "https://videos.example.org", False), ("auto", "", True)],
    ids=["where that is set", "where links open on the bot's machine only"],
)
async def test_finished_videos_come_into_the_chat_as_silent_albums(
    quiet_desk: Desk, *, wanted: bool | str, address: str, told: bool
) -> None:
    settings = pointed_at(quiet_desk.telegram, quiet_desk.room.settings, send_videos=wanted)
    settings = settings.model_copy(update={"web": Web(public_url=address)})
    async with running_bot(quiet_desk.telegram, settings):
        anna = await started(quiet_desk, 11)
        await quiet_desk.room.work()
        done = await quiet_desk.says(anna, "Done!")
        await quiet_desk.telegram.until(lambda: len(videos(quiet_desk, anna)) == 11)
        await quiet_desk.settled(anna)
    assert ("opens only on the machine that the bot runs on" in done.text) is told
    assert not done.silent
    came = videos(quiet_desk, anna)
    assert [sent.text.partition(".")[0] for sent in came] == [str(number) for number in range(1, 12)]
    assert all(sent.silent and sent.streams and sent.video and sent.video["width"] == 640 for sent in came)
    assert len({sent.album for sent in came[:10]}) == 1
    assert came[0].album
    assert [len(quiet_desk.telegram.calls(method)) for method in ("sendMediaGroup", "sendVideo")] == [1, 1]


async def test_albums_keep_within_what_a_group_lets_through(quiet_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    telegram = quiet_desk.telegram
    monkeypatch.setattr("bot.telegram.budget._WINDOW_S", 3.0)
    settings = pointed_at(telegram, quiet_desk.room.settings, send_videos=True)
    async with running_bot(telegram, settings):
        team = await quiet_desk.welcome(telegram.group(telegram.person("Anna"), admin=True))
        await quiet_desk.ready(team, 20)
        await quiet_desk.offers(team, "Generate")
        await quiet_desk.settled(team)
        telegram.state.flood.minute, telegram.state.flood.per_group_minute = 3.0, 20
        team.press("Generate")
        await quiet_desk.says(team, "Off we go")
        await quiet_desk.room.work()
        await telegram.until(lambda: len(videos(quiet_desk, team)) == 20)
    assert {call.answer for call in telegram.calls("sendMediaGroup")} == {""}
    assert len(telegram.calls("sendMediaGroup")) <= 3


async def test_an_album_that_telegram_refuses_comes_video_by_video_without_the_one_to_blame(quiet_desk: Desk) -> None:
    settings = pointed_at(quiet_desk.telegram, quiet_desk.room.settings, send_videos=True)
    quiet_desk.telegram.fault("sendMediaGroup", code=400, description="Bad Request: VIDEO_CONTENT_TYPE_INVALID")
    quiet_desk.telegram.fault("sendVideo", code=400, description="Bad Request: VIDEO_CONTENT_TYPE_INVALID")
    async with running_bot(quiet_desk.telegram, settings):
        anna = await started(quiet_desk, 3)
        await quiet_desk.room.work()
        await quiet_desk.says(anna, "Done!")
        await quiet_desk.settled(anna)
    assert [sent.text.partition(".")[0] for sent in videos(quiet_desk, anna)] == ["2", "3"]


async def test_where_links_can_be_opened_no_videos_come_into_the_chat(quiet_desk: Desk) -> None:
    settings = pointed_at(quiet_desk.telegram, quiet_desk.room.settings, send_videos="auto")
    settings = settings.model_copy(update={"web": Web(public_url="https://videos.example.org")})
    async with running_bot(quiet_desk.telegram, settings):
        anna = await started(quiet_desk)
        await quiet_desk.room.work()
        assert (await quiet_desk.says(anna, "Done!")).urls
        await quiet_desk.settled(anna)
    assert quiet_desk.telegram.calls("sendVideo") == []


async def test_videos_that_are_too_large_for_the_chat_are_named_in_one_sentence(
    quiet_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.videos._CLOUD_BYTES", 7)  # each of them takes a request of its own
    settings = pointed_at(quiet_desk.telegram, quiet_desk.room.settings, send_videos="auto")
    async with running_bot(quiet_desk.telegram, settings):
        anna = await started(quiet_desk, 3)
        await quiet_desk.room.work(only=1)
        monkeypatch.setattr("tests.chatting.MADE", b"eight by")
        await quiet_desk.room.work(only=1)
        monkeypatch.setattr("tests.chatting.MADE", b"a video")
        await quiet_desk.room.work()
        assert (await quiet_desk.says(anna, "Done!")).urls
        left_out = await quiet_desk.says(anna, "Too large to be sent here")
        await quiet_desk.settled(anna)
    batch = await quiet_desk.store.latest(quiet_desk.place(anna))
    assert batch is not None
    assert left_out.text.startswith(
        f"Too large to be sent here (more than 1 KB) and therefore only behind the link above: "
        f"{batch.items[1].template.name}. The link opens only on the machine that the bot runs on"
    )
    assert left_out.silent
    assert [sent.text.partition(".")[0] for sent in videos(quiet_desk, anna)] == ["1", "3"]


async def test_links_that_telegram_takes_in_no_button_stand_in_the_text(desk: Desk) -> None:
    desk.telegram.state.taboo_hosts.add("127.0.0.1")
    anna = await desk.anna()
    await desk.ready(anna)
    await desk.offers(anna, "Generate")
    anna.press("Generate")
    await desk.says(anna, "Waiting in line")
    await desk.room.work()

    done = await desk.says(anna, "Done! Your video is ready.")
    status = await desk.says(anna, "Your video is ready\n")
    for sent in (done, status):
        assert "Open the videos: http://127.0.0.1:8080/b/" in sent.text
        assert sent.urls == []
    assert status.labels == ["New link", "Same faces, new voice"]
    refused = [call for call in desk.telegram.state.calls if "BUTTON_URL_INVALID" in call.answer]
    assert len(refused) == 1, "what was refused once is not tried again"


async def test_a_status_that_a_killed_bot_did_not_write_down_goes_when_it_is_pressed(desk: Desk) -> None:
    anna = await desk.anna()
    batch = await desk.ready(anna)
    await desk.settled(anna)
    orphan = await desk.offers(anna, "Generate")
    await desk.store.set_status_message(batch.id, "")
    await desk.telegram.until(
        lambda: len([each for each in desk.telegram.sent(anna) if "Generate" in each.labels]) == 2
    )
    anna.press_data(f"gen:{batch.id}", anna.room.messages[orphan.id])
    await desk.says(anna, "Off we go")
    await desk.telegram.until(lambda: orphan.id not in anna.room.messages)
    await desk.says(anna, "Waiting in line")
    assert len([each for each in await desk.settled(anna) if "face 1" in each.text]) == 1
