import asyncio
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape
from pydantic import SecretStr
from starlette.requests import Request
from starlette.types import Message

from bot.previews.thumbnails import Thumbnails
from bot.slots import Slots
from bot.web import download
from bot.web.home.view import home_page
from bot.web.packs import Packs
from bot.web.pages import Pages
from bot.web.view import page
from bot.web.words import WORDS
from heygem.archive.members import members
from heygem.base.sentences import LANGUAGES
from heygem.base.settings import Settings, Web
from heygem.batches.model import Batch, BatchState, ItemState
from heygem.links.download import OpenLink
from heygem.storage.layout import Storage
from tests.archives import batch_of, fail, finish, result


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path)


def opened(batch: Batch, storage: Storage) -> OpenLink:
    return OpenLink("digest", batch.id, 0.0, time.time() + 3600, tuple(members(batch, storage)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_a_word_for_every_state(language: Any) -> None:
    assert set(WORDS[language].states) == set(ItemState)


@pytest.mark.parametrize(
    ("state", "done", "headline"),
    [
        (BatchState.QUEUED, 0, "3 videos wait for their turn"),
        (BatchState.RUNNING, 1, "1 of 3 videos are ready so far"),
        (BatchState.DONE, 2, "2 of 3 videos are ready"),
        (BatchState.DONE, 3, "3 videos are ready"),
        (BatchState.CANCELLED, 1, "1 of 3 videos were ready when it was cancelled"),
    ],
)
def test_the_headline_says_where_the_batch_is(storage: Storage, state: BatchState, done: int, headline: str) -> None:
    batch = batch_of(["a.mp4", "b.mp4", "c.mp4"])
    finish(batch.items[0], storage)
    link = opened(batch, storage)
    batch.items[0] = batch_of(["a.mp4"]).items[0]
    for item in batch.items[:done]:
        finish(item, storage)
    batch.state = state

    assert page(batch, link, 2000).headline == headline


def test_the_first_page_names_the_chats_that_the_bot_is_in(tmp_path: Path) -> None:
    known = Settings(data_dir=tmp_path, telegram_token=SecretStr("1:secret"), slack_bot_token=SecretStr("xoxb-secret"))
    told = shown(known, {"slack": "heygem"})
    assert '<li class="chat">Telegram</li>' in told
    assert '<li class="chat">Slack <bdi>@heygem</bdi></li>' in told
    assert "secret" not in told


def test_a_bot_that_told_its_name_is_linked_to_without_a_token(tmp_path: Path) -> None:
    told = shown(Settings(data_dir=tmp_path), {"telegram": "heygem_test_bot"})
    assert 'href="https://t.me/heygem_test_bot"' in told
    assert "can tell you its name" not in told
    assert "Slack" not in told


@pytest.mark.parametrize("handle", ["x/../y", 'a"b', "a?start=1", "<script>", "ü", "a\n"])
def test_a_name_that_is_none_on_telegram_leads_nowhere(tmp_path: Path, handle: str) -> None:
    told = shown(Settings(data_dir=tmp_path), {"telegram": handle})
    assert "t.me" not in told
    assert f"<bdi>@{escape(handle)}</bdi>" in told


def shown(settings: Settings, handles: dict[str, str]) -> str:
    return bytes(Pages(settings).home(home_page(settings, handles, "en")).body).decode()


def test_a_single_video_is_spoken_of_as_one(storage: Storage) -> None:
    batch = batch_of(["a.mp4"])
    finish(batch.items[0], storage)
    batch.state = BatchState.DONE

    shown = page(batch, opened(batch, storage), 2000)

    assert shown.headline == "Your video is ready"
    assert shown.archive_facts.startswith("1 video · ")


def test_a_large_archive_is_announced_as_large(storage: Storage) -> None:
    batch = batch_of(["a.mp4"])
    finish(batch.items[0], storage)

    assert page(batch, opened(batch, storage), 0).large
    assert not page(batch, opened(batch, storage), 2000).large


def test_what_a_render_reports_stands_on_its_card(storage: Storage) -> None:
    batch = batch_of(["a.mp4"])
    finish(batch.items[0], storage)
    output = batch.items[0].output
    assert output is not None
    found = {"several_faces": True, "transparent": True, "faces_missing": 12, "subtitles_missing": True}
    odd = result().model_copy(update=found)
    batch.items[0].output = output.model_copy(update={"result": odd})

    (card,) = page(batch, opened(batch, storage), 2000).videos

    assert card.notes == (
        "Several faces: the largest one speaks.",
        "The template is transparent in places: those are white.",
        "The original picture stays for 12 of 105 frames where no face could be driven.",
        "No subtitles: the words are not known.",
    )


def test_failed_and_cancelled_items_are_listed_apart(storage: Storage) -> None:
    batch = batch_of(["a.mp4", "b.mp4", "c.mp4"])
    finish(batch.items[0], storage)
    fail(batch.items[1])
    batch.items[2].state = ItemState.CANCELLED

    shown = page(batch, opened(batch, storage), 2000)

    assert [card.number for card in shown.videos] == [1]
    assert [(card.number, card.sentence or card.label) for card in shown.failures] == [
        (2, "No face was found in “b.mp4”. Please use a video that shows the speaker's face."),
        (3, "cancelled"),
    ]


async def test_a_client_that_takes_nothing_any_more_loses_its_slot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "_STALLED_S", 0.05)
    video = tmp_path / "video.mp4"
    video.write_bytes(bytes(5_000_000))
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "asgi": {"spec_version": "2.3"}}
    slots = Slots(1)
    stuck = download.answer(Request(scope), download.FileSource(video, 5_000_000, '"tag"'), {}, slots, "link")

    async def silent() -> Message:
        return await asyncio.Future()

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Future()

    async with asyncio.timeout(5):
        await stuck(scope, silent, send)

    slots.take("link")


