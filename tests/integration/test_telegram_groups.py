"""Groups with privacy mode, topics, groups that become supergroups, strangers and admins."""

import asyncio
import threading

import pytest

from heygem.batches.model import BatchState
from heygem.redis import keys
from heygem.redis.connection import reply
from tests.fakes.telegram import Chat
from tests.telegramming import Desk


async def team(desk: Desk, **kind: bool) -> Chat:
    anna = desk.telegram.person("Anna")
    return await desk.welcome(desk.telegram.group(anna, **kind))


async def test_with_privacy_mode_files_come_as_replies_to_the_bots_message(desk: Desk) -> None:
    group = await team(desk)
    unseen = group.video(desk.file("video", "unseen.mp4"))
    assert "update_id" not in unseen
    group.say("/batch@heygem_test_bot")
    status = await desk.says(group, "New batch")
    assert status.text.endswith("Send files as a reply to this message, or I may not see them.")
    group.video(desk.file("video", "seen.mp4"), reply_to=status.id)
    group.voice(desk.voice(), reply_to=status.id)
    batch = await desk.batch(group, 1)
    assert [item.template.name for item in batch.items] == ["seen.mp4"]

    boris = group.joined_by(desk.telegram.person("Boris", "zh"))
    await desk.offers(group, "Remove one")
    boris.press("Remove one")
    await desk.toasts("只有创建该批次的人或管理员才能这样做。")
    boris.press("Own voice")
    boris.press((await desk.offers(group, "1. seen.mp4")).labels[0])
    question = await desk.says(group, "请发送第 1 个“seen.mp4”要说的语音。\n在群里请以回复本消息的方式发送。")
    boris.voice(desk.voice(), reply_to=question.id)
    await desk.says(group, "1. seen.mp4 – 0:02 · speaks “voice note”")


async def test_a_reply_to_a_status_that_moved_on_is_still_understood(desk: Desk) -> None:
    group = await team(desk)
    group.say("/batch@heygem_test_bot")
    first = await desk.says(group, "New batch")
    group.say("/status@heygem_test_bot")
    line = await desk.says(group, "This batch's status is further down.")
    assert (line.id, line.labels) == (first.id, [])
    group.video(desk.file("video", "late.mp4"), reply_to=first.id)
    batch = await desk.batch(group, 1, voice=False)
    assert [item.template.name for item in batch.items] == ["late.mp4"]


async def test_an_album_as_reply_adds_every_video(desk: Desk) -> None:
    group = await team(desk)
    group.say("/batch@heygem_test_bot")
    status = await desk.says(group, "New batch")
    group.album(*(desk.file("video") for _ in range(4)), reply_to=status.id)
    await desk.batch(group, 4, voice=False)


async def test_the_whole_team_adds_and_exports_but_who_opened_it_starts_it(desk: Desk) -> None:
    anna = await team(desk, admin=True)
    boris = anna.joined_by(desk.telegram.person("Boris", "zh"))
    anna.say("/batch")
    await desk.says(anna, "New batch")
    boris.video(desk.file("video", "boris.mp4"))
    anna.voice(desk.voice())
    await desk.batch(anna, 1)
    await desk.offers(anna, "Generate")
    boris.press("Generate")
    await desk.toasts("只有创建该批次的人或管理员才能这样做。")
    anna.press("Generate")
    await desk.says(anna, "Off we go")
    await desk.room.work()
    await desk.says(anna, "Done!")
    boris.say("/export")
    assert (await desk.says(anna, "这是您的 1 个视频。")).urls


async def test_an_answer_in_a_group_shows_whom_it_answers(desk: Desk) -> None:
    group = await team(desk)
    update = group.say("/generate@heygem_test_bot")
    said = await desk.says(group, "The voice is still missing.")
    assert said.reply_to == update["message"]["message_id"]


async def test_what_is_overheard_in_a_group_stays_unanswered(desk: Desk) -> None:
    group = await team(desk, admin=True)
    group.say("good morning")
    group.say("/generate@another_bot")
    group.video(desk.file("video"))
    group.document(desk.file("nonsense", "minutes.pdf"), "application/pdf")
    group.service(new_chat_title="Another title")
    group.say("/help")
    await desk.says(group, "In a group, send files as a reply")
    assert len(desk.telegram.sent(group)) == 1
    assert desk.telegram.state.downloads == []


