"""A person and a team talk to the bot on Slack: real Bolt over Socket Mode, real Redis, the strict fake."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from heygem.base.settings import Settings
from heygem.batches.model import BatchState, MediaFile, Person, Place
from tests.factories import template_info
from tests.fakes.slack.blocks import buttons, texts
from tests.fakes.slack.people import MENTION, Human
from tests.fakes.slack.server import SlackFake
from tests.media import make_video
from tests.slacking import Team, at_work, read, settings_for, words_are_media

__all__ = ["words_are_media"]

UNREACHABLE = {("chat.postMessage", "channel_not_found"), ("chat.postEphemeral", "channel_not_found")}
NOTHING: dict[str, list[dict[str, object]]] = {"blocks": []}

pytestmark = pytest.mark.usefixtures("words_are_media")


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
    assert "<@U0BOT> export gives a new one." in read(end), "where Slack has no commands"
    assert end.arguments["unfurl_links"] is False
    urls = [button["url"] for _, button in buttons(end.blocks) if "url" in button]
    assert len(urls) == 1
    assert urls[0].startswith("http://127.0.0.1:8080/b/")
    assert len(team.heads()) == 1


async def test_strangers_get_one_sentence_and_open_nothing(team: Team) -> None:
    eva = Human(team.slack, team.slack.workspace.person("eva"))
    office = team.slack.workspace.channel("office", eva.user)
    eva.command(office, "/batch")
    said = await team.hears("This bot serves invited people only.", office, eva)
    assert "/batch allow slack:U0EVA" in read(said)
    eva.say(office, f"{MENTION} hello")
    eva.drop(office, eva.file("face.mp4", b"video 4"))
    await team.hears("This bot serves invited people only.", office)
    await team.handled()
    assert len(team.slack.workspace.ours(office.id)) == 2
    assert not team.room.storage.owners.exists()


async def test_the_first_admin_claims_the_bot_and_lets_others_in_by_their_name(
    capsys: pytest.CaptureFixture[str], team: Team
) -> None:
    eva = Human(team.slack, team.slack.workspace.person("eva"))
    printed = await team.slack.until(lambda: re.search(r"/batch claim \S+", capsys.readouterr().out))
    eva.command(eva.direct, printed[0])
    await team.hears("You are the admin now. /batch help lists", eva.direct, eva)
    eva.say(eva.direct, "allow <@U0ZOE|zoe>")
    await team.hears("<@U0ZOE> may use me now.", eva.direct)
    eva.command(team.channel, "/batch allow <#C0HALL|hall>")
    await team.hears("<#C0HALL> may use me now.", who=eva)
    for nonsense in ("<!subteam^S0TEAM|@team>", "<!subteam^S0TEAM>", "@anna", "#hall", "anna", "123456", "slack:me"):
        eva.command(team.channel, f"/batch allow {nonsense}")
    usage = "for example /batch allow @anna or /batch allow #studio"
    await team.slack.until(lambda: sum(usage in each for each in eva.reads(team.channel)) == 7)
    eva.command(team.channel, "/batch allow")
    said = await team.hears("These may use me:", who=eva)
    assert read(said).split("\n")[1:] == ["<@U0ANNA>", "<@U0ZOE>", "<#C0HALL>", "<#C0STUDIO>"]
    eva.command(team.channel, "/batch deny <#C0HALL|hall>")
    await team.hears("<#C0HALL> may not use me any more.", who=eva)


async def test_a_stranger_asks_the_admin_who_lets_them_in_by_a_button(
    capsys: pytest.CaptureFixture[str], team: Team
) -> None:
    eva, zoe = (Human(team.slack, team.slack.workspace.person(name)) for name in ("eva", "zoe"))
    printed = await team.slack.until(lambda: re.search(r"/batch claim \S+", capsys.readouterr().out))
    eva.command(eva.direct, printed[0])
    await team.hears("You are the admin now.", eva.direct, eva)
    zoe.say(zoe.direct, "hello")
    refusal = await team.hears("This bot serves invited people only.", zoe.direct)
    zoe.press(refusal, "Ask the admin")
    await team.slack.until(lambda: "I have asked." in read(refusal))
    asked = await team.hears("asks to use me.", eva.direct)
    assert read(asked).startswith("<@U0ZOE>, who goes by “Zoe”, asks to use me.")
    eva.press(asked, "Allow")
    await team.hears("An admin let you in", zoe.direct)
    await team.slack.until(lambda: read(asked) == "<@U0ZOE>, who goes by “Zoe”, may use me now.")
    zoe.say(zoe.direct, "batch")
    await team.hears("New batch", zoe.direct)


async def test_members_add_and_who_opened_it_generates(team: Team) -> None:
    head = await team.ready()
    team.boris.drop(team.channel, team.boris.file("boris.mp4", b"video 5"), thread=head.ts)
    await team.slack.until(lambda: "2. boris.mp4" in read(head))
    team.boris.press(head, "Generate")
    await team.hears("Only the person who opened this batch, or an admin", who=team.boris)
    assert (await team.batch(head)).state is BatchState.COLLECTING
    team.anna.press(head, "Generate")
    await team.hears("Off we go: 2 videos", who=team.anna)
    assert team.thread(head.ts) == []


async def test_a_mention_opens_a_batch_in_its_thread(team: Team) -> None:
    asked = team.anna.say(team.channel, MENTION)
    status = await team.hears("New batch")
    assert status.thread == asked.ts
    team.boris.drop(team.channel, team.boris.file("b.mp4", b"video 5"), thread=asked.ts)
    await team.hears("1. b.mp4")
    await team.slack.until(lambda: status.deleted)  # shown anew below what was said
    team.anna.say(team.channel, f"{MENTION} cancel", thread=asked.ts)
    await team.hears("The batch is discarded.")


async def test_a_mention_with_files_is_heard_once(team: Team) -> None:
    asked = team.anna.drop(team.channel, team.anna.file("a.mp4", b"video 4"), text=f"{MENTION} please")
    await team.hears("1. a.mp4")
    await team.handled()
    assert "Send me a voice and some videos" in "".join(team.thread(asked.ts))  # to the words alone
    assert len((await team.batch(asked)).items) == 1


async def test_what_comes_into_the_thread_of_a_running_batch_opens_the_next(team: Team) -> None:
    head = await team.ready()
    team.anna.press(head, "Generate")
    await team.hears("Off we go", who=team.anna)
    team.boris.drop(team.channel, team.boris.file("late.mp4", b"video 9"), thread=head.ts)
    await team.hears("Your last batch is already on its way, so this goes into a new one.")
    second = await team.hears("1. late.mp4")
    assert second.thread == head.ts
    await team.room.work()
    await team.slack.until(lambda: "Your video is ready" in read(head))


async def test_what_people_say_to_each_other_is_not_ours(team: Team) -> None:
    team.anna.say(team.channel, "generate export help")
    team.anna.drop(team.channel, team.anna.file("holiday.mp4", b"video 4"))
    await team.handled()
    assert team.slack.workspace.ours(team.channel.id) == []


async def test_a_direct_message_needs_no_command(team: Team) -> None:
    place = team.anna.direct
    team.anna.drop(place, team.anna.file("hello.m4a", b"voice 2"))
    team.anna.drop(place, team.anna.file("face.mp4", b"video 4"))
    await team.hears("Ready to generate", place)
    team.anna.say(place, "generate")
    await team.hears("Off we go: 1 video", place)
    await team.room.work()
    await team.hears("Done! Your video is ready.", place)
    assert all(not each.thread for each in team.slack.workspace.ours(place.id))


async def test_many_files_in_a_direct_message_move_the_status_a_few_times_only(team: Team) -> None:
    place = team.anna.direct
    for drop in range(5):
        named = (f"face {drop}{number}.mp4" for number in range(10))
        files = [team.anna.file(name, f"video 4 {name}".encode()) for name in named]
        last = team.anna.drop(place, *files)
        await team.hears(("10. face", "… and 5 more", "… and 15 more", "… and 25 more", "… and 35 more")[drop], place)

    def below() -> bool:
        status = team.slack.workspace.ours(place.id)[-1]
        return "… and 35 more" in read(status) and status.ts > last.ts

    await team.slack.until(below)
    posts = len(team.slack.made("chat.postMessage"))
    assert posts <= 5
    await team.slack.until(lambda: len(team.slack.made("chat.delete")) == posts - 1)


async def test_a_reply_in_a_direct_message_gives_one_template_its_own_voice(team: Team) -> None:
    place = team.anna.direct
    sent = team.anna.drop(place, team.anna.file("face.mp4", b"video 4"))
    await team.hears("1. face.mp4", place)
    team.anna.drop(place, team.anna.file("mine.m4a", b"voice 3"), thread=sent.ts)
    said = await team.hears("number 1, “face.mp4”, speaks “mine.m4a”", place)
    assert said.thread == sent.ts


async def test_a_button_beside_a_template_asks_for_its_own_voice(team: Team) -> None:
    head = await team.ready(templates=2)
    team.anna.press(head, "Own voice")
    await team.hears("Now send the voice that number 1, “face 0.mp4”, shall speak.", who=team.anna)
    team.boris.drop(team.channel, team.boris.file("boris.m4a", b"voice 4"), thread=head.ts)
    await team.slack.until(lambda: "Voice: boris.m4a" in read(head))  # the button was Anna's
    team.anna.drop(team.channel, team.anna.file("one.m4a", b"voice 3"), thread=head.ts)
    await team.slack.until(lambda: "speaks “one.m4a”" in read(head))
    team.anna.drop(team.channel, team.anna.file("all.m4a", b"voice 5"), thread=head.ts)
    await team.slack.until(lambda: "Voice: all.m4a" in read(head))
    batch = await team.batch(head)
    assert [item.voice.name if item.voice else "" for item in batch.items] == ["one.m4a", ""]
    rows = [[each["text"]["text"] for each in block["elements"]] for block in head.blocks if block["type"] == "actions"]
    assert rows == [["Generate"], ["Remove one", "Pictures", "Options"], ["Discard"]]


async def test_export_lists_what_a_channel_made_with_fresh_links(team: Team) -> None:
    team.boris.command(team.channel, "/export")
    await team.hears("Nothing is finished yet, so there is nothing to export.", who=team.boris)
    for _ in range(2):
        head = await team.ready()
        team.anna.press(head, "Generate")
        await team.slack.until(lambda head=head: "Waiting in line" in read(head))  # type: ignore[misc]
        await team.room.work()
        await team.slack.until(lambda head=head: "Your video is ready" in read(head))  # type: ignore[misc]
    team.boris.command(team.channel, "/export")
    listed = await team.hears("What can be exported here:", who=team.boris)
    urls = [button["url"] for _, button in buttons(listed.blocks)]
    assert len(set(urls)) == 2
    for url in urls:
        await team.room.links.open(url.rpartition("/")[2])
    team.boris.press(head, "New link")
    await team.hears("Here is your video.", who=team.boris)


async def test_the_home_tab_shows_batches_and_saved_templates(team: Team) -> None:
    head = await team.ready()
    team.anna.say(team.channel, f"{MENTION} templates save teacher", thread=head.ts)
    await team.hears("Saved as “teacher”.")
    team.anna.open_home()
    home = await team.slack.until(lambda: team.slack.workspace.homes.get(team.anna.user.id))
    shown = texts(home["blocks"])
    assert "1. just now · 1 video · open" in shown
    assert "1. teacher (0:04)" in shown
    team.anna.press_home("teacher")
    await team.hears("Added “teacher”.", team.anna.direct)
    await team.hears("1. face 0.mp4", team.anna.direct)
    await team.slack.until(lambda: "2. " in texts(team.anna.home["blocks"]))


async def test_options_are_chosen_by_buttons_below_a_batch_and_in_the_home_tab(team: Team) -> None:
    head = await team.ready()
    team.anna.press(head, "Options")
    team.anna.press(await team.hears("Options of this batch.", who=team.anna), "Resolution")
    team.anna.press(await team.hears("Resolution is as sent now.", who=team.anna), "720p")
    await team.hears("Resolution: 720p, for this batch.", who=team.anna)
    assert (await team.batch(head)).options.resolution == "720p"
    team.anna.open_home()
    await team.slack.until(lambda: team.slack.workspace.homes.get(team.anna.user.id))
    team.anna.press_home("Subtitles")
    team.anna.press(await team.hears("Subtitles is off now.", team.anna.direct), "on")
    await team.hears("Subtitles: on, from your next batch on.", team.anna.direct)
    team.anna.open_home()
    await team.slack.until(lambda: "Subtitles: on" in texts(team.anna.home["blocks"]))


async def test_where_slack_can_not_reach_the_page_templates_are_uploaded_as_one_picture(
    team: Team, tmp_path: Path
) -> None:
    head = await team.ready()
    team.anna.say(team.channel, f"{MENTION} templates save teacher", thread=head.ts)
    await team.hears("Saved as “teacher”.")
    (kept,) = (await team.room.people.templates(Person(platform="slack", id=team.anna.user.id))).values()
    make_video(tmp_path / "face.mp4")
    team.room.storage.file(kept.owner, kept.sha256).write_bytes((tmp_path / "face.mp4").read_bytes())
    team.anna.say(team.channel, f"{MENTION} templates", thread=head.ts)
    await team.hears("1. teacher (0:04)")
    (shown,) = [each for each in team.slack.workspace.ours(team.channel.id) if each.files]
    assert shown.thread == head.ts
    assert team.slack.workspace.files[shown.files[0]].content.startswith(b"\xff\xd8")
    team.anna.command(team.channel, "/batch templates")
    await team.hears("1. teacher (0:04)", who=team.anna)
    assert len([each for each in team.slack.workspace.ours(team.channel.id) if each.files]) == 1, (
        "nobody else's business"
    )


async def test_what_the_videos_of_a_batch_look_like_is_shown_in_its_thread(team: Team, tmp_path: Path) -> None:
    head = await team.ready(templates=2)
    make_video(tmp_path / "face.mp4")
    for item in (await team.batch(head)).items:
        kept = team.room.storage.file(item.template.owner, item.template.sha256)
        kept.write_bytes((tmp_path / "face.mp4").read_bytes())
    team.anna.press(head, "Pictures")
    await team.hears("2. face 1.mp4", who=team.anna)
    (shown,) = [each for each in team.slack.workspace.ours(team.channel.id) if each.files]
    assert shown.thread == head.ts


async def test_where_slack_can_reach_the_page_it_is_given_pictures(
    slack: SlackFake, redis: Redis, settings: Settings
) -> None:
    web = settings.web.model_copy(update={"public_url": "https://videos.example.org"})
    chosen = settings_for(slack, settings.model_copy(update={"web": web}))
    team = await Team.of(slack, redis, chosen)
    async with at_work(chosen, slack):
        head = await team.ready()
        team.anna.say(team.channel, f"{MENTION} templates save teacher", thread=head.ts)
        await team.hears("Saved as “teacher”.")
        team.anna.say(team.channel, f"{MENTION} templates", thread=head.ts)
        listed = await team.hears("1. teacher (0:04)")
        assert "<face 0.mp4>" in read(listed)
        team.anna.open_home()
        await slack.until(
            lambda: "<face 0.mp4>" in texts(slack.workspace.homes.get(team.anna.user.id, NOTHING)["blocks"])
        )
        team.anna.press(head, "Generate")
        await slack.until(lambda: "Waiting in line" in read(head) and "<face 0.mp4>" in read(head))
        slack.fault("chat.update", "invalid_blocks")  # Slack could not fetch one
        await team.room.work()
        await slack.until(lambda: "Your video is ready" in read(head) and "<face 0.mp4>" not in read(head))
        assert "1. face 0.mp4" in read(head)


async def test_a_strangers_home_tab_says_how_to_get_in(team: Team) -> None:
    eva = Human(team.slack, team.slack.workspace.person("eva"))
    eva.open_home()
    home = await team.slack.until(lambda: team.slack.workspace.homes.get(eva.user.id))
    assert texts(home["blocks"]).count("Your id is slack:U0EVA.") == 1


async def test_a_saved_template_used_by_command_opens_a_batch(team: Team) -> None:
    head = await team.ready()
    team.anna.say(team.channel, f"{MENTION} templates save teacher", thread=head.ts)
    await team.hears("Saved as “teacher”.")
    team.anna.press(head, "Discard")
    question = await team.hears("Discard this batch with its video?", who=team.anna)
    team.anna.press(question, "Yes, discard")
    await team.slack.until(lambda: read(question) == "The batch is discarded.")
    team.anna.command(team.channel, "/batch templates use teacher")
    await team.hears("Added “teacher”.", who=team.anna)
    second = await team.slack.until(lambda: next((each for each in team.heads() if each.ts != head.ts), None))
    await team.slack.until(lambda: "1. face 0.mp4" in read(second))
    team.anna.command(team.channel, "/batch cancel")
    await team.slack.until(lambda: "Discarded" in read(second))
    team.anna.command(team.channel, "/batch templates use nobody")
    await team.hears("You have no saved template “nobody”.", who=team.anna)
    assert len(team.heads()) == 2  # a message that nothing came to live below is gone again


async def test_commands_answer_the_one_who_typed_them(team: Team) -> None:
    team.anna.command(team.channel, "/batch help")
    said = await team.hears("/batch generate – start", who=team.anna)
    assert "In a group" not in read(said)
    head = await team.ready()
    team.anna.command(team.channel, "/batch settings resolution 720p")
    await team.hears("Resolution: 720p, for this batch and the next ones.", who=team.anna)
    assert (await team.batch(head)).options.resolution == "720p"
    team.anna.command(team.channel, "/batch status")
    await team.hears("Ready to generate", who=team.anna)
    team.anna.command(team.channel, "/batch history")
    await team.hears("1. just now · 1 video · open", who=team.anna)
    team.anna.command(team.channel, "/batch What_*ever* now")
    await team.hears("I don't know /batch What_*ever*. /batch help lists", who=team.anna)


async def test_templates_are_removed_from_a_menu(team: Team) -> None:
    head = await team.ready(templates=3)
    team.anna.press(head, "Remove one")
    menu = await team.hears("Which one shall go?", who=team.anna)
    team.anna.press(menu, "2. face 1.mp4")
    await team.slack.until(lambda: "2. face 2.mp4" in read(head))


@pytest.mark.parametrize(("kind", "refusal"), [("channel", "not_in_channel"), ("group", "channel_not_found")])
async def test_a_channel_without_the_bot_is_told_how_to_invite_it(team: Team, kind: str, refusal: str) -> None:
    hall = team.slack.workspace.channel("hall", team.anna.user, kind=kind, bot=False)
    team.anna.command(hall, "/batch")
    said = await team.hears("I'm not in this channel yet.", hall, team.anna)
    assert "/invite <@U0BOT>" in said.text
    team.slack.refusals.remove(("chat.postMessage", refusal, ""))


@pytest.mark.parametrize("kind", ["im", "mpim"])
async def test_a_conversation_among_people_is_told_where_to_go_and_opens_nothing(team: Team, kind: str) -> None:
    """Six times: more than a person may have open."""
    workspace, anna = team.slack.workspace, team.anna.user
    person, people = Person(platform="slack", id=anna.id), (anna, team.boris.user)
    file = MediaFile(owner=person.owner, sha256="0", name="face.mp4", info=template_info())
    await team.room.people.save_template(person, "teacher", file)
    among = workspace.between(*people) if kind == "im" else workspace.channel("us", *people, kind=kind, bot=False)
    for _ in range(6):
        team.anna.command(among, "/batch")
    await team.slack.until(lambda: len(team.anna.reads(among)) == 6)
    told = team.anna.reads(among)
    assert all("I'm not part of this conversation and can't be added to it." in each for each in told)
    assert "/batch in a channel that I am in" in told[0]
    assert "/invite" not in "".join(told)
    team.anna.command(among, "/batch templates")
    team.anna.press(await team.hears("1. teacher", among, team.anna), "teacher")
    before, where = (6, among) if kind == "im" else (0, team.anna.direct)  # where a button can be answered
    ours = team.slack.workspace.ours
    await team.slack.until(lambda: sum("I'm not part" in read(each) for each in ours(where.id)) == before + 1)
    assert await team.room.store.history(person) == []
    assert {refused[:2] for refused in team.slack.refusals} <= UNREACHABLE
    team.slack.refusals.clear()


async def test_a_command_in_a_direct_message_shows_its_batch_once(team: Team) -> None:
    direct = team.anna.direct
    team.anna.command(direct, "/batch")
    status = await team.hears("New batch", direct)
    team.anna.drop(direct, team.anna.file("face.mp4", b"video 4"))
    await team.hears("1. face.mp4", direct)
    await team.shown()
    assert [read(each) for each in team.slack.workspace.ours(direct.id) if "Opening" in read(each)] == []
    assert status.edits


async def test_a_status_that_a_killed_bot_did_not_write_down_goes_when_it_is_pressed(team: Team) -> None:
    direct = team.anna.direct
    for name, content in (("hello.m4a", b"voice 2"), ("face.mp4", b"video 4")):
        team.anna.drop(direct, team.anna.file(name, content))
    orphan = await team.hears("Ready to generate", direct)
    await team.shown()  # and written down
    batch = await team.room.store.collecting(Place(platform="slack", chat=direct.id))
    assert batch is not None
    await team.room.store.set_status_message(batch.id, "")

    def statuses() -> list[str]:
        return [each.ts for each in team.slack.workspace.ours(direct.id) if "face.mp4" in read(each)]

    await team.slack.until(lambda: len(statuses()) == 2)
    team.anna.press(orphan, "Options")
    await team.hears("Options of this batch.", direct)
    await team.slack.until(lambda: orphan.ts not in statuses())
    assert len(statuses()) == 1


async def test_names_cannot_call_the_channel_or_break_the_layout(team: Team) -> None:
    head = await team.opened()
    name = "<!channel> *all* `x` & <@U0BORIS> <evil.example|click>.mp4"
    team.anna.drop(team.channel, team.anna.file(name, b"video 4"), team.anna.file(name, b"noise"), thread=head.ts)
    await team.slack.until(lambda: f"1. {name}" in read(head))
    await team.hears(f"“{name}” is neither sound nor video")
    for said in team.slack.workspace.ours(team.channel.id):
        assert "<" not in said.text
        assert "mrkdwn" not in str(said.blocks)
    assert "1. &lt;!channel&gt; *all* `x` &amp;" in head.text, "for who hears it, all of the status"


async def test_chinese_people_are_answered_in_chinese(team: Team) -> None:
    mei = Human(team.slack, team.slack.workspace.person("mei", locale="zh-CN"))
    team.channel.members.add(mei.user.id)
    mei.command(team.channel, "/batch")
    head = await team.slack.until(lambda: next((each for each in team.heads() if "消息列" in read(each)), None))
    mei.drop(team.channel, mei.file("你好.m4a", b"voice 2"), mei.file("脸.mp4", b"video 4"), thread=head.ts)
    mei.drop(team.channel, mei.file("坏.mp4", b"noise"), thread=head.ts)
    await team.hears("“坏.mp4”既不是音频、视频，也不是图片。")
    await team.slack.until(lambda: "[生成]" in read(head) or "生成]" in read(head))
    assert "单独配音" in read(head)
    mei.press(head, next(each["text"]["text"] for _, each in buttons(head.blocks) if each.get("style") == "primary"))
    await team.hears("开始了：1 个视频", who=mei)
    await team.room.work()
    await team.hears("好了！视频已完成。")
    mei.command(team.channel, "/export")
    await team.hears("这是您的 1 个视频。", who=mei)


async def test_a_message_that_was_deleted_is_shown_anew(team: Team) -> None:
    head = await team.ready()
    head.deleted = True
    team.anna.drop(team.channel, team.anna.file("late.mp4", b"video 9"), thread=head.ts)
    status = await team.hears("2. late.mp4")
    assert status.thread == head.ts
    team.anna.press(status, "Generate")
    await team.hears("Off we go", who=team.anna)
    assert set(team.slack.refusals) == {("chat.update", "message_not_found", "")}
    team.slack.refusals.clear()