def test_a_disposition_has_a_plain_name_and_the_real_one() -> None:
    assert download.disposition('a"b\\名\r\n%41.mp4', attachment=True) == (
        "attachment; filename=\"a_b_____41.mp4\"; filename*=UTF-8''a%22b%5C%E5%90%8D%0D%0A%2541.mp4"
    )


def accelerating(tmp_path: Path, packs: int = 2) -> Settings:
    return Settings(data_dir=tmp_path, web=Web(nginx=True, accel_above_mb=0, simultaneous_packs=packs))


async def until_packed(packs: Packs, link: OpenLink) -> Path:
    for _ in range(1000):
        if path := packs.ready(link):
            return path
        await asyncio.sleep(0.01)
    raise AssertionError("no pack was made")


async def test_a_pack_has_the_very_bytes_of_the_stream(tmp_path: Path, storage: Storage) -> None:
    batch = batch_of(["a.mp4"])
    finish(batch.items[0], storage)
    link, packs = opened(batch, storage), Packs(accelerating(tmp_path))

    assert packs.ready(link) is None
    path = await until_packed(packs, link)

    assert path.read_bytes() == b"".join(link.plan.read())
    await packs.stop()


async def test_no_more_packs_are_made_at_once_than_allowed(tmp_path: Path, storage: Storage) -> None:
    links = []
    for batch_id in ("firstbatch", "otherbatch"):
        batch = batch_of(["a.mp4"], batch_id=batch_id)
        finish(batch.items[0], storage)
        links.append(opened(batch, storage))
    packs = Packs(accelerating(tmp_path, packs=1))

    assert packs.ready(links[0]) is None
    assert packs.ready(links[1]) is None
    await until_packed(packs, links[0])

    assert len(list(tmp_path.glob("owners/*/results/*/*.zip"))) == 1
    await packs.stop()


async def test_a_pack_that_cannot_be_made_costs_nobody_the_stream(tmp_path: Path, storage: Storage) -> None:
    batch = batch_of(["a.mp4"])
    video = finish(batch.items[0], storage)
    link, packs = opened(batch, storage), Packs(accelerating(tmp_path))
    video.unlink()

    assert packs.ready(link) is None
    await packs.stop()

    assert [path.suffix for path in video.parent.iterdir()] == []


async def test_old_packs_and_half_written_files_are_removed_and_nothing_else(tmp_path: Path, storage: Storage) -> None:
    batch = batch_of(["a.mp4"])
    video = finish(batch.items[0], storage)
    old, young = video.with_name("old.zip"), video.with_name("young.zip")
    half = video.with_name(".0123.partial")
    for path in (old, young, half):
        path.write_bytes(b"x")
    for path in (old, half, video):
        os.utime(path, (0, 0))

    tidying = asyncio.create_task(Packs(accelerating(tmp_path)).keep_tidy())
    for _ in range(1000):
        if not old.exists() and not half.exists():
            break
        await asyncio.sleep(0.01)
    tidying.cancel()

    assert sorted(path.name for path in video.parent.iterdir()) == sorted([video.name, "young.zip"])


async def test_a_file_that_is_no_video_gets_no_thumbnail_and_is_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(5000))
    thumbnails = Thumbnails()

    assert await thumbnails.of(broken, tmp_path / "broken.jpg") is None
    monkeypatch.setattr(asyncio, "create_subprocess_exec", None)  # a second child would be a TypeError
    assert await thumbnails.of(broken, tmp_path / "broken.jpg") is None
    assert [path.name for path in tmp_path.iterdir()] == ["broken.mp4"]


def test_the_link_of_an_open_archive_keeps_its_plan(storage: Storage) -> None:
    batch = batch_of(["a.mp4"])
    finish(batch.items[0], storage)
    link = opened(batch, storage)

    assert link.plan is link.plan
    assert replace(link, created=1_795_000_000.0).file_name == "heygem_batch_export_20261118_110640.zip"
