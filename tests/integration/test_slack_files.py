"""Files from Slack: where the token goes, what comes instead of a file, and what bad files get."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from itertools import cycle
from pathlib import Path

import pytest
from aiohttp import web
from redis.asyncio import Redis

from bot.chat import fetch
from bot.chat.retry import Policy
from bot.slack.fetch import trusted
from heygem.base.errors import ErrorCode
from heygem.base.limits import Limits
from heygem.base.sentences import Language, explain
from heygem.base.settings import Settings
from tests.fakes.slack.people import Human
from tests.fakes.slack.server import SlackFake
from tests.fakes.slack.workspace import Message
from tests.media import make_video, make_voice
from tests.slacking import Team, at_work, read, settings_for, words_are_media

__all__ = ["words_are_media"]


@pytest.fixture
async def team(slack: SlackFake, redis: Redis, settings: Settings) -> AsyncIterator[Team]:
    chosen = settings_for(slack, settings.model_copy(update={"limits": Limits(file_mb=3)}))
    made = await Team.of(slack, redis, chosen)
    async with at_work(chosen, slack):
        yield made


@pytest.fixture
async def stranger(slack: SlackFake) -> AsyncIterator[tuple[str, list[str]]]:
    """Another host, and the authorization headers that came to it."""
    seen: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization", ""))
        return web.Response(body=b"video 4")

    app = web.Application()
    app.router.add_get("/{rest:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/file", seen
    await runner.cleanup()


async def drop(team: Team, name: str, content: bytes, **facts: object) -> Message:
    head = await team.opened()
    team.anna.drop(team.channel, team.anna.file(name, content, **facts), thread=head.ts)
    return head


@pytest.mark.usefixtures("words_are_media")
async def test_files_of_one_message_are_fetched_side_by_side_and_keep_their_order(team: Team) -> None:
    head, gate, asked = await team.opened(), asyncio.Event(), []
    names = ["first.mp4", "second.mp4", "third.mp4", "fourth.mp4"]

    async def hold(request: dict[str, str]) -> None:
        asked.append(request["file"])
        if request["file"] == files[0].id:
            await gate.wait()

    files = [team.anna.file(name, f"video {number}".encode()) for number, name in enumerate(names, start=4)]
    team.slack.before["download"] = hold
    team.anna.drop(team.channel, *files, thread=head.ts)
    await team.slack.until(lambda: len(asked) == len(files))
    assert (await team.batch(head)).items == []
    gate.set()
    await team.handled()
    assert [item.template.name for item in (await team.batch(head)).items] == names


async def nothing_kept(team: Team, head: Message) -> None:
    assert (await team.batch(head)).items == []
    assert not list(team.room.storage.root.glob("incoming/*"))
    assert not list(team.room.storage.owners.rglob("files/*"))


@pytest.mark.usefixtures("words_are_media")
async def test_slacks_login_page_means_that_a_permission_is_missing(team: Team) -> None:
    team.slack.scopes.discard("files:read")
    head = await drop(team, "face.mp4", b"video 4")
    await team.hears("“face.mp4” could not be fetched: the app lacks the permission files:read here.")
    await nothing_kept(team, head)


@pytest.mark.usefixtures("words_are_media")
async def test_a_redirect_to_another_host_gets_neither_token_nor_trust(
    team: Team, stranger: tuple[str, list[str]]
) -> None:
    url, seen = stranger
    head = await drop(team, "face.mp4", b"video 4", redirect=url)
    await team.hears("“face.mp4” could not be fetched from Slack. Please send it again.")
    assert seen == []
    await nothing_kept(team, head)


@pytest.mark.usefixtures("words_are_media")
async def test_a_redirect_within_slack_is_followed_with_the_token_and_not_for_ever(team: Team) -> None:
    target = team.anna.file("target.mp4", b"video 4")
    team.slack.workspace.files[target.id] = target
    address = str(team.slack.api.file(target)["url_private_download"])
    head = await drop(team, "face.mp4", b"", redirect=address)
    await team.slack.until(lambda: "1. face.mp4" in read(head))
    loop = team.anna.file("loop.mp4", b"")
    loop.redirect = str(team.slack.api.file(loop)["url_private_download"])
    team.anna.drop(team.channel, loop, thread=head.ts)
    await team.hears("“loop.mp4” could not be fetched from Slack.")


@pytest.mark.usefixtures("words_are_media")
async def test_files_of_another_workspace_are_asked_for(team: Team) -> None:
    head = await drop(team, "their face.mp4", b"video 4", foreign=True)
    await team.slack.until(lambda: "1. their face.mp4" in read(head))
    assert len(team.slack.made("files.info")) == 1
    for word, sentence in {
        "access_denied": "Slack does not let the app see this file.",
        "missing_scope": "This file could not be fetched: the app lacks the permission files:read here.",
        "file_deleted": "This file was deleted in Slack before it was fetched",
        "fatal": "This file could not be fetched from Slack. Please send it again.",
    }.items():
        team.slack.fault("files.info", word)
        team.anna.drop(team.channel, team.anna.file("theirs.mp4", b"video 5", foreign=True), thread=head.ts)
        await team.hears(sentence)


@pytest.mark.usefixtures("words_are_media")
async def test_what_slack_has_no_file_for_is_told_as_what_it_is(team: Team) -> None:
    """And nothing is fetched for it, so that no permission is missed and nobody sends it again in vain."""
    team.boris.user.locale = "zh-CN"
    turns: Iterator[tuple[Human, Language, bool]] = cycle([(team.anna, "en", False), (team.boris, "zh", True)])
    drive = {"mode": "external", "is_external": True, "external_type": "gdrive"}
    elsewhere = {"is_external": True, "external_type": "", "url_private": "https://files.example.org/a.mp4"}
    told: list[tuple[str, dict[str, object], ErrorCode, str]] = [
        ("plan", {"mode": "quip", "filetype": "quip"}, ErrorCode.NO_FILE, "Slack"),
        ("notes", {"filetype": "canvas"}, ErrorCode.NO_FILE, "Slack"),
        ("post", {"mode": "space", "filetype": "space"}, ErrorCode.NO_FILE, "Slack"),
        ("a.mp4", drive, ErrorCode.FILE_ELSEWHERE, "Google Drive"),
        ("b.mp4", elsewhere | {"url_private_download": ""}, ErrorCode.FILE_ELSEWHERE, "files.example.org"),
        ("", {"mode": "hidden_by_limit"}, ErrorCode.FILE_HIDDEN, "Slack"),
        ("", {"mode": "tombstone"}, ErrorCode.FILE_DELETED, "Slack"),
    ]
    head = await team.opened()
    for (name, facts, code, service), (who, language, foreign) in zip(told, turns, strict=False):
        who.drop(team.channel, who.file(name, b"video 4", facts=facts, foreign=foreign), thread=head.ts)
        await team.hears(explain(code, {"name": name, "service": service}, language))
    assert team.slack.ranges == []
    await nothing_kept(team, head)


@pytest.mark.usefixtures("words_are_media")
async def test_an_uploaded_web_page_is_no_media_and_a_file_we_may_not_see_no_missing_permission(team: Team) -> None:
    head = await drop(team, "page.html", b"<html>hello</html>", mimetype="text/html")
    await team.hears("“page.html” is neither sound nor video nor a picture.")
    team.anna.drop(team.channel, team.anna.file("theirs.mp4", b"video 4", secret=True), thread=head.ts)
    await team.hears("Slack does not let the app see “theirs.mp4”. Please save it on your device")
    await nothing_kept(team, head)


@pytest.mark.usefixtures("words_are_media")
@pytest.mark.parametrize(("announced", "told"), [(9_000_000, 9), (100, 4)])  # stopped at 4 of 5
async def test_what_is_too_large_is_stopped_whatever_its_size_is_said_to_be(
    team: Team, announced: int, told: int
) -> None:
    head = await drop(team, "huge.mp4", b"video 4" + bytes(4_500_000), announced=announced)
    await team.hears(f"“huge.mp4” has {told} MB; the limit is 3 MB.")
    await nothing_kept(team, head)


@pytest.mark.usefixtures("words_are_media")
async def test_an_outage_costs_no_file(team: Team) -> None:
    team.slack.fault("files.info", "", status=502, times=4)
    team.slack.fault("download", status=502, times=7)
    head = await drop(team, "face.mp4", b"video 4", foreign=True)
    await team.slack.until(lambda: "1. face.mp4" in read(head))
    assert not any("could not be fetched" in text for text in team.thread(head.ts))


@pytest.mark.usefixtures("words_are_media")
async def test_a_download_that_is_cut_goes_on_where_it_stopped(team: Team) -> None:
    team.slack.fault("download", "cut", times=2)
    head = await drop(team, "face.mp4", b"video 4 and more of it")
    await team.slack.until(lambda: "1. face.mp4" in read(head))
    assert team.slack.ranges == [0, 11, 16]
    (item,) = (await team.batch(head)).items
    assert team.room.files() == ["video 4 and more of it"]
    assert item.template.name == "face.mp4"


@pytest.mark.usefixtures("words_are_media")
async def test_a_wait_that_slack_asks_for_is_no_try(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "PATIENT", Policy(pauses=(0.05,), longest=0.01, waits=4))
    team.slack.fault("download", retry_after=1, times=2)
    began = asyncio.get_running_loop().time()
    head = await drop(team, "face.mp4", b"video 4")
    await team.slack.until(lambda: "1. face.mp4" in read(head))
    assert asyncio.get_running_loop().time() - began >= 2


@pytest.mark.usefixtures("words_are_media")
async def test_an_outage_without_end_is_told(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "PATIENT", Policy(pauses=(0.05,), longest=0.2, waits=1))
    team.slack.fault("download", status=503, times=1000)
    head = await drop(team, "face.mp4", b"video 4")
    await team.hears("“face.mp4” could not be fetched from Slack. Please send it again.")
    await nothing_kept(team, head)


async def test_bad_files_get_their_sentence_and_the_batch_stays_as_it_was(team: Team, tmp_path: Path) -> None:
    video = make_video(tmp_path / "face.mp4", 1.0).read_bytes()
    mute = make_video(tmp_path / "mute.mp4", 1.0, audio=False).read_bytes()
    bad = {
        "notes.txt": (b"just words", "is neither sound nor video"),
        "cut.mp4": (video[: len(video) // 2], "“cut.mp4” is broken or cut off"),
        "empty.mp4": (b"", "“empty.mp4”"),
        "twin.mp4": (video, "“twin.mp4” is already in this batch as number 1."),
        "blip.wav": (make_voice(tmp_path / "blip.wav", 0.1).read_bytes(), "“blip.wav” lasts only 0.1 s"),
    }
    head = await drop(team, "face.mp4", video)
    await team.slack.until(lambda: "1. face.mp4" in read(head))
    files = [team.anna.file(name, content) for name, (content, _) in bad.items()]
    team.anna.drop(team.channel, *files, thread=head.ts)
    team.anna.drop(team.channel, team.anna.file("mute.mp4", mute), text="voice", thread=head.ts)
    for sentence in (*(sentence for _, sentence in bad.values()), "“mute.mp4” has no sound, so it can't be the voice."):
        await team.hears(sentence)
    team.anna.press(head, "Remove one")
    await team.hears("Which one shall go?", who=team.anna)
    assert [item.template.name for item in (await team.batch(head)).items] == ["face.mp4"]
    assert (await team.batch(head)).voice is None
    assert not any("Traceback" in text for text in team.thread(head.ts))


@pytest.mark.usefixtures("words_are_media")
async def test_a_slow_file_holds_up_neither_its_acknowledgement_nor_others(team: Team) -> None:
    free = asyncio.Event()

    async def hold(_: object) -> None:
        await free.wait()

    first, second = await team.opened(), await team.opened(team.boris)
    team.slack.before["files.info"] = hold
    slow = team.anna.file("slow.mp4", b"video 4", foreign=True)
    team.anna.drop(team.channel, slow, thread=first.ts)
    team.boris.drop(team.channel, team.boris.file("quick.mp4", b"video 5"), thread=second.ts)
    await team.slack.until(lambda: "1. quick.mp4" in read(second))
    assert all(each.acked for each in team.slack.deliverer.log)
    free.set()
    await team.slack.until(lambda: "1. slow.mp4" in read(first))


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("https://files.slack.com/files-pri/T1-F1/download/a.mp4", True),
        ("https://files.slack.com:443/a", True),
        ("https://team.slack.com/a", True),
        ("https://downloads.slack-files.com/a", True),
        ("http://files.slack.com/a", False),
        ("https://files.slack.com.evil.example/a", False),
        ("https://evilslack.com/a", False),
        ("https://evil-slack-files.com/a", False),
        ("https://files.slack.com@evil.example/a", False),
        ("https://user:word@files.slack.com/a", False),
        ("https://files.slack.com:8443/a", False),
        ("https://files.slack.com:x/a", False),
        ("https://[::1/a", False),
        ("https://169.254.169.254/a", False),
        ("file:///etc/passwd", False),
        ("ftp://127.0.0.1:9/a", False),
        ("http://127.0.0.1:9/a", True),
        ("http://127.0.0.1:99/a", False),
        ("", False),
    ],
)
def test_the_token_goes_to_slacks_own_hosts_only(url: str, fits: bool) -> None:
    assert trusted(url, frozenset({"127.0.0.1:9"})) is fits
