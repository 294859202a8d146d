"""A file too large for the platform is answered with an upload page; what comes back through it is told like a file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.dialogue.intents import AddFile
from bot.dialogue.message import Attachment, BeyondFetchLimitError, LinkButton, Said, Say, ShowStatus
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.limits import MB
from heygem.base.sentences import explain
from heygem.base.settings import Settings
from heygem.links.upload import UploadLinks
from tests.chatting import Chat, Room, probe_words

CLOUD = 20 * MB


@pytest.fixture(autouse=True)
def _probe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.dialogue.files.probe", probe_words)


@pytest.fixture
def room(redis: Redis, settings: Settings) -> Room:
    return Room(redis, settings)


@pytest.fixture
def anna(room: Room) -> Chat:
    return Chat(room)


async def never(path: Path, limit: int) -> None:
    raise AssertionError("nothing is fetched before it is known to be possible")


async def refused(path: Path, limit: int) -> None:
    raise BeyondFetchLimitError


def large(size: int | None = CLOUD + 1, name: str = "speech.mp4") -> Attachment:
    return Attachment(never, name=name, size=size, fetch_limit=CLOUD)


async def tell(
    chat: Chat, message_id: str, attachment: Attachment, text: str = "", batch: str | None = None
) -> list[str]:
    said = Said(chat.person, chat.place, message_id, language="en", batch=batch)
    return await chat.tell(said, AddFile(attachment, text))


async def page_of(chat: Chat, room: Room) -> str:
    """The token of the page that was offered."""
    (url,) = chat.urls()
    assert url.startswith(room.settings.web.base_url + "/u/")
    return url.rpartition("/")[2]


async def test_it_is_answered_at_once_with_a_page_for_a_batch_that_is_open_by_then(anna: Chat, room: Room) -> None:
    said, status = await tell(anna, "1", large())

    assert "“speech.mp4” is too large" in said
    assert "2.0 GB" in said
    assert status == "(status)"
    opened = await UploadLinks(room.redis, room.settings).open(await page_of(anna, room))
    batch = await room.store.collecting(anna.place)
    assert batch is not None
    assert (opened.invitation.batch, opened.invitation.person) == (batch.id, anna.person)


async def test_a_platform_that_refuses_while_fetching_leads_to_the_page_too(anna: Chat, room: Room) -> None:
    await tell(anna, "1", Attachment(refused, name="speech.mp4"))

    assert await page_of(anna, room)


async def test_what_the_platform_hands_out_is_fetched(anna: Chat) -> None:
    async def fetch(path: Path, limit: int) -> None:
        path.write_text("video 4")

    assert await tell(anna, "1", Attachment(fetch, name="a.mp4", size=CLOUD, fetch_limit=CLOUD)) == ["(status)"]


async def test_what_no_page_takes_either_is_refused(anna: Chat, room: Room) -> None:
    (said,) = await tell(anna, "1", large(size=2001 * MB))

    assert said == "“speech.mp4” has 2001 MB; the limit is 2000 MB."
    assert await room.store.collecting(anna.place) is None


async def test_an_album_gets_one_page(anna: Chat) -> None:
    await tell(anna, "1", large(name="a.mp4"))

    assert await tell(anna, "2", large(name="b.mp4")) == [
        "“b.mp4” is too large for this chat as well. The page above takes several files."
    ]
    assert anna.urls() == []


async def test_the_same_update_again_gets_a_page_again(anna: Chat) -> None:
    await tell(anna, "1", large())
    await tell(anna, "1", large())

    assert len(anna.urls()) == 1


async def test_another_meaning_or_another_person_gets_a_page_of_its_own(anna: Chat, room: Room) -> None:
    boris = Chat(room, person=anna.person.model_copy(update={"id": "boris"}))
    await tell(anna, "1", large())
    await tell(anna, "2", large(), text="voice")
    assert len(anna.urls()) == 1
    await tell(boris, "3", large())
    assert len(boris.urls()) == 1


async def test_a_reply_to_a_template_is_kept_as_that_template(anna: Chat, room: Room) -> None:
    await anna.send("video 4", "anna.mp4")
    await anna.tell(Said(anna.person, anna.place, "9", anna.last_id), AddFile(large()))
    batch = await room.store.collecting(anna.place)
    assert batch is not None
    opened = await UploadLinks(room.redis, room.settings).open(await page_of(anna, room))
    assert opened.invitation.item == batch.items[0].id


async def test_a_file_overheard_in_a_group_is_not_answered(room: Room) -> None:
    group = Chat(room)
    said = Said(group.person, group.place, "1", private=False, direct=False)

    assert (await room.dialogue.do(said, AddFile(large()))).replies == ()


async def test_while_a_batch_runs_the_page_belongs_to_the_next_one(anna: Chat, room: Room) -> None:
    await anna.ready()
    await anna.say("/generate")
    note, *_ = await tell(anna, "9", large())

    assert note == "Your last batch is already on its way, so this goes into a new one."


async def test_in_chinese(room: Room) -> None:
    anna = Chat(room)
    said = Said(anna.person, anna.place, "1", language="zh-hans")
    replies = (await room.dialogue.do(said, AddFile(large(name="演讲.mp4")))).replies

    assert isinstance(replies[0], Say)
    assert replies[0].text.startswith("“演讲.mp4”太大")
    assert [type(button) for button in replies[0].buttons] == [LinkButton]
    assert isinstance(replies[1], ShowStatus)


async def test_a_file_for_a_named_batch_goes_there_and_nowhere_else(anna: Chat, room: Room) -> None:
    await anna.ready()
    first = await room.store.collecting(anna.place)
    assert first is not None

    async def fetch(path: Path, limit: int) -> None:
        path.write_text("video 4 large")

    uploaded = Attachment(fetch, name="large.mp4")
    assert await tell(anna, "upload:1", uploaded, batch=first.id) == ["(status)"]
    assert await names(room, first.id) == ["face 1.mp4", "large.mp4"]

    await anna.say("/generate")
    late = Attachment(fetch, name="late.mp4")
    assert await tell(anna, "upload:2", late, batch=first.id) == [explain(ErrorCode.BATCH_STARTED, {}, "en")]
    assert await names(room, first.id) == ["face 1.mp4", "large.mp4"]
    assert await room.store.collecting(anna.place) is None


async def test_a_forgotten_persons_pages_are_closed_and_leave_no_trace(anna: Chat, room: Room) -> None:
    await tell(anna, "1", large())
    token = await page_of(anna, room)
    await anna.say("/forget")
    await anna.press("Yes, forget me")

    with pytest.raises(HeygemError) as error:
        await UploadLinks(room.redis, room.settings).open(token)
    assert error.value.code is ErrorCode.UPLOAD_UNKNOWN
    assert [key async for key in room.redis.scan_iter(match="*upload-link*")] == []


async def test_redis_never_holds_the_token(anna: Chat, room: Room) -> None:
    await tell(anna, "1", large())
    token = await page_of(anna, room)

    reads: dict[str, Any] = {"string": room.redis.get, "hash": room.redis.hgetall, "set": room.redis.smembers}
    found = [key async for key in room.redis.scan_iter()]
    contents = [await reads[kind](key) for key in found if (kind := await room.redis.type(key)) in reads]
    assert len(contents) >= 4
    assert token not in str([found, contents])


async def names(room: Room, batch_id: str) -> Sequence[str]:
    return [item.template.name for item in (await room.store.get(batch_id)).items]