async def test_each_topic_has_a_batch_of_its_own(desk: Desk) -> None:
    group = await team(desk, forum=True, admin=True)
    one, two = group.topic(), group.topic()
    for place in (group, one, two):
        place.say("/batch@heygem_test_bot")
    threads = (None, one.thread, two.thread)
    await desk.telegram.until(lambda: {sent.thread for sent in desk.telegram.sent(group)} == set(threads))
    one.video(desk.file("video", "one.mp4"))
    two.video(desk.file("video", "two.mp4"))
    group.video(desk.file("video", "general.mp4"))
    names = [(await desk.batch(place, 1, voice=False)).items[0].template.name for place in (group, one, two)]
    assert names == ["general.mp4", "one.mp4", "two.mp4"]
    two.voice(desk.voice())
    await desk.batch(two, 1)
    status = await desk.offers(two, "Generate")
    assert status.thread == two.thread


async def test_nothing_is_said_into_a_closed_topic_and_the_rest_goes_on(desk: Desk) -> None:
    group = await team(desk, forum=True, admin=True)
    topic = group.topic()
    await desk.ready(topic)
    await desk.offers(topic, "Generate")
    topic.press("Generate")
    await desk.says(topic, "Off we go")
    before = len(await desk.settled(group))  # the status has moved below
    topic.close()
    await desk.room.work()
    group.say("/help")
    await desk.says(group, "/batch – open a batch")
    await desk.settled(group)
    assert [sent.thread for sent in desk.telegram.sent(group)[before:]] == [None]


async def test_a_thread_of_replies_in_a_plain_supergroup_is_no_topic(desk: Desk) -> None:
    group = await team(desk, admin=True)
    group.say("/batch")
    status = await desk.says(group, "New batch")
    update = group.video(desk.file("video", "a.mp4"), reply_to=status.id)
    thread = update["message"] | {"message_thread_id": status.id, "message_id": 4711, "text": "/status"}
    desk.telegram.state.update(message={name: value for name, value in thread.items() if name != "video"})
    await desk.batch(group, 1, voice=False)


async def test_a_group_that_becomes_a_supergroup_takes_its_batch_along(desk: Desk) -> None:
    small = await team(desk, big=False, admin=True)
    batch = await desk.ready(small)
    await desk.offers(small, "Generate")
    big = desk.telegram.upgrade(small)

    status = await desk.offers(big, "Generate")
    assert status.chat == big.id
    big.video(desk.file("video", "later.mp4"))
    assert (await desk.batch(big, 2)).id == batch.id
    big.press("Generate")
    await desk.says(big, "Off we go: 2 videos")
    await desk.room.work()
    await desk.says(big, "Done! Your 2 videos are ready.")
    assert len([sent for sent in desk.telegram.sent() if "Done!" in sent.text]) == 1


async def test_a_migration_that_only_a_refusal_tells_of_is_followed(desk: Desk) -> None:
    small = await team(desk, big=False, admin=True)
    await desk.ready(small)
    await desk.offers(small, "Generate")
    small.press("Generate")
    await desk.says(small, "Off we go")
    with desk.telegram.state.lock:
        big = desk.telegram.upgrade(small)
        desk.telegram.state.updates.clear()  # its service messages are lost
    await desk.room.work()
    await desk.says(big, "Done!")
    assert len([sent for sent in desk.telegram.sent(big) if "Done!" in sent.text]) == 1
    assert (await desk.says(big, "Your video is ready\n")).urls


async def test_a_stranger_learns_whom_to_ask_and_nothing_is_fetched(desk: Desk) -> None:
    mallory = desk.telegram.private(desk.telegram.person("Mallory"))
    mallory.video(desk.file("video"))
    said = await desk.says(mallory, "This bot serves invited people only.")
    assert f"/allow telegram:{mallory.id}" in said.text
    assert desk.telegram.calls("getFile") == []


async def test_the_first_admin_claims_the_bot_and_lets_others_in(
    capsys: pytest.CaptureFixture[str], desk: Desk
) -> None:
    said = ""
    while "/claim " not in said:
        said += capsys.readouterr().out
        await asyncio.sleep(0.02)
    code = said.partition("/claim ")[2].split()[0]
    eva = desk.telegram.private(desk.telegram.person("Eva"))
    anna = desk.telegram.private(desk.telegram.person("Anna"))
    eva.say(f"/start {code}")
    await desk.says(eva, "You are the admin now.")
    eva.say(f"/allow {anna.id}")
    await desk.says(eva, f"telegram:{anna.id} may use me now.")
    await desk.ready(anna)


