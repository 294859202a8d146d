"""The Slack bot is killed while it collects, while a worker renders, and around the final message."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from bot.slack.app import serve
from heygem.archive.plan import ArchivePlan
from heygem.base.errors import HeygemError
from heygem.base.sentences import explain_error
from heygem.base.settings import Settings
from heygem.batches.model import BatchState
from tests.fakes.slack.blocks import buttons
from tests.fakes.slack.server import APP_TOKEN, BOT_TOKEN, SlackFake, slack_fake
from tests.fakes.slack.workspace import Json, Message
from tests.faults.house import House
from tests.media import make_video, make_voice
from tests.patience import PATIENCE_SECONDS
from tests.slacking import BotProcess, Team, bot_process, read, settings_for


@pytest.fixture
async def slack() -> AsyncIterator[SlackFake]:
    async with slack_fake() as fake:
        yield fake


@pytest.fixture
async def team(slack: SlackFake, redis: Redis, settings: Settings) -> Team:
    return await Team.of(slack, redis, settings_for(slack, settings))


@pytest.fixture
def bot(team: Team, tmp_path: Path) -> Iterator[BotProcess]:
    with bot_process(team.room.settings, team.slack, tmp_path / "bot.log") as bot:
        yield bot


async def sent(team: Team, head: Message, folder: Path, templates: int) -> None:
    """A real voice and real videos, dropped in one message."""
    voice = make_voice(folder / "voice.ogg", 1.0)
    clips = [make_video(folder / f"face {number}.mp4", 0.4 + 0.04 * number) for number in range(1, templates + 1)]
    files = [team.anna.file(path.name, path.read_bytes()) for path in (voice, *clips)]
    team.anna.drop(team.channel, *files, thread=head.ts)


async def generated(team: Team, folder: Path, templates: int = 2) -> Message:
    head = await team.opened()
    await sent(team, head, folder, templates)
    await team.slack.until(lambda: f"{templates}. face {templates}.mp4" in read(head) and "Generate" in read(head))
    team.anna.press(head, "Generate")
    await team.hears("Off we go", who=team.anna)
    return head


async def ended_well(team: Team, head: Message, announcements: tuple[int, ...] = (1,)) -> None:
    """The status stands in its terminal state with the link, and the final message came as often as it may have."""
    await team.slack.until(lambda: "videos are ready" in read(head) and "[Open the videos]" in read(head))
    await team.shown()
    assert sum("Done!" in text for text in team.thread(head.ts)) in announcements
    batch = await team.batch(head)
    assert (batch.state, batch.status_message) == (BatchState.DONE, head.ts)
    assert len(team.heads()) == 1
    link = next(button["url"] for _, button in buttons(head.blocks) if "url" in button)
    opened = await team.room.links.open(link.rpartition("/")[2])
    assert ArchivePlan(opened.members).size > 0


async def test_files_acknowledged_before_a_kill_are_taken_after_it(team: Team, bot: BotProcess, tmp_path: Path) -> None:
    head = await team.opened()
    await sent(team, head, tmp_path, 3)
    await team.slack.until(lambda: all(each.acked for each in team.slack.deliverer.log))
    bot.kill()
    bot.start()
    await team.slack.until(lambda: "3. face 3.mp4" in read(head) and "Ready to generate" in read(head))
    batch = await team.batch(head)
    assert [item.template.name for item in batch.items] == [f"face {number}.mp4" for number in (1, 2, 3)]
    assert await bot.terminated() == 0


async def test_a_kill_while_a_batch_is_opened_leaves_one_message_and_one_batch(team: Team, bot: BotProcess) -> None:
    killed = asyncio.Event()

    async def kill(_: Json) -> None:
        if not killed.is_set():
            bot.kill()
            killed.set()

    team.slack.after["chat.postMessage"] = kill
    team.anna.command(team.channel, "/batch")
    await asyncio.wait_for(killed.wait(), PATIENCE_SECONDS)
    assert "Opening a batch" in read(team.heads()[0])
    bot.start()
    await team.slack.until(lambda: "New batch" in read(team.heads()[0]))
    await team.handled()
    assert len(team.heads()) == 1
    assert len(await team.room.store.history(team.person(team.anna))) == 1


async def test_what_kills_the_bot_three_times_is_left_out_with_a_word_and_the_rest_is_answered(
    team: Team, bot: BotProcess, tmp_path: Path
) -> None:
    deadly, good = (make_video(tmp_path / f"{name}.mp4", 0.4) for name in ("deadly", "good"))
    files = [team.anna.file(path.name, path.read_bytes()) for path in (deadly, good)]
    killed, deaths = asyncio.Event(), 0

    async def kill(arguments: Json) -> None:
        nonlocal deaths
        if arguments["file"] == files[0].id:
            bot.kill()
            deaths += 1
            killed.set()

    team.slack.before["download"] = kill
    for file in files:
        team.anna.drop(team.anna.direct, file)
    for _ in range(3):
        await asyncio.wait_for(killed.wait(), PATIENCE_SECONDS)
        killed.clear()
        bot.start()
    await team.hears("What you sent stopped this bot 3 times, so it is left out.", team.anna.direct)
    await team.hears("1. good.mp4", team.anna.direct)
    assert await bot.terminated() == 0
    bot.start()
    team.anna.say(team.anna.direct, "help")
    await team.hears("/batch generate – start", team.anna.direct)
    assert deaths == 3, "what was given up is not tried again"
    assert sum("left out" in text for text in team.thread("", team.anna.direct)) == 1


async def test_a_kill_while_rendering_is_followed_by_the_end_and_one_message(
    team: Team, bot: BotProcess, tmp_path: Path
) -> None:
    head = await generated(team, tmp_path)
    await team.room.work(only=1)
    bot.kill()
    await team.room.work()
    bot.start()
    await ended_well(team, head)


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_kill_around_the_final_message_loses_nothing_and_shows_the_end(
    team: Team, bot: BotProcess, tmp_path: Path, moment: str
) -> None:
    head = await generated(team, tmp_path)
    killed = asyncio.Event()

    async def kill(arguments: Json) -> None:
        if "Done!" in arguments["text"] and not killed.is_set():
            bot.kill()
            killed.set()

    hooks = team.slack.before if moment == "before" else team.slack.after
    hooks["chat.postMessage"] = kill
    await team.room.work()
    await asyncio.wait_for(killed.wait(), PATIENCE_SECONDS)
    bot.start()
    await team.slack.until(lambda: "Done!" in "".join(team.thread(head.ts)[1:]))
    await ended_well(team, head, (1, 2))


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_kill_while_videos_are_sent_is_followed_by_the_rest_each_once(
    team: Team, tmp_path: Path, moment: str
) -> None:
    killed = asyncio.Event()

    with bot_process(team.room.settings, team.slack, tmp_path / "log", HEYGEM_SLACK__SEND_VIDEOS="true") as sending:

        async def kill(_: Json) -> None:
            if not killed.is_set():
                sending.kill()
                killed.set()

        hooks = team.slack.before if moment == "before" else team.slack.after
        hooks["files.completeUploadExternal"] = kill
        head = await generated(team, tmp_path, 11)
        await team.room.work()
        await asyncio.wait_for(killed.wait(), PATIENCE_SECONDS)
        sending.start()
        await ended_well(team, head)
    sent = [[title.partition(".")[0] for title in message] for message in team.videos(head.ts)]
    assert sent == [[str(number) for number in range(1, 11)], ["11"]]


async def test_a_deploy_while_slack_makes_the_final_message_wait_says_it_after(
    team: Team, bot: BotProcess, tmp_path: Path
) -> None:
    head = await generated(team, tmp_path)
    await team.shown()
    posts = len(team.slack.made("chat.postMessage"))
    team.slack.fault("chat.postMessage", retry_after=3, status=429)
    await team.room.work()
    await team.slack.until(lambda: len(team.slack.made("chat.postMessage")) > posts)
    assert await bot.terminated() == 0
    assert not [text for text in team.thread(head.ts) if "Done!" in text]
    bot.start()
    await team.slack.until(lambda: "Done!" in "".join(team.thread(head.ts)))
    await ended_well(team, head)


async def test_a_kill_before_the_end_is_shown_shows_it_after(team: Team, bot: BotProcess, tmp_path: Path) -> None:
    head = await generated(team, tmp_path)
    killed = asyncio.Event()

    async def kill(arguments: Json) -> None:
        if "ready" in arguments["text"] and not killed.is_set():
            killed.set()
            bot.kill()

    team.slack.before["chat.update"] = kill
    await team.room.work()
    await asyncio.wait_for(killed.wait(), PATIENCE_SECONDS)
    head.text, head.blocks = "lost", []
    bot.start()
    await ended_well(team, head)


async def test_no_secret_reaches_a_log_at_debug(team: Team, bot: BotProcess, tmp_path: Path) -> None:
    head = await generated(team, tmp_path, 2)
    await team.room.work()
    await team.hears("Done!")
    team.anna.command(team.channel, "/export")
    listed = await team.hears("Here are your 2 videos.", who=team.anna)
    team.slack.fault("chat.postMessage", "fatal_error")
    await team.slack.socket.drop()
    team.anna.say(team.anna.direct, "help")
    await team.slack.until(lambda: len(team.slack.made("apps.connections.open")) > 1)
    team.slack.dead_token = "token_revoked"  # noqa: S105 (no token)
    team.anna.say(team.anna.direct, "history")
    assert await bot.ended() == 1
    log = bot.log.read_text()
    assert log.splitlines()[-1] == ("Slack refuses the token in HEYGEM_SLACK_BOT_TOKEN: token_revoked. (token_refused)")
    links = [button["url"] for message in (head, listed) for _, button in buttons(message.blocks) if "url" in button]
    secrets = {BOT_TOKEN, APP_TOKEN, "SecretOfThe", "ticket-", *team.slack.responses}
    for secret in secrets | {link.rpartition("/")[2] for link in links}:
        assert secret not in log


async def test_a_wrong_token_is_one_sentence_and_a_failure(team: Team, tmp_path: Path) -> None:
    wrong = {"HEYGEM_SLACK_BOT_TOKEN": "xoxb-wrong"}
    with bot_process(team.room.settings, team.slack, tmp_path / "log", **wrong) as bot:
        assert await bot.ended() == 1
    log = (tmp_path / "log").read_text()
    assert log.splitlines()[-1].endswith("HEYGEM_SLACK_BOT_TOKEN: invalid_auth. (token_refused)")
    assert "Traceback" not in log
    assert "xoxb-wrong" not in log


@pytest.mark.parametrize(
    ("setting", "token", "said"),
    [
        ("slack_bot_token", APP_TOKEN, "HEYGEM_SLACK_BOT_TOKEN: not_allowed_token_type."),
        ("slack_app_token", "xapp-wrong", "HEYGEM_SLACK_APP_TOKEN: invalid_auth."),
        ("slack_app_token", "", "The setting HEYGEM_SLACK_APP_TOKEN is not valid: it is not set."),
    ],
)
async def test_each_token_is_refused_by_its_name_before_anybody_is_asked_to_write(
    team: Team, setting: str, token: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(HeygemError) as refused:
        await serve(team.room.settings.model_copy(update={setting: SecretStr(token)}))
    assert explain_error(refused.value).endswith(said)
    assert "claim" not in capsys.readouterr().out


async def test_with_a_real_worker_four_actions_become_a_zip(house: House, slack: SlackFake, tmp_path: Path) -> None:
    house.start_worker(STUB_SECONDS="1")
    url = SecretStr(f"unix://{house.server.socket}")
    settings = settings_for(slack, house.settings.model_copy(update={"redis_url": url}))
    team = await Team.of(slack, house.redis, settings)
    with bot_process(settings, slack, tmp_path / "bot.log", HEYGEM_ENGINE="stub") as bot:
        head = await generated(team, tmp_path, 3)
        await house.until_noted("generate")
        bot.kill()
        bot.start()
        await ended_well(team, head)
        assert len((await team.batch(head)).finished) == 3
        assert await bot.terminated() == 0
    house.stop_workers()
