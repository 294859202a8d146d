"""A first look at templates while they are collected, with real clips and the child process that looks."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from redis.asyncio import Redis

from bot.api.view import item_shown
from bot.chat.assembly import assembled, open_bot
from bot.dialogue.estimate import Queue
from bot.dialogue.status import render_status
from bot.previews import looks, thumbnails
from bot.previews.child import asked
from heygem.base.settings import Settings
from heygem.batches.model import Batch
from heygem.face.look import first_look
from heygem.storage.layout import Storage
from tests.chatting import Chat, Room
from tests.faces import face, handheld, nothing, rolled, write_clip
from tests.factories import ANNA, media_file
from tests.patience import PATIENCE_SECONDS


@pytest.fixture
async def chat(redis: Redis, settings: Settings) -> AsyncIterator[Chat]:
    room, bot = Room(redis, settings), assembled(redis, settings)
    room.dialogue = bot.dialogue
    yield Chat(room)
    await bot.looks.stop()


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("clips")
    write_clip(folder / "anna.mp4", handheld(12, 256, 1.4))
    write_clip(folder / "wall.mp4", [nothing(256)] * 12)
    write_clip(folder / "couple.mp4", [np.concatenate([face(256, 1.3), face(256, 1.1)], axis=1)] * 12)
    return {path.name: path for path in folder.iterdir()}


async def collected(chat: Chat, seen: Callable[[Batch], bool]) -> Batch:
    """The collecting batch, as soon as what was seen is on its record."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (batch := await chat.room.store.collecting(chat.place)) is None or not seen(batch):  # noqa: ASYNC110 (Redis)
            await asyncio.sleep(0.05)
    return batch


def looked_at(batch: Batch) -> bool:
    return all(item.faces is not None for item in batch.items)


async def test_nobody_and_several_people_are_told_at_their_templates_and_refuse_nothing(
    chat: Chat, clips: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    await chat.send_file(clips["wall.mp4"])
    await chat.say("/remove 1")  # it is looked at just now, and stays out
    for name in ("anna.mp4", "couple.mp4", "wall.mp4"):
        await chat.send_file(clips[name])
    batch = await collected(chat, looked_at)
    rows = {row.name: row.text for row in render_status(batch, Queue()).rows}
    assert rows["anna.mp4"].endswith("anna.mp4 – 0:01")
    assert rows["couple.mp4"].endswith("⚠️ several people: the largest face speaks")
    assert rows["wall.mp4"].endswith("⚠️ no face seen at a first look")
    assert [item_shown(item, "en").warning for item in batch.items] == [None, "several_faces", "no_face"]

    monkeypatch.setattr(looks, "asked", None)  # a second look at the same file would be a TypeError
    await chat.say("/cancel")
    await chat.send_file(clips["wall.mp4"])
    (item,) = (await collected(chat, looked_at)).items
    assert item.faces == 0


async def test_where_nobody_can_look_nothing_is_said(
    chat: Chat, clips: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: str) -> None:
        looked.set()

    looked = asyncio.Event()
    monkeypatch.setattr(looks, "asked", broken)
    await chat.send_file(clips["wall.mp4"])
    async with asyncio.timeout(PATIENCE_SECONDS):
        await looked.wait()
    (item,) = (await collected(chat, lambda _: True)).items
    assert item.faces is None


def test_who_comes_later_or_stands_on_their_head_is_somebody_and_a_plain_picture_nobody(
    tmp_path: Path,
) -> None:
    late = write_clip(tmp_path / "late.mp4", [*[nothing(256)] * 40, *handheld(40, 256, 1.4)])
    upside_down = write_clip(tmp_path / "turned.mp4", [rolled(face(256, 1.4), 180)] * 5)
    Image.fromarray(nothing(256)).save(tmp_path / "plain.png")
    assert [first_look(path) for path in (late, upside_down, tmp_path / "plain.png")] == [1, 1, 0]


async def test_what_makes_pictures_ends_with_the_bot(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def asked(*_: str) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    monkeypatch.setattr(thumbnails, "asked", asked)
    async with open_bot(settings) as bot:
        file = media_file(Storage(settings.data_dir), ANNA, "face.mp4")
        showing = asyncio.create_task(bot.sheets.thumbnail(file))
        await asyncio.wait_for(begun.wait(), PATIENCE_SECONDS)
    assert ended.is_set()
    await asyncio.wait([showing])


async def test_who_is_told_to_end_more_than_once_sees_the_child_off_first(monkeypatch: pytest.MonkeyPatch) -> None:
    begin, children = asyncio.create_subprocess_exec, list[asyncio.subprocess.Process]()

    async def begun(*arguments: Any, **more: Any) -> asyncio.subprocess.Process:
        children.append(await begin(*arguments, **more))
        return children[0]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", begun)
    task = asyncio.create_task(asked("timeit", "-n1", "-r1", "import time; time.sleep(600)"))
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not children:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await asyncio.sleep(0)
        for _ in range(2):
            task.cancel()
            await asyncio.sleep(0)
        await asyncio.wait([task])
    assert task.cancelled()
    assert children[0].returncode == -9