async def test_an_anonymous_admin_is_the_group_not_every_anonymous_admin_of_the_world(desk: Desk) -> None:
    group = await team(desk, admin=True)
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    chat = {"id": group.id, "type": "supergroup", "title": "Team"}
    group.service(**{"from": anonymous}, sender_chat=chat, text="/batch")
    await desk.says(group, "New batch")
    batch = await desk.store.collecting(desk.place(group))
    assert batch is not None
    assert batch.owner.id == str(group.id)
    assert batch.state is BatchState.COLLECTING


async def test_other_bots_are_not_listened_to(desk: Desk) -> None:
    group = await team(desk, admin=True)
    group.service(**{"from": {"id": 99, "is_bot": True, "first_name": "Robot"}}, text="/batch")
    group.say("/help")
    await desk.says(group, "/batch – open a batch")
    assert len(desk.telegram.sent(group)) == 1


async def test_a_stranger_asks_the_admin_who_lets_them_in_by_a_button(desk: Desk) -> None:
    eva = desk.telegram.private(desk.telegram.person("Eva"))
    blocked = desk.telegram.private(desk.telegram.person("Gone"))
    blocked.block()
    await reply(desk.room.redis.sadd(keys.ADMINS, *(f"telegram:{each.id}" for each in (blocked, eva))))
    anna = desk.telegram.private(desk.telegram.person("Anna <b>Bold</b>"))

    anna.say("hello")
    await desk.offers(anna, "Ask the admin")
    anna.say("hello?")
    anna.press("Ask the admin")
    assert (await desk.says(anna, "I have asked.")).labels == []
    asked = await desk.says(eva, "asks to use me.")
    assert asked.text == f"telegram:{anna.id}, who goes by “Anna <b>Bold</b>”, asks to use me."
    eva.press("Allow")
    await desk.says(anna, "An admin let you in")
    (told,) = desk.telegram.sent(eva)
    assert (told.text, told.labels) == (f"telegram:{anna.id}, who goes by “Anna <b>Bold</b>”, may use me now.", [])
    assert len(await desk.settled(anna)) == 2
    await desk.ready(anna)


async def test_templates_get_and_lose_voices_of_their_own_by_buttons(desk: Desk) -> None:
    anna = await desk.anna()
    await desk.ready(anna, 2)
    await desk.offers(anna, "Own voice")
    anna.press("Own voice")
    menu = await desk.says(anna, "Which one shall speak a voice of its own?")
    second = menu.labels[1]
    anna.press(second)
    assert (await desk.says(anna, "Now send the voice that number 2")).id == menu.id
    anna.voice(desk.voice())
    await desk.says(anna, "Got it: number 2")
    anna.press("‹ Back")
    anna.press((await desk.offers(anna, f"✓ {second}")).labels[1])
    await desk.says(anna, "Send another voice for it now")
    anna.press("Take its voice away")
    await desk.toasts("has no voice of its own any more")
    assert (await desk.says(anna, "Which one shall speak")).labels[:2] == menu.labels[:2]


async def test_what_is_edited_counts_where_it_still_can(desk: Desk) -> None:
    anna = await desk.anna()
    said = anna.say("/stauts")["message"]["message_id"]
    await desk.says(anna, "I don't know /stauts.")
    for _ in range(2):
        anna.edit(said, text="/help")
    await desk.says(anna, "/batch – open a batch")

    video = anna.video(desk.file("video"), "Boris", file_name="")["message"]["message_id"]
    await desk.batch(anna, 1, voice=False)
    anna.edit(video, caption="Anna")
    voice = anna.voice(desk.file("voice", "words.ogg", 8))["message"]["message_id"]
    await desk.batch(anna, 1)
    await desk.says(anna, "Anna – 0:02")
    words = "Good morning everyone and welcome to our course. Today we look at how plants drink and why."
    anna.edit(voice, caption=words)
    await desk.says(anna, "I take your caption as the words being spoken.")
    assert (await desk.batch(anna, 1)).transcript == words
    anna.edit(said, text="/generate")
    await desk.settled(anna)
    assert len([sent for sent in desk.telegram.sent(anna) if "/batch – open a batch" in sent.text]) == 1
    assert (await desk.batch(anna, 1)).state is BatchState.COLLECTING


async def test_a_caption_that_is_edited_while_its_file_is_fetched_counts_as_it_is_then(desk: Desk) -> None:
    anna, gate = await desk.anna(), threading.Event()
    video = anna.video(desk.file("video"), "Boris", file_name="", hold=gate)["message"]["message_id"]
    await desk.telegram.until(lambda: desk.telegram.state.downloads)
    anna.edit(video, caption="Anna")
    anna.say("/help")
    await desk.says(anna, "/batch – open a batch")
    gate.set()
    await desk.says(anna, "Anna – 0:02")
