"""Writing pieces, and handing a whole file over, through the trouble that a server can't be made to have."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.dialogue.intents import Intent
from bot.dialogue.message import Answer, Said, Say
from bot.dialogue.text import Counted
from bot.slots import Slot, Slots
from bot.web.upload import writers
from bot.web.upload.handover import Handover
from bot.web.upload.words import WORDS
from bot.web.upload.writers import Writers, append
from heygem.base.errors import ErrorCode, HeygemError
from heygem.base.sentences import LANGUAGES
from heygem.base.settings import Settings
from heygem.links.arrivals import Arrival, Arrivals, ArrivalState
from heygem.links.upload import Invitation
from heygem.storage.layout import Storage
from tests.chatting import Chat, Room, probe_words
from tests.factories import ANNA, place
from tests.uploading import until

FULL = Path("/dev/full")


async def blocks(*content: bytes) -> AsyncIterator[bytes]:
    for block in content:
        yield block


async def silence() -> AsyncIterator[bytes]:
    yield b"first"
    await asyncio.sleep(3600)


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
async def test_a_full_disk_is_told_as_that() -> None:
    with pytest.raises(HeygemError) as error:
        await append(FULL, blocks(b"x"), 0, 10, taken())
    assert error.value.code is ErrorCode.DISK_FULL


async def test_a_connection_that_goes_silent_gives_up_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "_STALLED_S", 0.01)

    await append(tmp_path / "a", silence(), 0, 10, taken())

    assert (tmp_path / "a").read_bytes() == b"first"


async def test_two_processes_never_write_to_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    first = asyncio.create_task(append(path, silence(), 0, 100, taken()))
    await until(lambda: _has(path, b"first"))

    with pytest.raises(HeygemError) as error:  # nothing of this process knows of the first
        await append(path, blocks(b"second"), 5, 100, taken())
    assert error.value.params == {"offset": 5}

    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await append(path, blocks(b"second"), 5, 100, taken())
    assert path.read_bytes() == b"firstsecond"


async def test_many_who_go_on_with_one_file_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(*arguments: Any) -> None:
        write_all(*arguments)
        time.sleep(0.1)

    write_all = writers._write_all
    monkeypatch.setattr(writers, "_write_all", slowly)
    path, there = tmp_path / "a", Writers()
    first = asyncio.create_task(there.write(path, lambda: append(path, silence(), 0, 100, taken())))
    await until(lambda: _has(path, b"first"))
    later = [asyncio.create_task(there.write(path, lambda: append(path, silence(), 5, 100, taken()))) for _ in range(5)]
    await asyncio.gather(first, *later[:-1])
    await until(lambda: _has(path, b"firstfirst"))

    assert not later[-1].done()
    later[-1].cancel()
    await asyncio.gather(later[-1], return_exceptions=True)


@pytest.mark.parametrize(
    "code", [ErrorCode.QUEUE_UNREACHABLE, ErrorCode.DISK_FULL, ErrorCode.NO_ACCESS, ErrorCode.INTERNAL]
)
async def test_a_whole_file_waits_for_what_passes(
    redis: Redis, settings: Settings, monkeypatch: pytest.MonkeyPatch, code: ErrorCode
) -> None:
    monkeypatch.setattr("bot.dialogue.files.probe", probe_words)
    room, arrivals = Room(redis, settings), Arrivals(redis)
    batch = await room.store.open(ANNA, place(), "en")
    invitation = Invitation(batch=batch.id, person=ANNA, language="zh")
    arrival = Arrival.new(invitation.purpose, "a.mp4", 7, 0)
    path = Storage(settings.data_dir).partial(batch.id, arrival.id)
    path.parent.mkdir(parents=True)
    path.write_text("video 4")
    await arrivals.keep(batch.id, arrival)
    do, told = room.dialogue.do, asyncio.Event()

    async def away(said: Said, intent: Intent) -> Answer:
        told.set()
        return Answer((Say("whatever is said of it"),), HeygemError(code))

    handover = Handover(room.dialogue, room.store, arrivals)
    monkeypatch.setattr(room.dialogue, "do", away)
    for _ in range(2):
        told.clear()
        handover.start(invitation, arrival, path)
        await told.wait()
        await until(lambda: _idle(handover))
    assert path.exists()
    assert (await arrivals.get(batch.id, arrival.id)).arriving

    monkeypatch.setattr(room.dialogue, "do", do)
    handover.start(invitation, arrival, path)
    await until(lambda: _idle(handover))
    assert (await arrivals.get(batch.id, arrival.id)).state is ArrivalState.ADDED
    assert not path.exists()
    assert [item.template.name for item in (await room.store.get(batch.id)).items] == ["a.mp4"]
    await handover.stop()


async def test_a_group_that_moved_keeps_its_upload_pages(
    redis: Redis, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.dialogue.files.probe", probe_words)
    room, arrivals = Room(redis, settings), Arrivals(redis)
    batch = await room.store.open(ANNA, place("group"), "en")
    invitation = Invitation(batch=batch.id, person=ANNA, language="en")
    await room.store.move_place(place("group"), place("supergroup"))
    arrival = Arrival.new(invitation.purpose, "a.mp4", 7, 0)
    path = Storage(settings.data_dir).partial(batch.id, arrival.id)
    path.parent.mkdir(parents=True)
    path.write_text("video 4")

    handover = Handover(room.dialogue, room.store, arrivals)
    handover.start(invitation, arrival, path)
    await until(lambda: _added(arrivals, batch.id, arrival))
    await handover.stop()


async def test_a_voice_asked_for_by_button_may_come_through_the_page(
    redis: Redis, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is only another way for a file to come; what was asked for in the chat holds."""
    monkeypatch.setattr("bot.dialogue.files.probe", probe_words)
    room, arrivals = Room(redis, settings), Arrivals(redis)
    anna = Chat(room)
    await anna.send("video 4", "face.mp4")
    batch = await room.store.collecting(anna.place)
    assert batch is not None
    await anna.press_data(f"own:{batch.id}:{batch.items[0].id}")
    invitation = Invitation(batch=batch.id, person=anna.person, language="en")
    arrival = Arrival.new(invitation.purpose, "long.wav", 7, 0)
    path = Storage(settings.data_dir).partial(batch.id, arrival.id)
    path.write_text("voice 4")

    handover = Handover(room.dialogue, room.store, arrivals)
    handover.start(invitation, arrival, path)
    await until(lambda: _added(arrivals, batch.id, arrival))
    await handover.stop()

    assert (await arrivals.get(batch.id, arrival.id)).sentence == "Got it: number 1, “face.mp4”, speaks “long.wav”."


def test_the_page_says_the_same_in_every_language() -> None:
    english = vars(WORDS["en"])
    for language in LANGUAGES:
        for name, said in vars(WORDS[language]).items():
            assert said, name
            assert _placeholders(said) == _placeholders(english[name]), name


def _placeholders(said: "str | Counted") -> set[str]:
    pattern = said if isinstance(said, str) else said.many
    return {part.partition("}")[0] for part in pattern.split("{")[1:]}


def taken() -> Slot:
    return Slots(1).take("link")


async def _idle(handover: Handover) -> bool:
    return not handover.busy


async def _has(path: Path, content: bytes) -> bool:
    return path.exists() and path.read_bytes() == content


async def _added(arrivals: Arrivals, batch_id: str, arrival: Arrival) -> bool:
    try:
        return (await arrivals.get(batch_id, arrival.id)).state is ArrivalState.ADDED
    except HeygemError:
        return False
